//! The training loop of the ner-align toolkit, without a backend.
//!
//! [`Trainer::fit`] drives any [`ner_align_core::TrainStep`]: batches, learning rates, evaluation,
//! the best and the last model, and checkpoints that a run can resume from. [`predict()`] and
//! [`evaluate()`] run any [`ner_align_core::TokenClassifier`] over the same windows.
//!
//! A [`TrainerCallback`] follows a run, and adds files to its models: [`MetricsLog`] writes lines of
//! JSON, [`TensorBoard`] event files, and [`on_step`] calls a closure. [`Curves`] draws a run from
//! its log. Errors have a [`kind`](TrainError::kind) and a [`hint`](TrainError::hint).

mod callback;
mod check;
mod checkpoint;
mod closure;
mod config;
mod curves;
mod epochs;
mod error;
mod evaluate;
mod folder;
mod identity;
mod interval;
mod json;
mod metrics_log;
mod plan;
mod predict;
mod record;
mod schedule;
mod selection;
mod state;
mod tensorboard;
mod trainer;
mod word_mask;

pub use callback::TrainerCallback;
pub use closure::{OnEvaluation, OnSave, OnStep, on_evaluation, on_save, on_step};
pub use config::{Batching, TrainConfig};
pub use curves::Curves;
pub use epochs::Epochs;
pub use error::{ConfigError, TrainError};
pub use evaluate::{Evaluation, evaluate};
pub use folder::replace_folder;
pub use metrics_log::MetricsLog;
pub use predict::{Decoding, Prediction, Predictions, WordScores, predict, score_words};
pub use record::{EvaluationRecord, SavedKind, SavedModel, StepRecord};
pub use schedule::Schedule;
pub use selection::Selection;
pub use state::Evaluated;
pub use tensorboard::TensorBoard;
pub use trainer::{TrainReport, Trainer};
