//! The token classifier: an encoder with a linear head, and a CRF over it if asked for.

use std::path::Path;

use ndarray::Array2;
use ner_align_core::{
    Batch, LabelSet, StepInput, StepOutput, TokenClassifier, TrainStep, TransitionScores,
};
use tch::{Device, Kind, Tensor, no_grad};

use crate::adamw::{AdamW, AdamWConfig};
use crate::checkpoint::{self, Checkpoint};
use crate::config::{EncoderConfig, Head};
use crate::crf::{self, Crf};
use crate::device::Precision;
use crate::dropout::{Dropout, mix};
use crate::encoder::{Encoder, Linear, Pass};
use crate::error::{ModelError, Result, in_batch};
use crate::loss::{Loss, LossConfig, check_targets};
use crate::packing::Packing;
use crate::parameters::{Init, ParameterPlan, Parameters, WordRows};
use crate::rates::LayerRates;

/// An encoder with a linear layer over each subtoken, as the `…ForTokenClassification` of
/// transformers; [`EncoderConfig`] says which encoders, [`Head`] what else there may be.
///
/// Opens and writes the Hugging Face layout: `config.json` and `model.safetensors`. The latter has
/// a CRF's scores as `crf.transitions` `[from, to]`, `crf.start_transitions` and
/// `crf.end_transitions` `[classes]`; transformers passes over them.
#[derive(Debug)]
pub struct TchClassifier {
    config: EncoderConfig,
    labels: LabelSet,
    parameters: Parameters,
    encoder: Encoder,
    head: Linear,
    crf: Option<Crf>,
    head_dropout: f64,
    optimizer: Option<AdamW>,
    optimizer_config: AdamWConfig,
    loss: Loss,
    seed: i64,
    device: Device,
    /// True if the folder had no head for these labels, so that a new one was drawn.
    new_head: bool,
}

/// How a model is brought up.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadOptions {
    /// Where it computes.
    pub device: Device,
    /// What it computes in.
    pub precision: Precision,
    /// Seed of a new head and of all dropout.
    pub seed: i64,
    /// Dropout everywhere; `None` leaves what `config.json` says.
    pub dropout: Option<f64>,
    /// Constants of the optimizer.
    pub optimizer: AdamWConfig,
    /// What learns, and how fast.
    pub rates: LayerRates,
    /// What is made small. With [`Head::Crf`] that is the negative log-likelihood of the windows'
    /// paths, shared out over their labelled rows, and none of these settings applies.
    pub loss: LossConfig,
    /// What [`TchClassifier::for_labels`] puts on the encoder; a model that is loaded has its own.
    pub head: Head,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            device: Device::Cpu,
            precision: Precision::default(),
            seed: 0,
            dropout: None,
            optimizer: AdamWConfig::default(),
            rates: LayerRates::default(),
            loss: LossConfig::default(),
            head: Head::default(),
        }
    }
}

impl TchClassifier {
    /// Opens a fine-tuned model with the classes that it was saved with.
    ///
    /// # Errors
    /// [`ModelError`] if the folder lacks a file, its config names no classes, a weight is missing
    /// or of another shape.
    pub fn load(directory: &Path, options: &LoadOptions) -> Result<Self> {
        let config = EncoderConfig::read(directory)?;
        let fail =
            |reason: String| ModelError::Config { path: directory.join("config.json"), reason };
        let labels = config.labels().map_err(fail)?.ok_or_else(|| {
            fail("expected id2label with entity tags, found none: not fine-tuned yet".to_owned())
        })?;
        Self::build(directory, config, labels, Init::Required, options)
    }

