//! The progress of a run, without its model.

use serde::{Deserialize, Serialize};

use crate::evaluate::Evaluation;

/// An evaluation, and when it was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evaluated {
    /// Optimizer steps made before it.
    pub step: usize,
    /// Epochs done before it, with the fraction of the current one.
    pub epoch: f64,
    /// The scores.
    pub evaluation: Evaluation,
}

/// The progress of a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct RunState {
    /// Optimizer steps made.
    pub(crate) step: usize,
    /// Complete epochs.
    pub(crate) epoch: usize,
    /// Optimizer steps made in the current epoch.
    pub(crate) step_in_epoch: usize,
    /// Real subtokens trained.
    pub(crate) subtokens: usize,
    /// Seconds spent training.
    pub(crate) seconds: f64,
    /// The best model's evaluation.
    pub(crate) best: Option<Evaluated>,
    /// The newest evaluation.
    pub(crate) last: Option<Evaluated>,
    /// Evaluations since the best one.
    pub(crate) since_best: usize,
}
