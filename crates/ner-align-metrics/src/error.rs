//! What can be wrong with what is to be scored.

use ner_align_core::Entity;
use thiserror::Error;

/// Input that cannot be scored. Nothing of it was counted.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum MetricsError {
    /// Gold and predicted annotation do not speak of the same words.
    #[error(
        "sentence {sentence}: {gold} gold tags, {predicted} predicted; there must be one of each a word"
    )]
    LengthMismatch {
        /// Number of sentences that were counted before this one.
        sentence: u64,
        /// Number of gold tags.
        gold: usize,
        /// Number of predicted tags.
        predicted: usize,
    },
    /// An entity is empty, reversed, or reaches past the last word.
    #[error("sentence {sentence}: entity {} over words {}..{} does not fit {words} words",
        entity.label, entity.span.start, entity.span.end)]
    EntityOutOfRange {
        /// Number of sentences that were counted before this one.
        sentence: u64,
        /// The entity.
        entity: Entity,
        /// Number of words.
        words: usize,
    },
    /// A class id that has no name.
    #[error("position {position}: class {found}, expected one of 0..{classes}")]
    UnknownClass {
        /// Index into the flattened input.
        position: usize,
        /// The id found.
        found: i64,
        /// Number of classes.
        classes: usize,
    },
    /// A name that is no row of the matrix.
    #[error("{found:?} is none of the matrix's labels")]
    UnknownLabel {
        /// The name.
        found: String,
    },
    /// Arrays whose shapes do not belong together.
    #[error("{what}: expected shape {expected:?}, found {found:?}")]
    Shape {
        /// Which array.
        what: &'static str,
        /// The shape that the others ask for.
        expected: Vec<usize>,
        /// The shape it has.
        found: Vec<usize>,
    },
    /// A mask with something else than 0 and 1 in it.
    #[error("mask at position {position}: expected 0 or 1, found {found}")]
    Mask {
        /// Index into the flattened mask.
        position: usize,
        /// The value found.
        found: i64,
    },
    /// Two systems that were not scored on the same gold annotation.
    #[error("unit {unit}: {first} gold entities for the first system, {second} for the second")]
    DifferentGold {
        /// Index of the sentence or document.
        unit: usize,
        /// Gold entities (words, for the relaxed measure) of the first system.
        first: u64,
        /// Those of the second.
        second: u64,
    },
    /// A matrix that no picture can show.
    #[error("picture of a confusion matrix: {reason}")]
    Picture {
        /// What was expected, and what is.
        reason: String,
    },
    /// An option out of its range.
    #[error("{option}: expected {expected}, found {found}")]
    Option {
        /// The option's name.
        option: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: f64,
    },
}
