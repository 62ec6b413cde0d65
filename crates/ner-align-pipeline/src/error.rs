//! What can stop a run or a prediction.

use std::io;
use std::path::{Path, PathBuf};

use ner_align_core::{BoxError, LabelSetError};
use ner_align_corpus::CorpusError;
use ner_align_metrics::MetricsError;
use ner_align_subword::SubwordError;
use ner_align_train::TrainError;
use thiserror::Error;

use crate::backend::BackendError;
use crate::fault::FaultKind;
use crate::settings::SettingsError;

/// Errors of fine-tuning and prediction, each with its place.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// A corpus cannot be read or written.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// A setting cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Words cannot become subtokens.
    #[error(transparent)]
    Subword(#[from] SubwordError),
    /// The classes of a model do not fit the scheme.
    #[error(transparent)]
    Labels(#[from] LabelSetError),
    /// The model reported an error.
    #[error(transparent)]
    Model(#[from] BackendError),
    /// Gold and predicted words do not match.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The training loop stopped.
    #[error(transparent)]
    Train(TrainError),
    /// A reader or a callback of the caller's reported an error.
    #[error(transparent)]
    Callback(BoxError),
    /// A model cannot be fetched from the Hub.
    #[cfg(feature = "hub")]
    #[error(transparent)]
    Hub(#[from] ner_align_hub::HubError),
    /// The data cannot be used for what was asked.
    #[error("{place}: expected {expected}, found {found}")]
    Data {
        /// A file, or the part of the data: `train`, `dev`, `test`.
        place: String,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// A model folder, or a file in one, cannot be used.
    #[error("{}: expected {expected}, found {found}", path.display())]
    Folder {
        /// The folder or the file.
        path: PathBuf,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// An output would replace what must stay.
    #[error("{}: expected {expected}, found {found}", path.display())]
    Output {
        /// The output.
        path: PathBuf,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
        /// What to do about it.
        hint: String,
    },
    /// What is to be resumed was made from something else.
    #[error("{}: expected {expected}, found {found}", path.display())]
    Resume {
        /// What is to be resumed.
        path: PathBuf,
        /// What it was made from.
        expected: String,
        /// What it would be continued with.
        found: String,
    },
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A value cannot be written as JSON or TOML.
    #[error("{what} cannot be serialised: {source}")]
    Serialise {
        /// What was to be written.
        what: &'static str,
        /// Why it cannot be.
        source: BoxError,
    },
    /// A callback asked the run to stop before its end.
    #[error("interrupted after step {step}; {}", checkpoint.as_ref().map_or_else(
        || "nothing saved".to_owned(), |path| format!("saved in {}", path.display())))]
    Interrupted {
        /// Steps made.
        step: usize,
        /// The checkpoint that the run can resume from; `None` where it keeps none.
        checkpoint: Option<PathBuf>,
    },
}

impl PipelineError {
    /// What is at fault.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        match self {
            Self::Corpus(error) => error.kind().into(),
            Self::Subword(error) => match error {
                SubwordError::MaxLength { .. }
                | SubwordError::Stride { .. }
                | SubwordError::NoContinuationClass { .. } => FaultKind::Usage,
                SubwordError::Scheme { .. } => FaultKind::Input,
                _ => FaultKind::Environment,
            },
            Self::Model(error) => error.kind(),
            Self::Metrics(_) | Self::Data { .. } => FaultKind::Input,
            Self::Train(error) => error.kind().into(),
            Self::Settings(_) | Self::Resume { .. } | Self::Output { .. } | Self::Labels(_) => {
                FaultKind::Usage
            }
            Self::Callback(_) | Self::Folder { .. } | Self::Io { .. } | Self::Serialise { .. } => {
                FaultKind::Environment
            }
            #[cfg(feature = "hub")]
            Self::Hub(_) => FaultKind::Environment,
            Self::Interrupted { .. } => FaultKind::Interrupted,
        }
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Corpus(error) => error.hint().map(str::to_owned),
            Self::Output { hint, .. } => Some(hint.clone()),
            Self::Labels(error) => error.hint().map(str::to_owned),
            Self::Model(error) => error.hint().map(str::to_owned),
            Self::Settings(error) => error.hint().map(str::to_owned),
            #[cfg(feature = "hub")]
            Self::Hub(error) => error.hint(),
            Self::Data { hint, .. } | Self::Folder { hint, .. } => hint.clone(),
            Self::Train(error) => error.hint().map(str::to_owned),
            Self::Subword(error) => error.hint().map(str::to_owned),
            Self::Resume { .. } => Some("without resuming it is made anew".to_owned()),
            Self::Interrupted { checkpoint: Some(_), .. } => {
                Some("resume the run to continue from there".to_owned())
            }
            Self::Interrupted { checkpoint: None, .. } => Some("keep_checkpoints is 0".to_owned()),
            _ => None,
        }
    }

    /// An error of a reader or a callback: one of the toolkit's as it is, any other as
    /// [`PipelineError::Callback`].
    pub(crate) fn from_source(error: BoxError) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(error) => return *error,
            Err(error) => error,
        };
        match error.downcast::<CorpusError>() {
            Ok(error) => Self::Corpus(*error),
            Err(error) => Self::Callback(error),
        }
    }

    pub(crate) fn io(path: impl AsRef<Path>, source: io::Error) -> Self {
        Self::Io { path: path.as_ref().to_owned(), source }
    }

    pub(crate) fn serialise(what: &'static str, source: impl Into<BoxError>) -> Self {
        Self::Serialise { what, source: source.into() }
    }
}

impl From<TrainError> for PipelineError {
    /// Errors of the model and of callbacks become what they were before the loop wrapped them.
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Model(error) => match error.downcast::<BackendError>() {
                Ok(error) => Self::Model(*error),
                Err(error) => Self::from_source(error),
            },
            TrainError::Callback(error) => Self::from_source(error),
            error => Self::Train(error),
        }
    }
}
