//! What others learn of a run while it goes on.

use std::ops::ControlFlow;
use std::path::Path;

use serde::Serialize;

use crate::error::TrainError;
use crate::evaluation::Evaluation;

/// One optimizer step, after it was made. Counts are over this step alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StepRecord {
    /// Steps made, from 1.
    pub step: usize,
    /// Steps of the whole run.
    pub total_steps: usize,
    /// Epochs done, in parts.
    pub epoch: f64,
    /// The loss of [`ner_align_core::StepOutput`], before the step.
    pub loss: f64,
    /// The rate of the step.
    pub learning_rate: f64,
    /// Norm of all gradients together, before clipping.
    pub gradient_norm: f64,
    /// Real subtokens trained, special tokens counted, padding not.
    pub subtokens: usize,
    /// Time spent training them.
    pub seconds: f64,
}

/// One evaluation.
#[derive(Debug, Clone, Copy)]
pub struct EvaluationRecord<'a> {
    /// Steps made.
    pub step: usize,
    /// Epochs done, in parts.
    pub epoch: f64,
    /// Epochs of the whole run.
    pub total_epochs: usize,
    /// The scores.
    pub evaluation: &'a Evaluation,
    /// True if no evaluation before was as good.
    pub is_best: bool,
}

/// Watches a run, and may interrupt it: after `ControlFlow::Break` a checkpoint is written, unless
/// none are kept, and the run returns.
pub trait TrainerCallback {
    /// Called before the first step, after [`TrainerCallback::on_resume`] if the run is taken up.
    /// `done` steps of `total_steps` were made before.
    ///
    /// # Errors
    /// An error ends the run.
    fn on_start(&mut self, _total_steps: usize, _done: usize) -> Result<(), TrainError> {
        Ok(())
    }

    /// Called after each optimizer step.
    ///
    /// # Errors
    /// An error ends the run.
    fn on_step(&mut self, _record: &StepRecord) -> Result<ControlFlow<()>, TrainError> {
        Ok(ControlFlow::Continue(()))
    }

    /// Called after each evaluation, before the model is saved.
    ///
    /// # Errors
    /// An error ends the run.
    fn on_evaluation(
        &mut self,
        _record: &EvaluationRecord<'_>,
    ) -> Result<ControlFlow<()>, TrainError> {
        Ok(ControlFlow::Continue(()))
    }

    /// Called while a model folder is being made: what else belongs into it is to be written into
    /// `directory`, which gets its final name when all is there.
    ///
    /// # Errors
    /// An error ends the run; the unfinished folder is removed.
    fn on_save(&mut self, _directory: &Path, _evaluation: &Evaluation) -> Result<(), TrainError> {
        Ok(())
    }

    /// Called while a checkpoint is being made: what this callback needs to go on from here is to
    /// be written into `directory`.
    ///
    /// # Errors
    /// An error ends the run; the unfinished folder is removed.
    fn on_checkpoint(&mut self, _directory: &Path) -> Result<(), TrainError> {
        Ok(())
    }

    /// Called before the first step of a run that is taken up from the checkpoint `directory`.
    ///
    /// # Errors
    /// An error ends the run.
    fn on_resume(&mut self, _directory: &Path) -> Result<(), TrainError> {
        Ok(())
    }

    /// Called when a run that was started ends, also one that ends with an error.
    ///
    /// # Errors
    /// An error is that of the run, unless it has one already.
    fn on_end(&mut self) -> Result<(), TrainError> {
        Ok(())
    }
}

/// A callback that does nothing.
impl TrainerCallback for () {}

/// Several callbacks, each asked in order; one that breaks stops the run.
impl TrainerCallback for Vec<Box<dyn TrainerCallback + '_>> {
    fn on_start(&mut self, total_steps: usize, done: usize) -> Result<(), TrainError> {
        self.iter_mut().try_for_each(|callback| callback.on_start(total_steps, done))
    }

    fn on_step(&mut self, record: &StepRecord) -> Result<ControlFlow<()>, TrainError> {
        let mut flow = ControlFlow::Continue(());
        for callback in self.iter_mut() {
            if callback.on_step(record)?.is_break() {
                flow = ControlFlow::Break(());
            }
        }
        Ok(flow)
    }

    fn on_evaluation(
        &mut self,
        record: &EvaluationRecord<'_>,
    ) -> Result<ControlFlow<()>, TrainError> {
        let mut flow = ControlFlow::Continue(());
        for callback in self.iter_mut() {
            if callback.on_evaluation(record)?.is_break() {
                flow = ControlFlow::Break(());
            }
        }
        Ok(flow)
    }

    fn on_save(&mut self, directory: &Path, evaluation: &Evaluation) -> Result<(), TrainError> {
        self.iter_mut().try_for_each(|callback| callback.on_save(directory, evaluation))
    }

    fn on_checkpoint(&mut self, directory: &Path) -> Result<(), TrainError> {
        self.iter_mut().try_for_each(|callback| callback.on_checkpoint(directory))
    }

    fn on_resume(&mut self, directory: &Path) -> Result<(), TrainError> {
        self.iter_mut().try_for_each(|callback| callback.on_resume(directory))
    }

    /// All of them, whatever one of them says.
    fn on_end(&mut self) -> Result<(), TrainError> {
        self.iter_mut().map(|callback| callback.on_end()).fold(Ok(()), Result::and)
    }
}
