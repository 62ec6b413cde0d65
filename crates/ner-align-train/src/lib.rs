//! The training loop of the ner-align toolkit, without a backend.
//!
//! [`Trainer::fit`] drives any [`ner_align_core::TrainStep`]: batches, learning rates, evaluation,
//! the best and the last model, checkpoints that a run goes on from. [`predict()`] and [`evaluate()`] run any
//! [`ner_align_core::TokenClassifier`] over the same windows. Progress reaches the world through
//! [`TrainerCallback`]: [`MetricsLog`] writes lines of JSON, [`TensorBoard`] event files, and
//! [`Curves`] draws the run from its log.

mod callback;
mod check;
mod checkpoint;
mod config;
mod curves;
mod error;
mod evaluate;
mod evaluation;
mod folder;
mod identity;
mod interval;
mod json;
mod metrics_log;
mod plan;
mod predict;
mod schedule;
mod selection;
mod state;
mod tensorboard;
mod trainer;
mod word_mask;

pub use callback::{EvaluationRecord, StepRecord, TrainerCallback};
pub use config::{Batching, ConfigError, TrainConfig};
pub use curves::Curves;
pub use error::TrainError;
pub use evaluate::evaluate;
pub use evaluation::Evaluation;
pub use folder::replace_folder;
pub use metrics_log::MetricsLog;
pub use predict::{Decoding, Prediction, Predictions, predict};
pub use schedule::Schedule;
pub use selection::Selection;
pub use state::Evaluated;
pub use tensorboard::TensorBoard;
pub use trainer::{TrainReport, Trainer};
