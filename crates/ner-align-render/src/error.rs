//! Why two annotations cannot be shown beside each other.

use ner_align_core::{DocumentError, ErrorKind};
use ner_align_metrics::MetricsError;
use thiserror::Error;

/// Errors of rendering. Documents and words count from 1 in messages.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum RenderError {
    /// Gold and predicted documents have different words.
    #[error(
        "gold document {document}, word {word}: expected {expected} in the predicted documents, found {found}"
    )]
    Words {
        /// The gold document, from 1.
        document: usize,
        /// The word within it, from 1.
        word: usize,
        /// The gold word in quotes, or the end.
        expected: String,
        /// The predicted one.
        found: String,
    },
    /// A prediction begins in one gold document and ends in another.
    #[error(
        "gold document {document}: expected predictions within it, found one of {label} that ends behind it"
    )]
    CrossesDocument {
        /// The gold document, from 1.
        document: usize,
        /// The type of the prediction.
        label: String,
    },
    /// Predictions do not fit the gold document.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Entities cannot be compared.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
}

impl RenderError {
    /// Who is at fault.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::Input
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Words { .. } => {
                Some("gold and predicted files must hold the same words in the same order")
            }
            Self::CrossesDocument { .. } => {
                Some("gold and predicted files must have the same documents")
            }
            Self::Document(error) => error.hint(),
            Self::Metrics(error) => error.hint(),
        }
    }
}
