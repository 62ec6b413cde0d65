//! The knobs of the training loop.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How windows are put into batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Batching {
    /// Shuffled anew each epoch.
    #[default]
    Random,
    /// Shuffled, but windows of like length share a batch, so that little of attention's rectangle
    /// is empty.
    Bucketed,
}

/// What the training loop can be told.
///
/// | name | default | unit | range |
/// |---|---|---|---|
/// | `seed` | 1 | | any |
/// | `epochs` | 3 | passes over the training data | 1 or more |
/// | `batch_size` | 32 | windows: sentences, or their parts where they are long | 1 or more |
/// | `batching` | `random` | | `random`, `bucketed` |
/// | `learning_rate` | 3e-4 | peak, per optimizer step | more than 0 |
/// | `warmup_steps` | 0 | optimizer steps from 0 to the peak | 0 or more |
/// | `eval_batch_subtokens` | 4096 | subtokens, special tokens counted | 1 or more |
/// | `log_every` | 10 | optimizer steps | 1 or more |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    /// Seed of the order of batches; the model has a seed of its own.
    pub seed: u64,
    /// Passes over the training data.
    pub epochs: usize,
    /// Windows in a batch.
    pub batch_size: usize,
    /// How windows are put into batches.
    pub batching: Batching,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// Optimizer steps during which the rate climbs to it.
    pub warmup_steps: usize,
    /// Subtokens in a batch of evaluation, at most; one window always fits.
    pub eval_batch_subtokens: usize,
    /// Optimizer steps between two lines of the log.
    pub log_every: usize,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            epochs: 3,
            batch_size: 32,
            batching: Batching::Random,
            learning_rate: 3e-4,
            warmup_steps: 0,
            eval_batch_subtokens: 4096,
            log_every: 10,
        }
    }
}

/// A knob outside its range.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{name}: expected {expected}, found {found}")]
pub struct ConfigError {
    /// The knob.
    pub name: &'static str,
    /// Its range.
    pub expected: &'static str,
    /// The value given.
    pub found: String,
}

impl TrainConfig {
    /// Checks every knob.
    ///
    /// # Errors
    /// [`ConfigError`] for the first knob outside its range.
    pub fn check(&self) -> Result<(), ConfigError> {
        let counts = [
            ("epochs", self.epochs),
            ("batch_size", self.batch_size),
            ("eval_batch_subtokens", self.eval_batch_subtokens),
            ("log_every", self.log_every),
        ];
        if let Some((name, found)) = counts.into_iter().find(|(_, value)| *value == 0) {
            return Err(ConfigError { name, expected: "1 or more", found: found.to_string() });
        }
        if !(self.learning_rate > 0.0 && self.learning_rate.is_finite()) {
            return Err(ConfigError {
                name: "learning_rate",
                expected: "a number greater than 0",
                found: self.learning_rate.to_string(),
            });
        }
        Ok(())
    }
}
