//! What can go wrong between a model folder and libtorch.

use std::path::PathBuf;

use ner_align_core::{Batch, ErrorKind};
use tch::TchError;
use thiserror::Error;

use crate::head::Head;

/// The weights of an adapter.
const ADAPTER: &str = "adapter_model.safetensors";

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
    /// The folder is not a model folder.
    #[error("{}: expected a model folder with {missing}, found none", path.display())]
    MissingFile {
        /// The folder.
        path: PathBuf,
        /// The file that is not there.
        missing: &'static str,
    },
    /// A checkpoint has other classes than the run that resumes from it.
    #[error("{}: expected the classes of this run, {expected}, found {found}", path.display())]
    OtherClasses {
        /// The checkpoint's `config.json`.
        path: PathBuf,
        /// The run's classes, separated by spaces.
        expected: String,
        /// The checkpoint's.
        found: String,
    },
    /// A checkpoint has another head than the run that resumes from it.
    #[error("{}: expected the head of this run, {expected}, found {found}", path.display())]
    OtherHead {
        /// The checkpoint's `config.json`.
        path: PathBuf,
        /// The run's head.
        expected: Head,
        /// The checkpoint's.
        found: Head,
    },
    /// A checkpoint is that of another model than the run that resumes from it.
    #[error("{}: expected the model of this run, {key} {expected}, found {found}", path.display())]
    OtherModel {
        /// The checkpoint's `config.json`.
        path: PathBuf,
        /// The setting in which the two differ.
        key: &'static str,
        /// The run's.
        expected: String,
        /// The checkpoint's.
        found: String,
    },
    /// A class weight is negative or not finite.
    #[error("class weights: expected numbers of 0 or more, found {found}")]
    ClassWeight {
        /// The weight.
        found: f64,
    },
    /// A setting of the loss of rows does not apply to a CRF.
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
    /// The weights were pickled by a PyTorch before 1.6, in a format of its own.
    #[error("{}: expected an archive of PyTorch 1.6 or later, found an older file", path.display())]
    OldPickle {
        /// The file.
        path: PathBuf,
    },
    /// The weights are those of an adapter, to be added to those of a model.
    #[error("{}: expected the weights of a model, found an adapter's, such as {name:?}", path.display())]
    Adapter {
        /// The file.
        path: PathBuf,
        /// Name of a tensor.
        name: String,
    },
    /// Git LFS has not fetched the weights.
    #[error("{}: expected weights, found a Git LFS pointer to them", path.display())]
    LfsPointer {
        /// The file.
        path: PathBuf,
    },
    /// The classes of a fine-tuned model have no names.
    #[error("{}: id2label: expected the names of classes, such as O and B-PER, found {found}", path.display())]
    UnnamedClasses {
        /// The `config.json`.
        path: PathBuf,
        /// The names that are there.
        found: String,
    },
    /// The name is not that of a precision.
    #[error("expected the precision auto, f32 or bf16, found {name:?}")]
    UnknownPrecision {
        /// The name.
        name: String,
    },
    /// The name is not that of a device.
    #[error("expected the device auto, cpu, cuda, cuda:N or mps, found {name:?}")]
    UnknownDevice {
        /// The name.
        name: String,
    },
    /// 8-bit integers are for prediction on a CPU.
    #[error("expected f32 or bf16 {what}, found int8, which is for prediction on a CPU")]
    Int8 {
        /// Where it was asked for.
        what: &'static str,
    },
    /// The encoder does not compute in 8-bit integers.
    #[error("expected f32 or bf16 for a model of type {family}, found int8")]
    Int8Family {
        /// Its `model_type`.
        family: &'static str,
    },
    /// What is to learn has 8-bit integers for weights.
    #[error("{}: expected the weights of a model to train, found 8-bit integers", path.display())]
    IntegerWeights {
        /// The file.
        path: PathBuf,
    },
    /// The threads to compute on cannot be started.
    #[error("expected threads to compute on: {reason}")]
    Threads {
        /// The system's reason.
        reason: String,
    },
    /// This machine lacks the device.
    #[error("{name}: expected such a device, found none: {reason}")]
    NoDevice {
        /// Its name.
        name: String,
        /// Why it cannot be used.
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
    /// The file lacks weights that the configuration needs.
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
    /// The logits have another shape than the batch and the classes ask for.
    #[error("the head: expected logits of shape {expected:?}, found {found:?}")]
    Logits {
        /// Rows of the batch and classes of the model.
        expected: [i64; 2],
        /// The shape of the logits.
        found: Vec<i64>,
    },
    /// The vectors of a batch do not belong together.
    #[error("batch: expected {expected}, found {found}")]
    Batch {
        /// What a batch has.
        expected: String,
        /// What this one has.
        found: String,
    },
    /// The batch has an id or a length that the model has no row for.
    #[error("{what} {found} does not fit the model, which has {limit}")]
    OutOfRange {
        /// Which quantity.
        what: &'static str,
        /// Its value.
        found: i64,
        /// Number of rows that the model has.
        limit: i64,
    },
    /// The device has not enough memory for a batch.
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
    /// What is at fault.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownDevice { .. }
            | Self::UnknownPrecision { .. }
            | Self::Int8 { .. }
            | Self::Int8Family { .. }
            | Self::IntegerWeights { .. }
            | Self::OtherClasses { .. }
            | Self::OtherHead { .. }
            | Self::OtherModel { .. }
            | Self::ClassWeight { .. }
            | Self::Batch { .. }
            | Self::LossOfRows { .. } => ErrorKind::Usage,
            _ => ErrorKind::Environment,
        }
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::MissingFile { .. } => {
                Some("a model folder holds config.json, model.safetensors and tokenizer.json")
            }
            Self::MissingWeights { .. } | Self::Shape { .. } => {
                Some("config.json and the weights do not belong together")
            }
            Self::OtherClasses { .. } => {
                Some("resume with the labels of the earlier run, or start a new run")
            }
            Self::OtherModel { .. } => {
                Some("resume with the base model of the earlier run, or start a new run")
            }
            Self::OtherHead { .. } => {
                Some("resume with the head of the earlier run, or start a new run")
            }
            Self::IntegerWeights { .. } => Some("train the model that this one was made from"),
            Self::Int8Family { .. } => Some(
                "8-bit integers are for BERT, RoBERTa and its relatives, DistilBERT and ELECTRA",
            ),
            Self::OutOfMemory { .. } => Some(
                "train with a smaller batch_size or batch_subtokens, and accumulate = N for the \
                 same steps; max_length shortens the longest windows",
            ),
            Self::NoDevice { name, .. } if name != "mps" => Some(
                "a GPU needs NVIDIA's driver and the CUDA half of libtorch 2.11, from `cargo xtask setup` on \
                 this machine or an installed PyTorch; device = \"cpu\" computes without one",
            ),
            Self::OutOfRange { what: "subtoken id", .. } => {
                Some("tokenizer.json and the weights do not belong together")
            }
            Self::LfsPointer { .. } => {
                Some("fetch the file: `git lfs install`, then `git lfs pull`")
            }
            Self::Adapter { .. } | Self::OtherWeights { found: ADAPTER, .. } => Some(
                "merge it into its model, where peft is installed: \
                 AutoPeftModelForTokenClassification.from_pretrained('FOLDER')\
                 .merge_and_unload().save_pretrained('MERGED')",
            ),
            Self::UnnamedClasses { .. } => Some(
                "write the names into id2label in the order of the model's training, such as \
                 {\"0\": \"O\", \"1\": \"B-PER\", \"2\": \"I-PER\"}",
            ),
            Self::OldPickle { .. } | Self::OtherWeights { .. } => Some(
                "convert once, where transformers is installed: python -c \"from transformers \
                 import AutoModelForTokenClassification as M; \
                 M.from_pretrained('FOLDER').save_pretrained('FOLDER')\"",
            ),
            _ => None,
        }
    }
}

/// Adds to an out-of-memory error which batch was being computed.
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

/// The first line of a message; after it, libtorch appends a stack trace of its own. Where the trace of
/// a script comes first, what it is about.
fn first_line(error: &TchError) -> String {
    let message = error.to_string();
    let of_script = |line: &str| line.trim().strip_prefix("RuntimeError: ").map(str::to_owned);
    if let Some(line) = message.lines().find_map(of_script) {
        return line;
    }
    message.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
}

/// Result of this crate.
pub(crate) type Result<T> = std::result::Result<T, ModelError>;
