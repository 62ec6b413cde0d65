//! The whole of the toolkit: fine-tuning from corpora to a model folder, and prediction from a model
//! folder to entities.
//!
//! The crates below this one hold the parts: corpora, subtokens, metrics, the training loop and the
//! models. This crate puts them together, and holds what belongs to the whole: [`settings`] and
//! recipes, the model folder, and the scoring of one corpus against another.
//!
//! Nothing here prints. Warnings and progress are values, which callbacks receive.

pub mod backend;
mod calibration;
mod codec;
pub mod doubt;
mod error;
mod fault;
pub mod fields;
mod fine_tuner;
pub mod learning;
mod model_folder;
mod model_source;
mod predictor;
#[cfg(feature = "tch")]
mod quantize;
mod recall;
pub mod redact;
mod sensitivity;
pub mod settings;
pub mod suggest;
#[cfg(feature = "tch")]
mod with_tch;

pub use ner_align_corpus::Input;

pub use calibration::{CALIBRATION, Calibration, ScoreCount};
pub use codec::{Codec, CodecSettings};
pub use error::PipelineError;
pub use fault::FaultKind;
pub use fine_tuner::{
    CONFIG, CURVES, DataSource, FineTuner, METRICS, Notice, PROVENANCE, Provenance, Run, RunReport,
    Split, TEST, commit_of_run, shown_epoch,
};
pub use model_folder::{
    CARD, META, MODEL_BEST, ModelCard, ModelMeta, card_examples, write_calibration,
};
pub use model_source::ModelSource;
pub use predictor::{
    AggregationStrategy, Alternative, BATCH_SUBTOKENS, FoundChunk, FoundEntity, OutputIdentity,
    PipelineAnswer, PipelineEntity, PipelineInputs, PipelineOptions, PipelineRequest, Predicted,
    PredictionStream, Predictor, ResumableOutput, Suggestions, TextLines, Texts, Thresholds,
};
#[cfg(feature = "tch")]
pub use quantize::{Quantized, quantize};
pub use recall::{DocumentRecall, RecallPromise, RecallTargets};
pub use sensitivity::Sensitivity;
