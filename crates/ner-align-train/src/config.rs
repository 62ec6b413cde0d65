//! The settings of the training loop.

use serde::{Deserialize, Serialize};

use crate::epochs::Epochs;
use crate::error::ConfigError;
use crate::schedule::Schedule;
use crate::selection::Selection;

/// How windows are put into batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Batching {
    /// Shuffled anew each epoch.
    #[default]
    Random,
    /// Shuffled, but windows of similar length share a batch, so that little of attention's
    /// rectangle is empty.
    Bucketed,
}

/// The settings of the training loop.
///
/// They start from [`TrainConfig::default`], have a setter each, and can be read from and written to
/// any format of serde; missing keys have their defaults, unknown keys are refused.
/// [`crate::Trainer::new`] checks them.
///
/// ```
/// use ner_align_train::TrainConfig;
/// let config = TrainConfig::default().with_epochs(5).with_learning_rate(5e-5);
/// assert!(config.check().is_ok());
/// let error = config.with_epochs(0).check().unwrap_err();
/// assert_eq!(error.to_string(), "epochs: expected 1 or more, found 0");
/// ```
///
/// | name | default | unit | range |
/// |---|---|---|---|
/// | `seed` | 1 | | any |
/// | `epochs` | 3 | passes over the training data; see [`Epochs`] | 1 or more, `auto`, `few` |
/// | `max_steps` | none | optimizer steps at most | 1 or more |
/// | `batch_size` | 32 | windows: sentences, or their parts where they are long | 1 or more |
/// | `epoch_steps` | 1 | optimizer steps in an epoch at least; with little data, batches are smaller than `batch_size`, down to one window | 1 or more |
/// | `batch_subtokens` | none | subtokens in a batch at most; instead of `batch_size` | 1 or more |
/// | `batching` | `random` | | `random`, `bucketed` |
/// | `accumulate` | 1 | batches to an optimizer step | 1 or more |
/// | `mask_words` | 0 | share of the words that are replaced by the mask token in training, drawn again each epoch | 0 to less than 1 |
/// | `learning_rate` | 3e-4 | peak, per optimizer step | more than 0 |
/// | `schedule` | `linear` | | `linear`, `cosine`, `constant` |
/// | `warmup_steps` | 0 | optimizer steps from 0 to the peak | 0 or more |
/// | `warmup_ratio` | 0 | the same as a share of all steps; used where `warmup_steps` is 0 | 0 to less than 1 |
/// | `eval_every` | none | optimizer steps between evaluations; else after each epoch | 1 or more |
/// | `select` | `strict` | the score that the best model is chosen by | see [`Selection`] |
/// | `patience` | none | evaluations without a better one before the run stops | 1 or more |
/// | `checkpoint_every` | none | optimizer steps between checkpoints; else at each evaluation | 1 or more |
/// | `keep_checkpoints` | 1 | the newest ones stay; 0: none are written | 0 or more |
/// | `eval_batch_subtokens` | 4096 | subtokens, special tokens counted | 1 or more |
/// | `log_every` | 10 | optimizer steps | 1 or more |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TrainConfig {
    /// Seed of the order of batches and of the hidden words; the model has a seed of its own.
    pub seed: u64,
    /// Passes over the training data.
    pub epochs: Epochs,
    /// Optimizer steps at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_steps: Option<usize>,
    /// Windows in a batch.
    pub batch_size: usize,
    /// Optimizer steps in an epoch at least: with little data, batches are smaller.
    pub epoch_steps: usize,
    /// Subtokens in a batch at most, instead of a number of windows; one window always fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_subtokens: Option<usize>,
    /// How windows are put into batches.
    pub batching: Batching,
    /// Batches whose gradients are added up for one optimizer step.
    pub accumulate: usize,
    /// Share of the words that are replaced by the tokenizer's mask token in training, 0 to 1.
    pub mask_words: f64,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// How the rate changes after the warm-up.
    pub schedule: Schedule,
    /// Optimizer steps during which the rate climbs to its peak.
    pub warmup_steps: usize,
    /// The same as a share of all steps; used where `warmup_steps` is 0.
    pub warmup_ratio: f64,
    /// Optimizer steps between evaluations; after each epoch if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eval_every: Option<usize>,
    /// What the best model is chosen by.
    pub select: Selection,
    /// Evaluations without a better one before the run stops.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<usize>,
    /// Optimizer steps between checkpoints; at each evaluation if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<usize>,
    /// How many checkpoints stay on the disk.
    pub keep_checkpoints: usize,
    /// Subtokens in a batch of evaluation, at most; one window always fits.
    pub eval_batch_subtokens: usize,
    /// Optimizer steps between two lines of the log.
    pub log_every: usize,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            epochs: Epochs::Count(3),
            max_steps: None,
            batch_size: 32,
            epoch_steps: 1,
            batch_subtokens: None,
            batching: Batching::Random,
            accumulate: 1,
            mask_words: 0.0,
            learning_rate: 3e-4,
            schedule: Schedule::Linear,
            warmup_steps: 0,
            warmup_ratio: 0.0,
            eval_every: None,
            select: Selection::Strict,
            patience: None,
            checkpoint_every: None,
            keep_checkpoints: 1,
            eval_batch_subtokens: 4096,
            log_every: 10,
        }
    }
}

