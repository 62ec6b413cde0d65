//! The token classifier: an encoder with a linear head, and a CRF over it if asked for.

mod int8;
mod native;

use std::path::Path;

use ndarray::Array2;
use ner_align_core::{
    Batch, LabelSet, SoftTarget, StepInput, StepOutput, TokenClassifier, TrainStep,
    TransitionScores,
};
use tch::{Device, Tensor};

use crate::adamw::{AdamW, AdamWConfig};
use crate::checkpoint::{self, Checkpoint};
use crate::config::EncoderConfig;
use crate::device::Precision;
use crate::dropout::{Dropout, mix};
use crate::error::{ModelError, Result, in_batch};
use crate::loss::{Lesson, Loss, check_lesson};
use crate::names::{self, HEAD_PREFIXES};
use crate::native::Native;
use crate::network::{Forward, Network};
use crate::options::LoadOptions;
use crate::parameters::{Init, ParameterPlan, Parameters, WordRows};
use crate::route::Route;
use crate::threads;

/// An encoder with a linear layer over each subtoken, as the `…ForTokenClassification` of
/// transformers. [`EncoderConfig`] lists the encoders, [`crate::Head`] the heads.
///
/// Opens and writes the Hugging Face layout: `config.json` and `model.safetensors`. The latter has
/// a CRF's scores as `crf.transitions` `[from, to]`, `crf.start_transitions` and
/// `crf.end_transitions` `[classes]`; transformers ignores them.
///
/// It is [`Send`] and not [`Sync`]: one thread at a time uses it. [`crate::SharedClassifier`]
/// predicts on several threads at once.
#[derive(Debug)]
pub struct TchClassifier {
    network: Network,
    labels: LabelSet,
    parameters: Parameters,
    optimizer: Option<AdamW>,
    optimizer_config: AdamWConfig,
    loss: Loss,
    seed: i64,
    device: Device,
    precision: Precision,
    /// True if the folder had no head for these labels, so that a new one was initialised.
    new_head: bool,
}

impl TchClassifier {
    /// Opens a fine-tuned model with the classes that it was saved with.
    ///
    /// # Errors
    /// [`ModelError`] if the folder lacks a file, its config names no classes, a weight is missing
    /// or of another shape, or the machine lacks the device.
    pub fn load(directory: impl AsRef<Path>, options: &LoadOptions) -> Result<Self> {
        let directory = directory.as_ref();
        let config = EncoderConfig::read(directory)?;
        let fail =
            |reason: String| ModelError::Config { path: directory.join("config.json"), reason };
        let labels = config.labels().map_err(fail)?;
        let Some(labels) = labels else { return Err(without_classes(directory, &config)) };
        Self::build(directory, config, labels, Init::Required, options)
    }

    /// Opens a model to be fine-tuned for these classes. A head that has all of them is kept, a CRF's
    /// transitions included, whatever the order of its classes; any other is replaced by a new one,
    /// unless [`LoadOptions::keep_classes`] asks for those that it has. New transitions are zeros.
    ///
    /// # Errors
    /// [`ModelError`] if the folder lacks a file, an encoder weight is missing or of another
    /// shape, the loss does not apply to the head, or the machine lacks the device.
    pub fn for_labels(
        directory: impl AsRef<Path>,
        labels: &LabelSet,
        options: &LoadOptions,
    ) -> Result<Self> {
        if options.precision == Precision::Int8 {
            return Err(ModelError::Int8 { what: "in training" });
        }
        let directory = directory.as_ref();
        let mut config = EncoderConfig::read(directory)?;
        config.head = options.head;
        let init = Init::Normal(config.head_deviation());
        Self::build(directory, config, labels.clone(), init, options)
    }

