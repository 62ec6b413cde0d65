//! What can stop a training run, an evaluation or a prediction.

use std::path::PathBuf;

use ner_align_core::{BoxError, ErrorKind};
use ner_align_metrics::MetricsError;
use thiserror::Error;

/// A setting outside its range.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{name}: expected {expected}, found {found}")]
#[non_exhaustive]
pub struct ConfigError {
    /// The setting.
    pub name: &'static str,
    /// Its range.
    pub expected: &'static str,
    /// The value given.
    pub found: String,
}

/// Errors of the training loop, of [`crate::evaluate()`] and of [`crate::predict()`].
///
/// [`TrainError::Model`] and [`TrainError::Callback`] give the error of the backend or of the
/// callback as their [`source`](std::error::Error::source), which can be downcast.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A setting outside its range.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The training data has no label to learn from.
    #[error("expected labelled sentences in the training data, found none")]
    NoTrainingData,
    /// Words are to be hidden in training, but the tokenizer has no mask token.
    #[error("mask_words: expected a tokenizer with a mask token, found none")]
    NoMask,
    /// Model, data and decoder do not belong together, or one of them broke its contract.
    #[error("{place}: expected {expected}, found {found}")]
    Mismatch {
        /// The part at fault, as `the development data, window 3`.
        place: String,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A loss or its gradient is not a number any more.
    #[error(
        "training diverged: {number}{}; {}",
        sentences.as_ref().map_or_else(String::new, |found| format!("; the batch held {found}")),
        checkpoint.as_ref().map_or_else(
            || "no good checkpoint was written before".to_owned(),
            |path| format!("the last good checkpoint is {}", path.display())
        )
    )]
    Diverged {
        /// What is not a number, of which step, and its value.
        number: String,
        /// Documents and sentences of the batch; `None` for a loss on the development data.
        sentences: Option<String>,
        /// The newest checkpoint whose weights had a finite loss.
        checkpoint: Option<PathBuf>,
    },
    /// The output folder is missing, or nothing can be written to it. Noticed before the first step.
    #[error("{}: expected a folder that can be written to: {source}", path.display())]
    Output {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A checkpoint belongs to another run.
    #[error("{}: expected {expected}, found {found}", path.display())]
    Resume {
        /// The folder or file.
        path: PathBuf,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The state in a checkpoint cannot be read.
    #[error("{}: expected the state of a run, found {found}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is there.
        found: String,
    },
    /// The model reported an error.
    #[error("{0}")]
    Model(#[source] BoxError),
    /// A callback reported an error.
    #[error("{0}")]
    Callback(#[source] BoxError),
    /// Gold and predicted words do not match: a fault of a model or a decoder.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A value cannot be expressed as JSON; no file was written.
    #[error("{what}: cannot be written as JSON: {source}")]
    Serialize {
        /// What was to be written.
        what: String,
        /// Why it cannot be.
        source: serde_json::Error,
    },
}

impl TrainError {
    /// Wraps a backend's error.
    pub fn model(error: impl Into<BoxError>) -> Self {
        Self::Model(error.into())
    }

    /// Wraps an error of a callback.
    pub fn callback(error: impl Into<BoxError>) -> Self {
        Self::Callback(error.into())
    }

    /// An error of the file system at `path`.
    pub fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }

    /// What is at fault. Errors of models and callbacks count as the environment's; their
    /// [`source`](std::error::Error::source) knows more.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::NoTrainingData | Self::Mismatch { .. } => ErrorKind::Input,
            Self::Config(_) | Self::NoMask | Self::Resume { .. } => ErrorKind::Usage,
            Self::Diverged { .. } => ErrorKind::Diverged,
            Self::Output { .. }
            | Self::Damaged { .. }
            | Self::Model(_)
            | Self::Callback(_)
            | Self::Metrics(_)
            | Self::Io { .. }
            | Self::Serialize { .. } => ErrorKind::Environment,
        }
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoMask => Some("mask_words = 0 hides no words"),
            Self::Diverged { .. } => {
                Some("a lower learning_rate or more warmup_steps usually helps")
            }
            Self::Output { .. } => Some("create the folder before the run"),
            Self::Resume { .. } => {
                Some("resume with the settings and data of the earlier run, or start a new run")
            }
            Self::Damaged { .. } => Some("remove that checkpoint to resume from the one before"),
            _ => None,
        }
    }
}
