//! Why something cannot be scored.

use ner_align_core::{Entity, TagError};
use thiserror::Error;

/// Input that cannot be scored. Nothing of it was counted.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum MetricsError {
    /// Gold and predicted annotation are not of the same words.
    #[error("sentence {sentence}: expected {gold} predicted tags as in gold, found {predicted}")]
    LengthMismatch {
        /// Number of sentences that were counted before this one.
        sentence: u64,
        /// Number of gold tags.
        gold: usize,
        /// Number of predicted tags.
        predicted: usize,
    },
    /// Gold and predicted annotation have different numbers of sentences.
    #[error("expected {gold} predicted sentences as in gold, found {predicted}")]
    SentenceCount {
        /// Number of gold sentences.
        gold: usize,
        /// Number of predicted sentences.
        predicted: usize,
    },
    /// A text that is not a tag.
    #[error(
        "{side} sentence {sentence}, word {word}: expected a tag such as O or B-PER, found {found:?}"
    )]
    Tag {
        /// `gold` or `predicted`.
        side: &'static str,
        /// Index of the sentence.
        sentence: usize,
        /// Index of the word within the sentence.
        word: usize,
        /// The text.
        found: String,
        /// What is wrong with it.
        source: TagError,
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
    /// A name that the matrix has no label for.
    #[error("expected one of the matrix's labels, found {found:?}")]
    UnknownLabel {
        /// The name.
        found: String,
    },
    /// Arrays whose shapes do not match.
    #[error("{what}: expected shape {expected:?}, found {found:?}")]
    Shape {
        /// Which array.
        what: &'static str,
        /// The shape that the others ask for.
        expected: Vec<usize>,
        /// The shape it has.
        found: Vec<usize>,
    },
    /// A mask with another value than 0 and 1.
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
    /// A matrix that cannot be drawn.
    #[error("picture of a confusion matrix: {reason}")]
    Picture {
        /// What was expected, and what is.
        reason: String,
    },
    /// Resampling of sentences that the scorer did not record.
    #[error("expected the counts of each sentence, found a scorer that recorded none or not all")]
    UnitsNotRecorded,
    /// Scores that cannot be written as JSON.
    #[error("scores cannot be written as JSON: {reason}")]
    Serialise {
        /// Why not.
        reason: String,
    },
    /// A text that is not a floor.
    #[error("expected MEASURE=X, found {found:?}")]
    FloorSyntax {
        /// The text.
        found: String,
    },
    /// A name that is not a score.
    #[error("expected a measure such as strict or strict.PER, found {found:?}")]
    UnknownMeasure {
        /// The name.
        found: String,
    },
    /// A score that is lower than it may be.
    #[error("{measure}: expected {floor} or more, found {found}")]
    BelowFloor {
        /// The measure.
        measure: String,
        /// The least value allowed.
        floor: f64,
        /// The score, with four digits after the point.
        found: String,
    },
    /// No learning curve can be fitted.
    #[error("learning curve: expected {expected}, found {found}")]
    Runs {
        /// What a curve can be fitted to.
        expected: String,
        /// What there is.
        found: String,
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

impl MetricsError {
    /// What to do about it, where that is known.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::LengthMismatch { .. } => Some("give one tag for each word on both sides"),
            Self::SentenceCount { .. } => Some("give the same sentences in the same order"),
            Self::Tag { .. } => Some("spell a word without annotation as -"),
            Self::UnitsNotRecorded => {
                Some("call recording_units on the scorer before the first sentence")
            }
            Self::DifferentGold { .. } => Some("score both systems on the same gold sentences"),
            Self::Picture { .. } => Some("an SVG picture has no such limit"),
            Self::FloorSyntax { .. } | Self::UnknownMeasure { .. } => {
                Some("for example strict=0.8, strict.PER=0.7 or token_accuracy=0.95")
            }
            _ => None,
        }
    }
}