    fn build(
        directory: &Path,
        mut config: EncoderConfig,
        labels: LabelSet,
        head_init: Init,
        options: &LoadOptions,
    ) -> Result<Self> {
        let mut checkpoint = Checkpoint::read(directory, config.family().prefix)?;
        if head_init != Init::Required && checkpoint.is_of_integers() {
            return Err(ModelError::IntegerWeights { path: checkpoint.path().to_owned() });
        }
        let rows = checkpoint.shape(HEAD).and_then(|shape| shape.first().copied());
        let known = config.labels().ok().flatten().filter(|_| rows.is_some());
        // Rows of a head that the names do not fit are not chosen from; the shape is refused below.
        let fits = known.as_ref().is_some_and(|known| rows == Some(known.len() as i64));
        let classes = known.and_then(|known| {
            let (types, classes) = (known.types(), known.partial_ids_of(&labels));
            let shares = || labels.types().iter().any(|label| types.contains(label));
            let all = classes.iter().all(Option::is_some);
            (all || (options.keep_classes && shares())).then_some(classes)
        });
        let new_head = head_init != Init::Required && classes.is_none();
        match classes {
            _ if new_head => HEAD_PREFIXES.iter().for_each(|prefix| checkpoint.forget(prefix)),
            Some(classes) if fits && head_init != Init::Required => {
                checkpoint.choose_classes(classes);
            }
            _ => {}
        }
        if let Some(dropout) = options.dropout {
            config.hidden_dropout_prob = dropout;
            config.attention_probs_dropout_prob = dropout;
            config.embedding_dropout = None;
            config.classifier_dropout = None;
        }
        threads::fix_number();
        let device = options.device.resolve()?;
        let mut precision = options.precision;
        if precision == Precision::Auto && checkpoint.is_of_integers() && device == Device::Cpu {
            precision = Precision::Int8;
        }
        if precision == Precision::Int8 && device != Device::Cpu {
            return Err(ModelError::Int8 { what: "on a device other than the CPU" });
        }
        if precision == Precision::Int8 && !config.has_native_way() {
            return Err(ModelError::Int8Family { family: config.model_type() });
        }
        tch::manual_seed(options.seed);
        let mut plan = ParameterPlan::default();
        let kind = precision.kind(device);
        let route = Route::new(device, kind, &config, options.as_on_a_gpu);
        let mut network = Network::declare(&mut plan, config, labels.len(), head_init, route);
        let mut parameters = plan.load(&checkpoint, device, kind)?;
        parameters.set_rates(&options.rates);
        if device == Device::Cpu && !network.route.queued {
            let native = Native::new(&network.encoder, &network.config, &parameters)?;
            network.native = native;
            if precision == Precision::Int8 {
                network.quantize()?;
                if let Some((table, _)) = parameters.table() {
                    int8::round_words(parameters.weights().get(table))?;
                }
            }
        }
        if network.crf.is_some() {
            options.loss.check_for_chains()?;
        }
        let loss = Loss::new(options.loss.clone(), labels.len(), device)?;
        Ok(Self {
            network,
            labels,
            parameters,
            optimizer: None,
            optimizer_config: options.optimizer,
            loss,
            seed: options.seed,
            device,
            precision: precision.on(device),
            new_head,
        })
    }

    /// The classes, by id.
    #[must_use]
    pub const fn labels(&self) -> &LabelSet {
        &self.labels
    }

    /// The encoder's configuration.
    #[must_use]
    pub const fn config(&self) -> &EncoderConfig {
        &self.network.config
    }

    /// The device that it computes on.
    #[must_use]
    pub const fn device(&self) -> Device {
        self.device
    }

    /// What it computes in; never [`Precision::Auto`].
    #[must_use]
    pub const fn precision(&self) -> Precision {
        self.precision
    }

    /// True if the folder had no head for these classes, so that a new one was initialised.
    #[must_use]
    pub const fn has_new_head(&self) -> bool {
        self.new_head
    }

