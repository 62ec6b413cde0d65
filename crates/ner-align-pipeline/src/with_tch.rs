//! The front doors on libtorch.

use std::path::Path;

use crate::backend::TchBackend;
use crate::model_source::Finder;
use crate::settings::Computing;
use crate::{FineTuner, PipelineError, Predictor};

impl Predictor {
    /// Opens a fine-tuned model of ner-align or transformers, a folder or (with the feature `hub`) an id
    /// on the Hugging Face Hub, on libtorch: on a GPU if there is one.
    ///
    /// # Errors
    /// As [`Predictor::open_with`], and a model that the Hub does not have.
    pub fn open(model: impl AsRef<Path>) -> Result<Self, PipelineError> {
        Self::open_on(model, &Computing::default())
    }

    /// As [`Predictor::open`], on this device and in this precision.
    ///
    /// # Errors
    /// As [`Predictor::open`].
    pub fn open_on(model: impl AsRef<Path>, computing: &Computing) -> Result<Self, PipelineError> {
        Self::open_with(&TchBackend, Finder::default().find(model.as_ref(), None)?.path, computing)
    }
}

impl FineTuner<'_> {
    /// A fine-tuner of the pretrained model `base`, a folder or (with the feature `hub`) an id on
    /// the Hugging Face Hub, on libtorch.
    pub fn new(base: impl AsRef<Path>) -> Self {
        Self::with_backend(TchBackend, base)
    }
}