ner_align_core::setters! { TrainConfig {
    with_seed: seed: u64,
    with_max_steps: max_steps: Option<usize>,
    with_batch_size: batch_size: usize,
    with_epoch_steps: epoch_steps: usize,
    with_batch_subtokens: batch_subtokens: Option<usize>,
    with_batching: batching: Batching,
    with_accumulate: accumulate: usize,
    with_mask_words: mask_words: f64,
    with_learning_rate: learning_rate: f64,
    with_schedule: schedule: Schedule,
    with_warmup_steps: warmup_steps: usize,
    with_warmup_ratio: warmup_ratio: f64,
    with_eval_every: eval_every: Option<usize>,
    with_select: select: Selection,
    with_patience: patience: Option<usize>,
    with_checkpoint_every: checkpoint_every: Option<usize>,
    with_keep_checkpoints: keep_checkpoints: usize,
    with_eval_batch_subtokens: eval_batch_subtokens: usize,
    with_log_every: log_every: usize,
} }

impl TrainConfig {
    /// Sets [`epochs`](Self::epochs): a number, or [`Epochs::Auto`].
    #[must_use]
    pub fn with_epochs(mut self, epochs: impl Into<Epochs>) -> Self {
        self.epochs = epochs.into();
        self
    }

    /// The defaults, with a value for every optional setting: for lists of all settings.
    #[must_use]
    pub fn every_key() -> Self {
        Self {
            max_steps: Some(1),
            batch_subtokens: Some(1),
            eval_every: Some(1),
            patience: Some(1),
            checkpoint_every: Some(1),
            ..Self::default()
        }
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// [`ConfigError`] for the first setting outside its range.
    pub fn check(&self) -> Result<(), ConfigError> {
        let counts = [
            ("epochs", Some(self.epochs.of(1))),
            ("max_steps", self.max_steps),
            ("batch_size", Some(self.batch_size)),
            ("epoch_steps", Some(self.epoch_steps)),
            ("batch_subtokens", self.batch_subtokens),
            ("accumulate", Some(self.accumulate)),
            ("eval_every", self.eval_every),
            ("patience", self.patience),
            ("checkpoint_every", self.checkpoint_every),
            ("eval_batch_subtokens", Some(self.eval_batch_subtokens)),
            ("log_every", Some(self.log_every)),
        ];
        if let Some((name, _)) = counts.into_iter().find(|(_, value)| *value == Some(0)) {
            return Err(ConfigError { name, expected: "1 or more", found: "0".to_owned() });
        }
        if !(self.learning_rate > 0.0 && self.learning_rate.is_finite()) {
            return Err(ConfigError {
                name: "learning_rate",
                expected: "a number greater than 0",
                found: self.learning_rate.to_string(),
            });
        }
        let shares = [("warmup_ratio", self.warmup_ratio), ("mask_words", self.mask_words)];
        if let Some((name, found)) = shares.into_iter().find(|(_, s)| !(0.0..1.0).contains(s)) {
            let found = found.to_string();
            return Err(ConfigError { name, expected: "0 or more and less than 1", found });
        }
        Ok(())
    }

    /// Windows in a batch of training data with `windows` windows: `batch_size`, or fewer, down to
    /// one, if an epoch would have less than `epoch_steps` steps.
    ///
    /// ```
    /// use ner_align_train::TrainConfig;
    /// let plain = TrainConfig::default().with_accumulate(4);
    /// assert!([7, 40, 10_000].iter().all(|&windows| plain.windows_in_batch(windows) == 32));
    ///
    /// let config = TrainConfig::default().with_epoch_steps(50);
    /// assert_eq!(config.windows_in_batch(10_000), 32);
    /// assert_eq!(config.windows_in_batch(200), 4);
    /// assert_eq!(config.windows_in_batch(7), 1);
    /// ```
    #[must_use]
    pub fn windows_in_batch(&self, windows: usize) -> usize {
        let batches = windows.div_ceil(self.batch_size.max(1));
        if batches.div_ceil(self.accumulate.max(1)) >= self.epoch_steps {
            return self.batch_size;
        }
        (windows / self.epoch_steps.saturating_mul(self.accumulate).max(1)).max(1)
    }

    /// Optimizer steps of warm-up in a run of `total_steps`.
    #[must_use]
    pub fn warmup(&self, total_steps: usize) -> usize {
        if self.warmup_steps > 0 {
            self.warmup_steps
        } else {
            (self.warmup_ratio * total_steps as f64).ceil() as usize
        }
    }
}