    /// Opens a model to be fine-tuned for these classes. A head for exactly these classes is kept,
    /// a CRF's transitions included; any other is replaced by a new one. New transitions are zeros.
    ///
    /// # Errors
    /// [`ModelError`] if the folder lacks a file, an encoder weight is missing or of another
    /// shape, or the loss is none for the head.
    pub fn for_labels(directory: &Path, labels: &LabelSet, options: &LoadOptions) -> Result<Self> {
        let mut config = EncoderConfig::read(directory)?;
        config.head = options.head;
        let init = Init::Normal(config.initializer_range);
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
        let known = config.labels().ok().flatten();
        let new_head = head_init != Init::Required
            && (known.is_none_or(|known| known.names() != labels.names())
                || checkpoint.shape("classifier.weight").is_none());
        if new_head {
            HEAD_PREFIXES.iter().for_each(|prefix| checkpoint.forget(prefix));
        }
        if let Some(dropout) = options.dropout {
            config.hidden_dropout_prob = dropout;
            config.attention_probs_dropout_prob = dropout;
            config.classifier_dropout = None;
        }
        tch::manual_seed(options.seed);
        let mut plan = ParameterPlan::default();
        let encoder = Encoder::declare(&mut plan, &config);
        let classes = labels.len() as i64;
        let name = ["classifier".to_owned()];
        let head = Linear::declare(&mut plan, &name, classes, config.hidden_size, head_init);
        let crf = (config.head == Head::Crf).then(|| Crf::declare(&mut plan, classes, head_init));
        let mut parameters = plan.load(&checkpoint, options.device, options.precision.kind())?;
        parameters.set_rates(&options.rates);
        if crf.is_some() {
            options.loss.check_for_chains()?;
        }
        let loss = Loss::new(options.loss.clone(), labels.len(), options.device)?;
        Ok(Self {
            head_dropout: config.head_dropout(),
            config,
            labels,
            parameters,
            encoder,
            head,
            crf,
            optimizer: None,
            optimizer_config: options.optimizer,
            loss,
            seed: options.seed,
            device: options.device,
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
        &self.config
    }

    /// True if the folder had no head for these classes and a new one was drawn.
    #[must_use]
    pub const fn has_new_head(&self) -> bool {
        self.new_head
    }

    /// Number of learned parameters.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.parameters.count()
    }

    /// Logits of the batch's rows, `[rows, classes]`, on the model's device; and the words that
    /// they were computed from.
    fn forward(&self, batch: &Batch, dropout: &Dropout) -> Result<(Tensor, WordRows)> {
        let packing = Packing::new(batch, &self.config, self.device, self.parameters.kind())?;
        let words = self.encoder.words(&self.parameters, &packing)?;
        let (parameters, packing, words) = (&self.parameters, &packing, words);
        let pass = Pass { parameters, packing, words: &words, dropout };
        let rows = dropout.apply(&self.encoder.forward(&pass)?, self.head_dropout)?;
        Ok((self.head.forward(parameters, &rows)?.f_to_kind(Kind::Float)?, words))
    }

    /// The batch's share of a loss that is a mean over rows of this weight in all.
    fn loss(&self, batch: &Batch, total: f64, dropout: &Dropout) -> Result<(Tensor, WordRows)> {
        check_targets(&batch.targets, self.labels.len())?;
        let (logits, words) = self.forward(batch, dropout)?;
        let loss = match &self.crf {
            None => self.loss.of(&logits, &batch.targets, total)?,
            Some(crf) => crf.loss(&self.parameters, &logits, batch, total)?,
        };
        Ok((loss, words))
    }

    /// One update from these batches; none if there is nothing in them to classify.
    fn step(
        &self,
        optimizer: &mut AdamW,
        input: &StepInput<'_>,
        dropout: &Dropout,
    ) -> Result<StepOutput> {
        let batches: Vec<&Batch> =
            input.batches.iter().filter(|batch| !batch.rows.is_empty()).collect();
        if batches.is_empty() {
            return Ok(StepOutput { loss: 0.0, gradient_norm: 0.0 });
        }
        let total = batches.iter().map(|batch| self.loss.weight(batch)).sum();
        let mut loss = 0.0;
        for (index, batch) in batches.into_iter().enumerate() {
            let mut add = || {
                let (share, words) = self.loss(batch, total, dropout)?;
                optimizer.accumulate(&self.parameters, &share, words, index == 0)?;
                Ok(share.f_double_value(&[])?)
            };
            loss += add().map_err(|error| in_batch(error, batch))?;
        }
        let gradient_norm = optimizer.step(&self.parameters, input.learning_rate)?;
        Ok(StepOutput { loss, gradient_norm })
    }

    /// Loss and gradient of every parameter under its name on disk, dropout off, nothing updated:
    /// for checks against other implementations.
    ///
    /// # Errors
    /// As [`TrainStep::train_step`].
    pub fn loss_and_gradients(&self, batch: &Batch) -> Result<(f64, Vec<(String, Tensor)>)> {
        let (loss, words) = self.loss(batch, self.loss.weight(batch), &Dropout::off())?;
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
        let shape = (batch.rows.len(), self.labels.len());
        if batch.rows.is_empty() {
            return Ok(Array2::zeros(shape));
        }
        let logits = no_grad(|| self.forward(batch, &Dropout::off()));
        let (logits, _) = logits.map_err(|error| in_batch(error, batch))?;
        let expected = [shape.0 as i64, shape.1 as i64];
        if logits.size() != expected {
            return Err(ModelError::Logits { expected, found: logits.size() });
        }
        let logits = logits.f_to_device(Device::Cpu)?.f_contiguous()?;
        let mut values = vec![0.0_f32; shape.0 * shape.1];
        logits.f_copy_data(&mut values, shape.0 * shape.1)?;
        Array2::from_shape_vec(shape, values)
            .map_err(|_| ModelError::Logits { expected, found: logits.size() })
    }

    fn transition_scores(&self) -> Result<Option<TransitionScores>> {
        self.crf.as_ref().map_or(Ok(None), |crf| crf.scores(&self.parameters))
    }
}

impl TrainStep for TchClassifier {
    fn train_step(&mut self, input: StepInput<'_>) -> Result<StepOutput> {
        // Dropout follows from the number of the step, so that a resumed run repeats it.
        let seed = step_seed(self.seed, input.step);
        tch::manual_seed((seed >> 1) as i64);
        let dropout = Dropout::seeded(seed);
        let mut optimizer = match self.optimizer.take() {
            Some(optimizer) => optimizer,
            // State of the size of the model, which a model that only predicts never needs.
            None => AdamW::new(self.optimizer_config, &self.parameters)?,
        };
        let output = self.step(&mut optimizer, &input, &dropout);
        if output.is_err() {
            // Whoever can do with smaller batches goes on.
            optimizer.forget();
        }
        self.optimizer = Some(optimizer);
        output
    }

