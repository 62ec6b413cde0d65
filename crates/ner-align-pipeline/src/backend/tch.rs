//! Models on libtorch.

use std::path::Path;

use ndarray::Array2;
use ner_align_core::{
    Batch, Dataset, LabelSet, StepInput, StepOutput, TokenClassifier, TrainStep, TransitionScores,
};
use ner_align_tch::{Device, EncoderConfig, LoadOptions, ModelError, TchClassifier};

use super::{Backend, BackendError, BoxedLearner, ModelShape, OpenedModel};
use crate::fault::FaultKind;
use crate::settings::{Computing, Precision, Settings};

/// BERT and its kin on libtorch, on a processor or a GPU.
#[derive(Debug, Clone, Copy, Default)]
pub struct TchBackend;

impl Backend for TchBackend {
    fn engine(&self) -> (&'static str, &'static str) {
        ("libtorch", ner_align_tch::LIBTORCH_VERSION)
    }

    fn shape(&self, folder: &Path) -> Result<ModelShape, BackendError> {
        let config = EncoderConfig::read(folder)?;
        let vocabulary = usize::try_from(config.vocab_size).unwrap_or_default();
        Ok(ModelShape::new(config.num_hidden_layers, config.longest_window(), vocabulary))
    }

    fn open(&self, folder: &Path, computing: &Computing) -> Result<OpenedModel, BackendError> {
        let model = TchClassifier::load(folder, &options(computing)?)?;
        let labels = model.labels().clone();
        Ok(OpenedModel { classifier: Box::new(Tch(model)), labels })
    }

    fn learner(
        &self,
        folder: &Path,
        labels: &LabelSet,
        settings: &Settings,
        train: &Dataset,
    ) -> Result<BoxedLearner, BackendError> {
        let options = LoadOptions {
            seed: i64::try_from(settings.train.seed).unwrap_or(i64::MAX),
            dropout: Some(settings.model.dropout),
            optimizer: settings.optimizer(),
            rates: settings.rates(),
            loss: settings.loss(train),
            head: settings.head(),
            ..options(&settings.computing())?
        };
        Ok(Box::new(Tch(TchClassifier::for_labels(folder, labels, &options)?)))
    }
}

/// Where a model computes, and in what; the rest as it is by default.
fn options(computing: &Computing) -> Result<LoadOptions, BackendError> {
    let device = ner_align_tch::device(&computing.device)?;
    let precision = match computing.precision {
        Precision::Auto if matches!(device, Device::Cuda(_)) => ner_align_tch::Precision::Bf16,
        Precision::Auto | Precision::F32 => ner_align_tch::Precision::F32,
        Precision::Bf16 => ner_align_tch::Precision::Bf16,
    };
    Ok(LoadOptions { device, precision, ..LoadOptions::default() })
}

/// A classifier whose errors are those of the pipeline.
#[derive(Debug)]
struct Tch(TchClassifier);

impl TokenClassifier for Tch {
    type Error = BackendError;

    fn num_labels(&self) -> usize {
        self.0.num_labels()
    }

    fn logits(&self, batch: &Batch) -> Result<Array2<f32>, BackendError> {
        Ok(self.0.logits(batch)?)
    }

    fn transition_scores(&self) -> Result<Option<TransitionScores>, BackendError> {
        Ok(self.0.transition_scores()?)
    }
}

impl TrainStep for Tch {
    fn train_step(&mut self, input: StepInput<'_>) -> Result<StepOutput, BackendError> {
        Ok(self.0.train_step(input)?)
    }

    fn save(&self, directory: &Path) -> Result<(), BackendError> {
        Ok(self.0.save(directory)?)
    }

    fn save_state(&self, directory: &Path) -> Result<(), BackendError> {
        Ok(self.0.save_state(directory)?)
    }

    fn restore(&mut self, directory: &Path) -> Result<(), BackendError> {
        Ok(self.0.restore(directory)?)
    }
}

impl From<ModelError> for BackendError {
    fn from(error: ModelError) -> Self {
        let kind = match error {
            ModelError::UnknownDevice { .. }
            | ModelError::OtherClasses { .. }
            | ModelError::OtherHead { .. }
            | ModelError::OtherModel { .. }
            | ModelError::LossOfRows { .. } => FaultKind::Usage,
            _ => FaultKind::Environment,
        };
        let hint = error.hint();
        let error = Self::new(error).with_kind(kind);
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}
