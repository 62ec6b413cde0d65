//! What both of spaCy's formats refuse.

use ner_align_core::Document;

use super::Layout;
use crate::formats::outgoing::Destination;
use crate::{CorpusError, Unwritable};

/// Refuses a document with spans that cover no whole words.
pub(crate) fn check_aligned(
    document: &Document,
    destination: &Destination,
) -> Result<(), CorpusError> {
    document.unaligned().first().map_or(Ok(()), |span| {
        let found = format!("{} {}", span.reason, span.label);
        Err(destination
            .refuse("misaligned", "spans of whole words", found)
            .with_hint("choose a policy with `on_misaligned`"))
    })
}

/// Refuses a document with empty words, unless they are to be replaced.
pub(crate) fn check_words(
    layout: &Layout<'_>,
    policy: Unwritable,
    destination: &Destination,
) -> Result<(), CorpusError> {
    let empty = layout.tokens.iter().position(|token| token.text.is_empty());
    empty.filter(|_| policy == Unwritable::Error).map_or(Ok(()), |word| {
        Err(destination
            .refuse(
                "unwritable-word",
                "words of one character or more",
                format_args!("none for word {word}"),
            )
            .with_hint(
                "spaCy opens no empty words; write U+FFFD for them with `unwritable: replace`",
            ))
    })
}