    fn save(&self, directory: &Path) -> Result<()> {
        let path = directory.join("config.json");
        let json = format!("{:#}\n", self.config.to_json(&self.labels));
        std::fs::write(&path, json).map_err(|source| ModelError::Io { path, source })?;
        let prefix = self.config.family().prefix;
        let tensors: Vec<(String, Tensor)> = self
            .parameters
            .named_values()?
            .into_iter()
            .map(|(name, tensor)| {
                let is_head = HEAD_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
                (if is_head { name } else { format!("{prefix}{name}") }, tensor)
            })
            .collect();
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
        if config.head != self.config.head {
            let (expected, found) = (self.config.head, config.head);
            return Err(ModelError::OtherHead {
                path: directory.join("config.json"),
                expected,
                found,
            });
        }
        if let Some((key, expected, found)) = self.config.difference(&config) {
            let path = directory.join("config.json");
            return Err(ModelError::OtherModel { path, key, expected, found });
        }
        self.parameters.restore(&Checkpoint::read(directory, config.family().prefix)?)?;
        let state = Checkpoint::read_file(&directory.join(OPTIMIZER), "")?;
        // A model that was saved before its first step had none.
        self.optimizer = None;
        if !state.is_empty() {
            let mut optimizer = AdamW::new(self.optimizer_config, &self.parameters)?;
            optimizer.restore(&self.parameters, &state)?;
            self.optimizer = Some(optimizer);
        }
        Ok(())
    }
}

/// Classes as a message names them.
fn shown(labels: &LabelSet) -> String {
    format!("{} ({})", labels.names().join(" "), labels.scheme())
}

/// What the names of the head's tensors start with.
const HEAD_PREFIXES: [&str; 2] = ["classifier.", crf::PREFIX];

/// The optimizer's state in a checkpoint.
const OPTIMIZER: &str = "optimizer.safetensors";

/// A seed for each step, far from those of its neighbours.
const fn step_seed(seed: i64, step: usize) -> u64 {
    mix((seed as u64).wrapping_add((step as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}
