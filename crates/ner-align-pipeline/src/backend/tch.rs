//! Models on libtorch.

use std::path::Path;

use ndarray::Array2;
use ner_align_core::{
    Batch, Dataset, LabelSet, StepInput, StepOutput, TokenClassifier, TrainStep, TransitionScores,
};
use ner_align_tch::{EncoderConfig, LoadOptions, ModelError, SharedClassifier, TchClassifier};

use super::{Backend, BackendError, BoxedLearner, ModelShape, OpenedModel};
use crate::settings::{BaseTypes, Computing, Precision, Settings};

/// The BERT family on libtorch, on a CPU or a GPU.
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

    fn classes(&self, folder: &Path) -> Result<Option<LabelSet>, BackendError> {
        // What is wrong with them matters to prediction only.
        Ok(EncoderConfig::read(folder)?.labels().ok().flatten())
    }

    fn check_device(&self, computing: &Computing) -> Result<(), BackendError> {
        options(computing)?.device.resolve()?;
        Ok(())
    }

    fn unused_gpu(&self, computing: &Computing) -> Option<String> {
        options(computing).ok()?.device.unused_gpu()
    }

    fn precision(&self, computing: &Computing) -> Option<Precision> {
        let options = options(computing).ok()?;
        let device = options.device.resolve().ok()?;
        Some(own(options.precision.on(device)))
    }

    fn open(&self, folder: &Path, computing: &Computing) -> Result<OpenedModel, BackendError> {
        let model = SharedClassifier::load(folder, &options(computing)?)?;
        let (labels, precision) = (model.labels().clone(), own(model.precision()));
        Ok(OpenedModel::new(Box::new(Tch(model)), labels).with_precision(precision))
    }

    fn learner(
        &self,
        folder: &Path,
        labels: &LabelSet,
        settings: &Settings,
        train: &Dataset,
    ) -> Result<BoxedLearner, BackendError> {
        let options = options(&settings.computing())?
            .with_seed(i64::try_from(settings.train.seed).unwrap_or(i64::MAX))
            .with_dropout(Some(settings.model.dropout))
            .with_optimizer(settings.optimizer())
            .with_rates(settings.rates())
            .with_loss(settings.loss(train))
            .with_head(settings.head())
            .with_kept_classes(settings.model.base_types == BaseTypes::Keep);
        Ok(Box::new(Tch(TchClassifier::for_labels(folder, labels, &options)?)))
    }
}

/// What a model computes in.
const fn own(precision: ner_align_tch::Precision) -> Precision {
    match precision {
        ner_align_tch::Precision::Bf16 => Precision::Bf16,
        ner_align_tch::Precision::Int8 => Precision::Int8,
        _ => Precision::F32,
    }
}

/// Device and precision; the rest has its defaults.
fn options(computing: &Computing) -> Result<LoadOptions, BackendError> {
    let precision = match computing.precision {
        Precision::Auto => ner_align_tch::Precision::Auto,
        Precision::F32 => ner_align_tch::Precision::F32,
        Precision::Bf16 => ner_align_tch::Precision::Bf16,
        Precision::Int8 => ner_align_tch::Precision::Int8,
    };
    let device = computing.device.parse()?;
    Ok(LoadOptions::default().with_device(device).with_precision(precision))
}

/// A classifier whose errors are those of the pipeline.
#[derive(Debug)]
struct Tch<M>(M);

impl<M: TokenClassifier<Error = ModelError>> TokenClassifier for Tch<M> {
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

impl TrainStep for Tch<TchClassifier> {
    fn train_step(&mut self, input: StepInput<'_>) -> Result<StepOutput, BackendError> {
        Ok(self.0.train_step(input)?)
    }

    fn learns_soft_targets(&self) -> bool {
        self.0.learns_soft_targets()
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
        let (kind, hint) = (error.kind().into(), error.hint());
        let error = Self::new(error).with_kind(kind);
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}