    /// Number of parameters, frozen ones included.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.parameters.count()
    }

    /// Writes `config.json`.
    fn save_config(&self, directory: &Path) -> Result<()> {
        let path = directory.join("config.json");
        let json = format!("{:#}\n", self.network.config.to_json(&self.labels));
        std::fs::write(&path, json).map_err(|source| ModelError::Io { path, source })
    }

    /// The name of a tensor in the file of a token classifier.
    fn name_on_disk(&self, name: String) -> String {
        if names::is_above_encoder(&name) {
            return name;
        }
        format!("{}{name}", self.network.config.family().prefix)
    }

    fn new_optimizer(&self) -> Result<AdamW> {
        AdamW::new(self.optimizer_config, &self.parameters, self.network.route.queued)
    }

    /// Structure, classes and parameters, without what learning needs.
    pub(crate) fn into_parts(self) -> (Network, LabelSet, Parameters) {
        (self.network, self.labels, self.parameters)
    }

    /// The batch's share of a mean loss over rows with this total weight, from their logits and
    /// targets.
    fn loss_of(
        &self,
        logits: &Tensor,
        targets: &Tensor,
        lesson: Lesson<'_>,
        total: f64,
    ) -> Result<Tensor> {
        match &self.network.crf {
            None => self.loss.of(logits, targets, lesson.soft, total),
            Some(_) if !lesson.soft.is_empty() => Err(ModelError::LossOfRows {
                what: "rows with soft targets",
                expected: "none",
                found: lesson.soft.len().to_string(),
            }),
            Some(crf) => crf.loss(self.parameters.weights(), logits, lesson.batch, total),
        }
    }

    /// The same by libtorch's graph, with the rows of the table of words that it was computed from.
    fn loss(
        &self,
        lesson: Lesson<'_>,
        total: f64,
        dropout: &Dropout,
    ) -> Result<(Tensor, WordRows)> {
        check_lesson(lesson, self.labels.len())?;
        let (weights, batch) = (self.parameters.weights(), lesson.batch);
        let Forward { logits, words, targets } = self.network.forward(weights, batch, dropout)?;
        Ok((self.loss_of(&logits, &targets, lesson, total)?, words))
    }

    /// One update from these batches; no update if they have no rows to classify.
    fn step(
        &self,
        optimizer: &mut AdamW,
        input: &StepInput<'_>,
        dropout: &Dropout,
    ) -> Result<StepOutput> {
        let parts = input.parts().filter(|(batch, _)| !batch.rows.is_empty());
        let lessons: Vec<Lesson<'_>> = parts.map(|(batch, soft)| Lesson { batch, soft }).collect();
        if lessons.is_empty() {
            return Ok(StepOutput::new(0.0, 0.0));
        }
        let total = lessons.iter().map(|lesson| self.loss.weight(*lesson)).sum();
        if self.network.native.is_some() {
            return self.native_step(optimizer, input.learning_rate, &lessons, total, dropout);
        }
        let mut numbers = Vec::with_capacity(lessons.len() + 1);
        for (index, lesson) in lessons.into_iter().enumerate() {
            let mut add = || {
                let (share, words) = self.loss(lesson, total, dropout)?;
                optimizer.accumulate(&self.parameters, &share, words, index == 0)?;
                Ok(share.f_detach()?)
            };
            numbers.push(add().map_err(|error| in_batch(error, lesson.batch))?);
        }
        let norm = optimizer.step(&self.parameters, input.learning_rate)?;
        numbers.push(norm.f_to_device(self.device)?);
        // All of the step is on its way: this is where the host waits for a device, once.
        let mut read = vec![0.0_f32; numbers.len()];
        Tensor::f_stack(&numbers, 0)?
            .f_to_device(Device::Cpu)?
            .f_copy_data(&mut read, numbers.len())?;
        let gradient_norm = read.pop().map_or(0.0, f64::from);
        Ok(StepOutput::new(read.into_iter().map(f64::from).sum(), gradient_norm))
    }

    /// Loss, and the gradient of every parameter under its name on disk, with dropout off. Nothing is
    /// updated. For checks against other implementations.
    ///
    /// # Errors
    /// As [`TrainStep::train_step`].
    pub fn loss_and_gradients(&self, batch: &Batch) -> Result<(f64, Vec<(String, Tensor)>)> {
        self.loss_and_gradients_with(batch, &[])
    }

    /// The same with rows that have soft targets.
    ///
    /// # Errors
    /// As [`TrainStep::train_step`].
    pub fn loss_and_gradients_with(
        &self,
        batch: &Batch,
        soft: &[(usize, SoftTarget)],
    ) -> Result<(f64, Vec<(String, Tensor)>)> {
        let lesson = Lesson { batch, soft };
        let (total, off) = (self.loss.weight(lesson), Dropout::off());
        if self.network.native.is_some() {
            return self.native_loss_and_gradients(lesson, total, &off);
        }
        let (loss, words) = self.loss(lesson, total, &off)?;
        let gradients = self.parameters.backward(&loss, words)?;
        let named = self.parameters.named_gradients(&gradients)?;
        Ok((loss.f_double_value(&[])?, named))
    }
}

impl TokenClassifier for TchClassifier {
    type Error = ModelError;

    fn num_labels(&self) -> usize {
        self.labels.len()
    }

    fn logits(&self, batch: &Batch) -> Result<Array2<f32>> {
        self.network.logits(self.parameters.weights(), batch)
    }

    fn transition_scores(&self) -> Result<Option<TransitionScores>> {
        self.network.transition_scores(self.parameters.weights())
    }
}

