//! How long a label may be.

use ner_align_core::{Document, Label};

use crate::CorpusError;
use crate::text::shorten;

/// Bytes of a label, at most. A longer one is a wrong column or field, and everything that says a label would be as
/// long.
const MAX_LABEL: usize = 1024;

/// The first word of the first entity whose label is too long, 0 for a span without words, and that label.
pub(crate) fn overlong_label(document: &Document) -> Option<(usize, &Label)> {
    let entities = document.entities().iter().map(|entity| (entity.span.start, &entity.label));
    let others = document.unaligned().iter().map(|span| (0, &span.label));
    entities.chain(others).find(|(_, label)| label.as_str().len() > MAX_LABEL)
}

/// The error of such a label, without its place.
pub(crate) fn label_too_long(label: &Label) -> CorpusError {
    let expected = format!("labels of at most {MAX_LABEL} bytes");
    let (label, length) = (label.as_str(), label.as_str().len());
    let found = format!("one of {length} bytes that starts {:?}", shorten(label));
    CorpusError::input("label-too-long", expected, found)
        .with_hint("see whether the right column or field was read as the label")
}
