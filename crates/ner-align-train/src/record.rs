//! What callbacks receive.

use std::path::Path;

use serde::Serialize;

use crate::evaluate::Evaluation;

/// One optimizer step, after it was made. Counts are of this step alone.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct StepRecord {
    /// Optimizer steps made, this one included: the first step is 1.
    pub step: usize,
    /// Optimizer steps of the complete run.
    pub total_steps: usize,
    /// Epochs done, with the fraction of the current one.
    pub epoch: f64,
    /// The loss of [`ner_align_core::StepOutput`], before the step.
    pub loss: f64,
    /// The learning rate of the step.
    pub learning_rate: f64,
    /// Norm of all gradients together, before clipping.
    pub gradient_norm: f64,
    /// Real subtokens trained: special tokens count, padding does not.
    pub subtokens: usize,
    /// Seconds spent training them.
    pub seconds: f64,
}

/// One evaluation on the development data.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct EvaluationRecord<'a> {
    /// Optimizer steps made.
    pub step: usize,
    /// Epochs done, with the fraction of the current one.
    pub epoch: f64,
    /// Epochs of the complete run.
    pub total_epochs: usize,
    /// The scores.
    pub evaluation: &'a Evaluation,
    /// True if this is the best evaluation so far.
    pub is_best: bool,
}

impl<'a> EvaluationRecord<'a> {
    /// An evaluation after `step` optimizer steps, not the best, at the end of the only epoch.
    #[must_use]
    pub const fn new(step: usize, evaluation: &'a Evaluation) -> Self {
        Self { step, epoch: 1.0, total_epochs: 1, evaluation, is_best: false }
    }
}

/// Which of a run's folders holds a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SavedKind {
    /// `model-best`, with the highest score so far.
    Best,
    /// `model-last`, as the run ends.
    Last,
    /// A folder in `checkpoints`.
    Checkpoint,
}

/// A folder with a model, while it is being filled.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SavedModel<'a> {
    /// The folder, which holds the model's own files already and gets its final name later.
    pub directory: &'a Path,
    /// Which of the run's folders it becomes.
    pub kind: SavedKind,
    /// The scores of this model; `None` for a checkpoint without an evaluation at its step.
    pub evaluation: Option<&'a Evaluation>,
}

impl<'a> SavedModel<'a> {
    /// A folder without scores.
    #[must_use]
    pub const fn new(directory: &'a Path, kind: SavedKind) -> Self {
        Self { directory, kind, evaluation: None }
    }

    /// The same with the scores of the model.
    #[must_use]
    pub const fn with_evaluation(mut self, evaluation: Option<&'a Evaluation>) -> Self {
        self.evaluation = evaluation;
        self
    }
}