impl TrainStep for TchClassifier {
    fn train_step(&mut self, input: StepInput<'_>) -> Result<StepOutput> {
        if self.precision == Precision::Int8 {
            return Err(ModelError::Int8 { what: "in training" });
        }
        // Dropout follows from the number of the step, so that a resumed run repeats it.
        let seed = step_seed(self.seed, input.step);
        tch::manual_seed((seed >> 1) as i64);
        let dropout = Dropout::seeded(seed);
        let mut optimizer = match self.optimizer.take() {
            Some(optimizer) => optimizer,
            // Made here, since it is as large as the model, which may only predict.
            None => self.new_optimizer()?,
        };
        let output = if self.network.native.is_some() {
            threads::alone(|| self.step(&mut optimizer, &input, &dropout))
        } else {
            self.step(&mut optimizer, &input, &dropout)
        };
        if output.is_err() {
            // The caller may try again with smaller batches.
            optimizer.forget();
        }
        self.optimizer = Some(optimizer);
        output
    }

    fn learns_soft_targets(&self) -> bool {
        self.network.crf.is_none()
    }

    fn save(&self, directory: &Path) -> Result<()> {
        self.save_config(directory)?;
        let named = self.parameters.named_values()?;
        let named = named.into_iter().map(|(name, tensor)| (self.name_on_disk(name), tensor));
        let tensors: Vec<(String, Tensor)> = named.collect();
        checkpoint::write(&directory.join("model.safetensors"), &tensors)
    }

    fn save_state(&self, directory: &Path) -> Result<()> {
        let state = match &self.optimizer {
            Some(optimizer) => optimizer.state(&self.parameters)?,
            None => Vec::new(),
        };
        checkpoint::write(&directory.join(OPTIMIZER), &state)
    }

    fn restore(&mut self, directory: &Path) -> Result<()> {
        let config = EncoderConfig::read(directory)?;
        let known = config.labels().ok().flatten();
        if known.as_ref() != Some(&self.labels) {
            return Err(ModelError::OtherClasses {
                path: directory.join("config.json"),
                expected: shown(&self.labels),
                found: known.as_ref().map_or_else(|| "none".to_owned(), shown),
            });
        }
        if config.head != self.network.config.head {
            let (expected, found) = (self.network.config.head, config.head);
            return Err(ModelError::OtherHead {
                path: directory.join("config.json"),
                expected,
                found,
            });
        }
        if let Some((key, expected, found)) = self.network.config.difference(&config) {
            let path = directory.join("config.json");
            return Err(ModelError::OtherModel { path, key, expected, found });
        }
        self.parameters.restore(&Checkpoint::read(directory, config.family().prefix)?)?;
        let state = Checkpoint::read_file(&directory.join(OPTIMIZER), "")?;
        // A model that was saved before its first step had none.
        self.optimizer = None;
        if !state.is_empty() {
            let mut optimizer = self.new_optimizer()?;
            optimizer.restore(&self.parameters, &state)?;
            self.optimizer = Some(optimizer);
        }
        Ok(())
    }
}

/// The matrix of the linear head.
const HEAD: &str = "classifier.weight";

/// The error for a model without names of classes: not fine-tuned, or by somebody who gave none.
fn without_classes(directory: &Path, config: &EncoderConfig) -> ModelError {
    let path = directory.join("config.json");
    let head = Checkpoint::read(directory, config.family().prefix)
        .ok()
        .and_then(|checkpoint| checkpoint.shape(HEAD)?.first().copied());
    match head {
        Some(classes) => ModelError::UnnamedClasses {
            path,
            found: match classes {
                1 => "LABEL_0".to_owned(),
                2 => "LABEL_0, LABEL_1".to_owned(),
                more => format!("LABEL_0, LABEL_1, … LABEL_{}", more - 1),
            },
        },
        None => ModelError::Config {
            path,
            reason: "expected id2label with entity tags, found none: not fine-tuned yet".to_owned(),
        },
    }
}

/// Classes as a message names them.
fn shown(labels: &LabelSet) -> String {
    format!("{} ({})", labels.names().join(" "), labels.scheme())
}

/// The optimizer's state in a checkpoint.
const OPTIMIZER: &str = "optimizer.safetensors";

/// A seed for each step, far from those of its neighbours.
const fn step_seed(seed: i64, step: usize) -> u64 {
    mix((seed as u64).wrapping_add((step as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}
