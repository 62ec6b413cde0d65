//! Where a run stands.

use serde::{Deserialize, Serialize};

use crate::evaluation::Evaluation;

/// An evaluation, and when it was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluated {
    /// Steps made before it.
    pub step: usize,
    /// Epochs done before it, in parts.
    pub epoch: f64,
    /// The scores.
    pub evaluation: Evaluation,
}

/// Where a run stands, apart from the model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct RunState {
    /// Optimizer steps made.
    pub(crate) step: usize,
    /// Whole epochs done.
    pub(crate) epoch: usize,
    /// Optimizer steps made in the epoch that is going on.
    pub(crate) step_in_epoch: usize,
    /// Real subtokens trained.
    pub(crate) subtokens: usize,
    /// Time spent training.
    pub(crate) seconds: f64,
    /// The best model's evaluation.
    pub(crate) best: Option<Evaluated>,
    /// The newest evaluation.
    pub(crate) last: Option<Evaluated>,
    /// Evaluations since the best one.
    pub(crate) since_best: usize,
}
