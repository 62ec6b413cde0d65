//! Scores of words to classes.

mod argmax;
mod classes;
mod constrained;
mod favouring;
mod span_scorer;

pub use argmax::Argmax;
pub use constrained::Constrained;
pub use favouring::Favouring;
pub use span_scorer::{SpanLattice, SpanScorer};

use ndarray::ArrayView1;
use ner_align_core::{LabelSet, Tag};

/// True for a word that the model did not see.
fn is_unseen(row: ArrayView1<'_, f32>) -> bool {
    row.iter().all(|score| score.is_nan())
}

/// The classes that a word can have: `X` belongs to continuation subtokens, and "missing" is said
/// by annotators, never by models.
fn word_classes(labels: &LabelSet) -> Vec<usize> {
    let is_of_words = |id: &usize| labels.tag(*id).is_some_and(|tag| *tag != Tag::Missing);
    (0..labels.len()).filter(is_of_words).collect()
}

/// The class of words that the model did not see: `O`, or without one the first class that a word
/// can have.
fn unseen_class(labels: &LabelSet) -> usize {
    labels.id(&Tag::Outside).or_else(|| word_classes(labels).first().copied()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
