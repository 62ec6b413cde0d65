//! What others learn of a run, and add to it.

use std::ops::ControlFlow;
use std::path::Path;

use crate::error::TrainError;
use crate::record::{EvaluationRecord, SavedModel, StepRecord};

/// Watches a run, adds files to its models, and may interrupt it.
///
/// After `ControlFlow::Break` a checkpoint is written, unless `keep_checkpoints` is 0, and the run
/// returns. An error of any method ends the run; wrap those of your own by
/// [`TrainError::callback`].
///
/// [`on_step`](crate::on_step), [`on_evaluation`](crate::on_evaluation) and
/// [`on_save`](crate::on_save) make callbacks of closures. A `Vec` of callbacks is a callback, and
/// so is a `Box` of one: `Vec<Box<dyn TrainerCallback + Send>>` can move to another thread.
pub trait TrainerCallback {
    /// Called before the first step; in a resumed run after [`TrainerCallback::on_resume`].
    /// `done` of `total_steps` optimizer steps were made before.
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

    /// Called while a folder with a model is being filled: `model-best`, `model-last`, and each
    /// checkpoint. Write what else the folder needs, such as a tokenizer, into
    /// [`SavedModel::directory`], which gets its final name when all is there.
    ///
    /// # Errors
    /// An error ends the run; the unfinished folder is removed.
    fn on_save(&mut self, _saved: &SavedModel<'_>) -> Result<(), TrainError> {
        Ok(())
    }

    /// Called while a checkpoint is being filled, after [`TrainerCallback::on_save`]. Write what
    /// this callback needs to resume into `directory`.
    ///
    /// # Errors
    /// An error ends the run; the unfinished folder is removed.
    fn on_checkpoint(&mut self, _directory: &Path) -> Result<(), TrainError> {
        Ok(())
    }

    /// Called before the first step of a run that resumes from the checkpoint `directory`.
    ///
    /// # Errors
    /// An error ends the run.
    fn on_resume(&mut self, _directory: &Path) -> Result<(), TrainError> {
        Ok(())
    }

    /// Called when a started run ends, also if it ends with an error.
    ///
    /// # Errors
    /// The run ends with this error, unless it has one already.
    fn on_end(&mut self) -> Result<(), TrainError> {
        Ok(())
    }
}

/// A callback that does nothing.
impl TrainerCallback for () {}

macro_rules! forward_to_pointee {
    ($($pointer:ty),+) => {
        $(impl<C: TrainerCallback + ?Sized> TrainerCallback for $pointer {
            fn on_start(&mut self, total_steps: usize, done: usize) -> Result<(), TrainError> {
                (**self).on_start(total_steps, done)
            }

            fn on_step(&mut self, record: &StepRecord) -> Result<ControlFlow<()>, TrainError> {
                (**self).on_step(record)
            }

            fn on_evaluation(
                &mut self,
                record: &EvaluationRecord<'_>,
            ) -> Result<ControlFlow<()>, TrainError> {
                (**self).on_evaluation(record)
            }

            fn on_save(&mut self, saved: &SavedModel<'_>) -> Result<(), TrainError> {
                (**self).on_save(saved)
            }

            fn on_checkpoint(&mut self, directory: &Path) -> Result<(), TrainError> {
                (**self).on_checkpoint(directory)
            }

            fn on_resume(&mut self, directory: &Path) -> Result<(), TrainError> {
                (**self).on_resume(directory)
            }

            fn on_end(&mut self) -> Result<(), TrainError> {
                (**self).on_end()
            }
        })+
    };
}

forward_to_pointee!(Box<C>, &mut C);

/// Several callbacks, each called in order. The run is interrupted if any of them breaks.
impl<C: TrainerCallback> TrainerCallback for Vec<C> {
    fn on_start(&mut self, total_steps: usize, done: usize) -> Result<(), TrainError> {
        self.iter_mut().try_for_each(|callback| callback.on_start(total_steps, done))
    }

    fn on_step(&mut self, record: &StepRecord) -> Result<ControlFlow<()>, TrainError> {
        any_break(self, |callback| callback.on_step(record))
    }

    fn on_evaluation(
        &mut self,
        record: &EvaluationRecord<'_>,
    ) -> Result<ControlFlow<()>, TrainError> {
        any_break(self, |callback| callback.on_evaluation(record))
    }

    fn on_save(&mut self, saved: &SavedModel<'_>) -> Result<(), TrainError> {
        self.iter_mut().try_for_each(|callback| callback.on_save(saved))
    }

    fn on_checkpoint(&mut self, directory: &Path) -> Result<(), TrainError> {
        self.iter_mut().try_for_each(|callback| callback.on_checkpoint(directory))
    }

    fn on_resume(&mut self, directory: &Path) -> Result<(), TrainError> {
        self.iter_mut().try_for_each(|callback| callback.on_resume(directory))
    }

    /// Calls all of them, also after an error, and returns the first error.
    fn on_end(&mut self) -> Result<(), TrainError> {
        self.iter_mut().map(TrainerCallback::on_end).fold(Ok(()), Result::and)
    }
}

/// Calls every callback; breaks if any of them does.
fn any_break<C>(
    callbacks: &mut [C],
    mut call: impl FnMut(&mut C) -> Result<ControlFlow<()>, TrainError>,
) -> Result<ControlFlow<()>, TrainError> {
    let mut flow = ControlFlow::Continue(());
    for callback in callbacks {
        if call(callback)?.is_break() {
            flow = ControlFlow::Break(());
        }
    }
    Ok(flow)
}
