//! What can go wrong between a model folder and libtorch.

use std::path::PathBuf;

use ner_align_core::Batch;
use tch::TchError;
use thiserror::Error;

use crate::config::Head;

/// Errors of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A file of the model folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The folder is no model folder.
    #[error("{}: expected a model folder with {missing}, found none", path.display())]
    MissingFile {
        /// The folder.
        path: PathBuf,
        /// The file that is not there.
        missing: &'static str,
    },
    /// A checkpoint has other classes than the run that shall go on from it.
    #[error("{}: expected the classes of this run, {expected}, found {found}", path.display())]
    OtherClasses {
        /// The checkpoint's `config.json`.
        path: PathBuf,
        /// The run's classes, parted by spaces.
        expected: String,
        /// The checkpoint's.
        found: String,
    },
    /// A checkpoint has another head than the run that shall go on from it.
    #[error("{}: expected the head of this run, {expected}, found {found}", path.display())]
    OtherHead {
        /// The checkpoint's `config.json`.
        path: PathBuf,
        /// The run's head.
        expected: Head,
        /// The checkpoint's.
        found: Head,
    },
    /// A checkpoint's weights are those of another model than the run that shall go on from it.
    #[error("{}: expected the model of this run, {key} {expected}, found {found}", path.display())]
    OtherModel {
        /// The checkpoint's `config.json`.
        path: PathBuf,
        /// What the two differ in.
        key: &'static str,
        /// The run's.
        expected: String,
        /// The checkpoint's.
        found: String,
    },
    /// A class counts less than nothing, or without end.
    #[error("class weights: expected numbers of 0 or more, found {found}")]
    ClassWeight {
        /// The weight.
        found: f64,
    },
    /// A CRF is to be trained by a loss of single rows, which its paths are not made of.
    #[error("{what}: expected {expected} beside a CRF, found {found}")]
    LossOfRows {
        /// The setting.
        what: &'static str,
        /// What it can be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// The folder has weights, in a format that this crate does not read.
    #[error("{}: expected weights in model.safetensors, found {found}", path.display())]
    OtherWeights {
        /// The folder.
        path: PathBuf,
        /// The file that is there.
        found: &'static str,
    },
    /// The name stands for no device.
    #[error("expected the device auto, cpu, cuda, cuda:N or mps, found {name:?}")]
    UnknownDevice {
        /// The name.
        name: String,
    },
    /// This machine lacks the device.
    #[error("{name}: expected such a device, found none: {reason}")]
    NoDevice {
        /// Its name.
        name: String,
        /// Why it cannot be had.
        reason: String,
    },
    /// `config.json` does not describe a model that this crate can build.
    #[error("{}: {reason}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What was expected and what was found.
        reason: String,
    },
    /// The file of weights is damaged, or its tensors are not those of a model.
    #[error("{}: {reason}", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What was expected and what was found.
        reason: String,
    },
    /// Weights that the configuration calls for are not in the file.
    #[error("{}: {count} of the weights that config.json calls for are missing, the first is {first:?}", path.display())]
    MissingWeights {
        /// The file.
        path: PathBuf,
        /// Name of the first missing tensor.
        first: String,
        /// Number of missing tensors.
        count: usize,
    },
    /// A weight has another shape than the configuration says.
    #[error("{}: weight {name:?}: expected the shape {expected:?} that config.json calls for, found {found:?}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// Name of the tensor.
        name: String,
        /// Shape by the configuration.
        expected: Vec<i64>,
        /// Shape in the file.
        found: Vec<i64>,
    },
    /// The head answered with another number of rows or classes than it was asked for.
    #[error("expected logits of shape {expected:?}, found {found:?}")]
    Logits {
        /// Rows of the batch and classes of the model.
        expected: [i64; 2],
        /// The shape of the answer.
        found: Vec<i64>,
    },
    /// The batch holds an id or a length that the model has no row for.
    #[error("{what} {found} does not fit the model, which has {limit}")]
    OutOfRange {
        /// Which quantity.
        what: &'static str,
        /// Its value.
        found: i64,
        /// Number of rows that the model has.
        limit: i64,
    },
    /// The device has no memory for a batch.
    #[error(
        "out of memory in a batch of {windows} windows, {subtokens} subtokens, the longest of \
         {longest}: {reason}"
    )]
    OutOfMemory {
        /// Windows in the batch.
        windows: usize,
        /// Subtokens in it.
        subtokens: usize,
        /// Subtokens of its longest window.
        longest: usize,
        /// What libtorch says.
        reason: String,
    },
    /// libtorch refused an operation.
    #[error("libtorch: {}", first_line(.0))]
    Torch(#[from] TchError),
}

impl ModelError {
    /// What to do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::MissingFile { .. } => {
                Some("a model folder holds config.json, model.safetensors and tokenizer.json")
            }
            Self::MissingWeights { .. } | Self::Shape { .. } => {
                Some("config.json and model.safetensors do not belong together")
            }
            Self::OtherClasses { .. } => {
                Some("resume with the labels of before, or start a new run without resuming")
            }
            Self::OtherModel { .. } => {
                Some("resume with the base model of before, or start a new run without resuming")
            }
            Self::OtherHead { .. } => {
                Some("resume with the head of before, or start a new run without resuming")
            }
            Self::OutOfMemory { .. } => Some(
                "train with a smaller batch_size or batch_subtokens, and accumulate = N for the same \
             steps; max_length shortens the longest windows",
            ),
            Self::OutOfRange { what: "subtoken id", .. } => {
                Some("tokenizer.json and model.safetensors do not belong together")
            }
            Self::OtherWeights { .. } => Some(
                "convert once, where transformers is installed: python -c \"from transformers import \
             AutoModelForTokenClassification as M; M.from_pretrained('FOLDER').save_pretrained('FOLDER')\"",
            ),
            _ => None,
        }
    }
}

/// An error while this batch was computed; one of memory says which batch that was.
pub(crate) fn in_batch(error: ModelError, batch: &Batch) -> ModelError {
    match &error {
        ModelError::Torch(torch) if is_out_of_memory(&torch.to_string()) => {
            ModelError::OutOfMemory {
                windows: batch.windows(),
                subtokens: batch.input_ids.len(),
                longest: batch.longest(),
                reason: first_line(torch),
            }
        }
        _ => error,
    }
}

/// CUDA's allocator and the processor's have messages of their own.
fn is_out_of_memory(message: &str) -> bool {
    ["out of memory", "can't allocate memory", "not enough memory"]
        .iter()
        .any(|part| message.contains(part))
}

/// libtorch appends a stack trace of its own to every message; the first line is what a person
/// can use.
fn first_line(error: &TchError) -> String {
    let message = error.to_string();
    message.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
}

/// Result of this crate.
pub(crate) type Result<T> = std::result::Result<T, ModelError>;
