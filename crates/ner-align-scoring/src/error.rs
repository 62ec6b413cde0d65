//! Why two corpora cannot be scored.

use std::path::PathBuf;

use ner_align_core::SchemeError;
use ner_align_corpus::{CorpusError, ErrorKind};
use ner_align_metrics::MetricsError;
use thiserror::Error;

/// Errors of scoring, each with its place.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ScoringError {
    /// An input cannot be read, or an output cannot be written.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// An option is out of its range, or scores cannot be shown.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// Gold and predicted inputs have different words.
    #[error("{place}: expected {expected} as at {gold_place}, found {found}")]
    Words {
        /// The name of the predicted input, and the line where it is known.
        place: String,
        /// The same of the gold input.
        gold_place: String,
        /// The gold word in quotes, or the end of its sentence.
        expected: String,
        /// The predicted one.
        found: String,
    },
    /// One input has more sentences than another.
    #[error("{place}: expected as many sentences as in {other}, found one more here")]
    SentenceCount {
        /// The name of the longer input, and the line of the sentence where it is known.
        place: String,
        /// The name of the shorter input.
        other: String,
    },
    /// Entities that cannot be written as tags: they overlap, or cross the end of a sentence.
    #[error("{place}: expected entities that tags can express, found {source}")]
    Annotation {
        /// The name of the input, and the line of the sentence where it is known.
        place: String,
        /// Why not.
        source: SchemeError,
    },
    /// More than one input is standard input.
    #[error("expected one corpus on standard input, found two")]
    StandardInput,
    /// The name of a picture that says no known kind.
    #[error("expected a name that ends in .svg or .png, found {:?}", path.display().to_string())]
    PictureName {
        /// The name.
        path: PathBuf,
    },
    /// A thread that reads an input ended early.
    #[error("{name}: expected a thread that reads it, found none")]
    Thread {
        /// The name of the input.
        name: String,
    },
}

impl ScoringError {
    /// Who is at fault.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Corpus(error) => error.kind(),
            Self::Metrics(
                MetricsError::Option { .. }
                | MetricsError::FloorSyntax { .. }
                | MetricsError::UnknownMeasure { .. },
            )
            | Self::StandardInput
            | Self::PictureName { .. } => ErrorKind::Usage,
            Self::Thread { .. } => ErrorKind::Environment,
            _ => ErrorKind::Input,
        }
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Corpus(error) => error.hint(),
            Self::Metrics(error) => error.hint(),
            Self::Words { .. } => {
                Some("gold and predicted files must hold the same words in the same order")
            }
            Self::SentenceCount { .. } => {
                Some("gold and predicted files must hold the same sentences in the same order")
            }
            Self::StandardInput => {
                Some("one column file can hold gold and predicted tags, and be read from there")
            }
            _ => None,
        }
    }
}
