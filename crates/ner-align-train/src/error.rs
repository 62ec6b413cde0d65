//! What can stop a training run.

use std::path::PathBuf;

use ner_align_core::BoxError;
use ner_align_metrics::MetricsError;
use thiserror::Error;

use crate::config::ConfigError;

/// Errors of the training loop.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A knob outside its range.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is nothing to learn from.
    #[error("expected labelled sentences in the training data, found none")]
    NoTrainingData,
    /// Words are to be hidden, but behind what?
    #[error("mask_words: expected a tokenizer with a mask token, found none; 0 hides no words")]
    NoMask,
    /// A loss or its gradient is no number any more.
    #[error(
        "training diverged: {number}{}; {}",
        sentences.as_ref().map_or_else(String::new, |found| format!("; the batch held {found}")),
        checkpoint.as_ref().map_or_else(
            || "no good checkpoint was written before".to_owned(),
            |path| format!("the last good checkpoint is {}", path.display())
        )
    )]
    Diverged {
        /// What is no number, of which step, and what it is.
        number: String,
        /// Documents and sentences of the batch; `None` for a loss on the development data.
        sentences: Option<String>,
        /// The newest checkpoint whose weights had a finite loss.
        checkpoint: Option<PathBuf>,
    },
    /// A run cannot be taken up again.
    #[error("{}: expected {expected}, found {found}", path.display())]
    Resume {
        /// The folder or file.
        path: PathBuf,
        /// What should be there.
        expected: String,
        /// What is.
        found: String,
    },
    /// A checkpoint whose state cannot be read.
    #[error("{}: expected the state of a run, found {found}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is there.
        found: String,
    },
    /// The model reported an error.
    #[error(transparent)]
    Model(BoxError),
    /// Gold and predicted words do not match: a fault of a model or a decoder.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// Data, model and decoder do not belong together.
    #[error("{place}: expected {expected}, found {found}")]
    Mismatch {
        /// The part of the data, and the window or sentence in it.
        place: String,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// What was to be written has no form in JSON.
    #[error("{what}: cannot be written as JSON: {source}")]
    Serialize {
        /// The file.
        what: String,
        /// Why not.
        source: serde_json::Error,
    },
    /// A file cannot be written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl TrainError {
    /// What to do about it, where that is known.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Diverged { .. } => {
                Some("a lower learning_rate or more warmup_steps usually helps")
            }
            Self::Damaged { .. } => Some("remove that checkpoint to continue from the one before"),
            Self::Resume { .. } => Some(
                "resume with the settings and data of the run before, or start a new run without \
                 resuming",
            ),
            Self::Mismatch { .. } => {
                Some("make the data set for the classes of the model, or the model for its classes")
            }
            _ => None,
        }
    }

    pub(crate) fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    /// Wraps a backend's error.
    pub fn model(error: impl Into<BoxError>) -> Self {
        Self::Model(error.into())
    }
}
