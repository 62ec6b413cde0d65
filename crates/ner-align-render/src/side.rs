//! Entities of one side as they are drawn: with their offsets, the number of their label and what
//! became of them.

use std::collections::BTreeMap;

use ner_align_core::{ByteSpan, Document, Label, WordSpan};
use ner_align_metrics::analysis::Outcome;

/// What became of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mark {
    /// There is nothing to compare with.
    #[default]
    Plain,
    Correct,
    /// Wrong, and the place in the list of errors.
    Wrong(Outcome, usize),
    /// It touches a word without gold annotation.
    Unscored,
}

/// An entity to draw.
#[derive(Debug, Clone)]
pub(crate) struct Drawn<'a> {
    pub(crate) words: WordSpan,
    pub(crate) bytes: ByteSpan,
    /// Half-open, in code points of the document.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) label: &'a Label,
    pub(crate) score: Option<f32>,
    /// The place of the label in the sorted labels of the page.
    pub(crate) colour: usize,
    pub(crate) mark: Mark,
}

/// All labels, sorted by code point, with the number of entities of each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Labels<'a> {
    counts: BTreeMap<&'a Label, usize>,
    order: BTreeMap<&'a Label, usize>,
}

impl<'a> Labels<'a> {
    pub(crate) fn of(documents: impl Iterator<Item = &'a Document>) -> Self {
        let mut counts = BTreeMap::new();
        for document in documents {
            for entity in document.entities() {
                *counts.entry(&entity.label).or_default() += 1;
            }
            for span in document.unaligned() {
                counts.entry(&span.label).or_default();
            }
        }
        let order = counts.keys().enumerate().map(|(index, label)| (*label, index)).collect();
        Self { counts, order }
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&'a Label, usize)> {
        self.counts.iter().map(|(label, count)| (*label, *count))
    }

    /// The place of a label.
    pub(crate) fn place(&self, label: &Label) -> usize {
        self.order.get(label).copied().unwrap_or(0)
    }
}

/// The entities of a document in order, with `marks` in the same order; those without are plain.
pub(crate) fn drawn<'a>(
    document: &'a Document,
    labels: &Labels<'_>,
    marks: &[Mark],
) -> Vec<Drawn<'a>> {
    let draw = |(index, mention): (usize, ner_align_core::Mention<'a>)| Drawn {
        words: mention.words,
        bytes: mention.bytes,
        start: mention.start,
        end: mention.end,
        label: mention.label,
        score: mention.score.map(ner_align_core::Score::get),
        colour: labels.place(mention.label),
        mark: marks.get(index).copied().unwrap_or_default(),
    };
    document.mentions().enumerate().map(draw).collect()
}
