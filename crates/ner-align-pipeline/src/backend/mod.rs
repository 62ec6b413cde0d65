//! The interface between the pipeline and the engine that computes.

mod error;
#[cfg(feature = "tch")]
mod tch;

use std::path::Path;

use ner_align_core::{Dataset, LabelSet, TokenClassifier, TrainStep};

pub use error::BackendError;
#[cfg(feature = "tch")]
pub use tch::TchBackend;

use crate::settings::{Computing, Precision, Settings};

/// A model that predicts, of any backend. Threads share it: a backend whose model only one thread
/// may use puts it behind a lock.
pub type BoxedClassifier = Box<dyn TokenClassifier<Error = BackendError> + Send + Sync>;

/// A model that learns, of any backend.
pub type BoxedLearner = Box<dyn TrainStep<Error = BackendError> + Send>;

/// The sizes of a pretrained model that limit its windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelShape {
    /// Encoder layers.
    pub layers: usize,
    /// Positions that the longest window may have, special tokens included.
    pub longest_window: usize,
    /// Number of subtoken ids; all are below it.
    pub vocabulary: usize,
}

impl ModelShape {
    /// The shape of a model.
    #[must_use]
    pub const fn new(layers: usize, longest_window: usize, vocabulary: usize) -> Self {
        Self { layers, longest_window, vocabulary }
    }
}

/// A fine-tuned model with its classes.
#[non_exhaustive]
pub struct OpenedModel {
    /// The model.
    pub classifier: BoxedClassifier,
    /// Its classes, by id.
    pub labels: LabelSet,
    /// The type of numbers that it computes in; `None` if the backend has no choice.
    pub precision: Option<Precision>,
}

impl OpenedModel {
    /// A model with its classes.
    #[must_use]
    pub const fn new(classifier: BoxedClassifier, labels: LabelSet) -> Self {
        Self { classifier, labels, precision: None }
    }

    /// Says what it computes in.
    #[must_use]
    pub fn with_precision(self, precision: Precision) -> Self {
        Self { precision: Some(precision), ..self }
    }
}

impl std::fmt::Debug for OpenedModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenedModel").field("labels", &self.labels).finish_non_exhaustive()
    }
}

/// Opens models for training and for prediction.
///
/// Implement it to run the pipeline on another engine: a folder goes in, a model that implements
/// the traits of `ner-align-core` comes out.
pub trait Backend: Send + Sync {
    /// Name and version of the engine, as `libtorch 2.11`; kept in a run's provenance.
    fn engine(&self) -> (&'static str, &'static str);

    /// The sizes of the model in `folder`.
    ///
    /// # Errors
    /// A folder without a model of this backend.
    fn shape(&self, folder: &Path) -> Result<ModelShape, BackendError>;

    /// The classes of a model in `folder` that was fine-tuned already; `None` for a pretrained one.
    /// A run that trains for other classes says so.
    ///
    /// # Errors
    /// As [`Backend::shape`].
    fn classes(&self, folder: &Path) -> Result<Option<LabelSet>, BackendError> {
        let _ = folder;
        Ok(None)
    }

    /// Looks whether the machine has the device, before anything else is read.
    ///
    /// # Errors
    /// A device that the machine lacks, or a name that is not a device's.
    fn check_device(&self, computing: &Computing) -> Result<(), BackendError> {
        let _ = computing;
        Ok(())
    }

    /// Why a GPU of this machine, which these settings leave to be chosen, cannot be used; `None` if it is
    /// used, or there is none.
    fn unused_gpu(&self, computing: &Computing) -> Option<String> {
        let _ = computing;
        None
    }

    /// The type of numbers that these settings mean for training on this machine, where `auto` leaves it
    /// to be chosen; `None` if the backend has no choice.
    fn precision(&self, computing: &Computing) -> Option<Precision> {
        let _ = computing;
        None
    }

    /// Opens a fine-tuned model.
    ///
    /// # Errors
    /// A folder without such a model, or a device that the machine lacks.
    fn open(&self, folder: &Path, computing: &Computing) -> Result<OpenedModel, BackendError>;

    /// Opens the pretrained model of `folder` to be fine-tuned for `labels`. `train` is what it
    /// will be trained on, for class weights.
    ///
    /// # Errors
    /// As [`Backend::open`], and settings that the model cannot have.
    fn learner(
        &self,
        folder: &Path,
        labels: &LabelSet,
        settings: &Settings,
        train: &Dataset,
    ) -> Result<BoxedLearner, BackendError>;
}
