//! Closures as callbacks.

use std::fmt;
use std::ops::ControlFlow;

use ner_align_core::BoxError;

use crate::callback::TrainerCallback;
use crate::error::TrainError;
use crate::record::{EvaluationRecord, SavedModel, StepRecord};

macro_rules! closure_callback {
    ($($(#[$doc:meta])* $name:ident)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy)]
            pub struct $name<F>(F);

            impl<F> fmt::Debug for $name<F> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.debug_struct(stringify!($name)).finish_non_exhaustive()
                }
            }
        )+
    };
}

closure_callback! {
    /// The callback that [`on_step`] makes.
    OnStep
    /// The callback that [`on_evaluation`] makes.
    OnEvaluation
    /// The callback that [`on_save`] makes.
    OnSave
}

/// A callback that calls `closure` after each optimizer step.
///
/// ```
/// use ner_align_train::{StepRecord, TrainerCallback, on_step};
///
/// let mut losses = Vec::new();
/// let mut callback = on_step(|record| losses.push(record.loss));
/// callback.on_step(&StepRecord::default())?;
/// assert_eq!(losses, [0.0]);
/// # Ok::<(), ner_align_train::TrainError>(())
/// ```
pub const fn on_step<F: FnMut(&StepRecord)>(closure: F) -> OnStep<F> {
    OnStep(closure)
}

/// A callback that calls `closure` after each evaluation.
pub const fn on_evaluation<F: FnMut(&EvaluationRecord<'_>)>(closure: F) -> OnEvaluation<F> {
    OnEvaluation(closure)
}

/// A callback that calls `closure` for each folder with a model, so that it can add files to it.
///
/// ```
/// use ner_align_train::{SavedKind, SavedModel, TrainerCallback, on_save};
///
/// let folder = tempfile::tempdir()?;
/// let mut callback = on_save(|saved| {
///     std::fs::write(saved.directory.join("NOTICE"), "licensed by the University\n")?;
///     Ok(())
/// });
/// callback.on_save(&SavedModel::new(folder.path(), SavedKind::Checkpoint))?;
/// assert!(folder.path().join("NOTICE").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub const fn on_save<F: FnMut(&SavedModel<'_>) -> Result<(), BoxError>>(closure: F) -> OnSave<F> {
    OnSave(closure)
}

impl<F: FnMut(&StepRecord)> TrainerCallback for OnStep<F> {
    fn on_step(&mut self, record: &StepRecord) -> Result<ControlFlow<()>, TrainError> {
        (self.0)(record);
        Ok(ControlFlow::Continue(()))
    }
}

impl<F: FnMut(&EvaluationRecord<'_>)> TrainerCallback for OnEvaluation<F> {
    fn on_evaluation(
        &mut self,
        record: &EvaluationRecord<'_>,
    ) -> Result<ControlFlow<()>, TrainError> {
        (self.0)(record);
        Ok(ControlFlow::Continue(()))
    }
}

impl<F: FnMut(&SavedModel<'_>) -> Result<(), BoxError>> TrainerCallback for OnSave<F> {
    fn on_save(&mut self, saved: &SavedModel<'_>) -> Result<(), TrainError> {
        (self.0)(saved).map_err(TrainError::Callback)
    }
}
