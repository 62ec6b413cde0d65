//! The configuration of a training run: defaults, a recipe, a TOML file, `--set`.

use std::path::Path;

use ner_align_cli::Failure;
use ner_align_core::Scheme;
use ner_align_subword::Strategy;
use ner_align_tch::AdamWConfig;
use ner_align_train::{Batching, TrainConfig};
use serde::{Deserialize, Serialize};

/// Every key of `config.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RunConfig {
    pub(crate) seed: u64,
    pub(crate) epochs: usize,
    pub(crate) batch_size: usize,
    pub(crate) batching: Batching,
    pub(crate) learning_rate: f64,
    pub(crate) weight_decay: f64,
    pub(crate) warmup_steps: usize,
    pub(crate) max_gradient_norm: f64,
    pub(crate) dropout: f64,
    pub(crate) max_length: usize,
    pub(crate) stride: usize,
    pub(crate) strategy: Strategy,
    /// The scheme of the classes; the training data's own if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scheme: Option<Scheme>,
    pub(crate) device: String,
    pub(crate) eval_batch_subtokens: usize,
    pub(crate) log_every: usize,
}

/// Named sets of defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Recipe {
    /// What ner-align recommends
    #[default]
    Best,
    /// What transformers' token-classification example does
    Trainer,
}

impl Default for RunConfig {
    fn default() -> Self {
        let loop_defaults = TrainConfig::default();
        let optimizer = AdamWConfig::default();
        Self {
            seed: loop_defaults.seed,
            epochs: loop_defaults.epochs,
            batch_size: loop_defaults.batch_size,
            batching: Batching::Random,
            learning_rate: loop_defaults.learning_rate,
            weight_decay: optimizer.weight_decay,
            warmup_steps: loop_defaults.warmup_steps,
            max_gradient_norm: optimizer.max_gradient_norm,
            dropout: 0.1,
            max_length: 512,
            stride: 128,
            strategy: Strategy::First,
            scheme: None,
            device: "auto".to_owned(),
            eval_batch_subtokens: loop_defaults.eval_batch_subtokens,
            log_every: loop_defaults.log_every,
        }
    }
}

impl RunConfig {
    /// The recipe's values, overridden by the file's, overridden by `key=value` pairs.
    pub(crate) fn resolve(
        // Both recipes are the same until `best` has something better to say.
        _recipe: Recipe,
        file: Option<&Path>,
        pairs: &[String],
    ) -> Result<Self, Failure> {
        let mut table = match file {
            None => toml::Table::new(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|e| Failure::usage(format!("{}: {e}", path.display())))?;
                text.parse::<toml::Table>()
                    .map_err(|e| Failure::usage(format!("{}: {}", path.display(), e.message())))?
            }
        };
        for pair in pairs {
            let (key, value) = pair.split_once('=').ok_or_else(|| {
                Failure::usage(format!("--set: expected key=value, found {pair:?}"))
            })?;
            table.insert(key.trim().to_owned(), parse_value(value.trim()));
        }
        // Key by key, so that a message names the key that is wrong.
        for (key, value) in &table {
            let alone = toml::Table::from_iter([(key.clone(), value.clone())]);
            Self::read(alone).map_err(|e| Failure::usage(format!("config: {key}: {e}")))?;
        }
        let config = Self::read(table).map_err(|e| Failure::usage(format!("config: {e}")))?;
        config.check()?;
        Ok(config)
    }

    fn read(table: toml::Table) -> Result<Self, String> {
        toml::Value::Table(table).try_into().map_err(|e: toml::de::Error| e.message().to_owned())
    }

    fn check(&self) -> Result<(), Failure> {
        let fail = |key: &str, expected: &str, found: String| {
            Err(Failure::usage(format!("config: {key}: expected {expected}, found {found}")))
        };
        if let Err(error) = self.train().check() {
            return Err(Failure::usage(format!("config: {error}")));
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return fail("dropout", "0 or more and less than 1", self.dropout.to_string());
        }
        if !(self.weight_decay >= 0.0 && self.weight_decay.is_finite()) {
            return fail("weight_decay", "0 or more", self.weight_decay.to_string());
        }
        if self.max_gradient_norm <= 0.0 || self.max_gradient_norm.is_nan() {
            return fail("max_gradient_norm", "more than 0", self.max_gradient_norm.to_string());
        }
        if self.max_length < 4 {
            return fail("max_length", "4 or more", self.max_length.to_string());
        }
        if self.stride >= self.max_length {
            return fail("stride", "less than max_length", self.stride.to_string());
        }
        if !matches!(self.device.as_str(), "auto" | "cpu") {
            return fail("device", "auto or cpu", format!("{:?}", self.device));
        }
        Ok(())
    }

    /// The part that the training loop reads.
    pub(crate) const fn train(&self) -> TrainConfig {
        TrainConfig {
            seed: self.seed,
            epochs: self.epochs,
            batch_size: self.batch_size,
            batching: self.batching,
            learning_rate: self.learning_rate,
            warmup_steps: self.warmup_steps,
            eval_batch_subtokens: self.eval_batch_subtokens,
            log_every: self.log_every,
        }
    }

    /// The part that the optimizer reads.
    pub(crate) fn optimizer(&self) -> AdamWConfig {
        AdamWConfig {
            weight_decay: self.weight_decay,
            max_gradient_norm: self.max_gradient_norm,
            ..AdamWConfig::default()
        }
    }

    /// The file as it is kept beside the model.
    pub(crate) fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }
}

/// A value as TOML would read it, and a bare word as a string.
fn parse_value(text: &str) -> toml::Value {
    format!("x = {text}")
        .parse::<toml::Table>()
        .ok()
        .and_then(|mut table| table.remove("x"))
        .unwrap_or_else(|| toml::Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_back() {
        let pairs = ["epochs=7", "learning_rate=1e-5", "batching=bucketed", "scheme=\"biluo\""];
        let pairs: Vec<String> = pairs.iter().map(ToString::to_string).collect();
        let config = RunConfig::resolve(Recipe::Trainer, None, &pairs).unwrap();
        assert_eq!((config.epochs, config.batching), (7, Batching::Bucketed));
        assert_eq!(config.scheme, Some(Scheme::Biluo));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), config.to_toml()).unwrap();
        assert_eq!(RunConfig::resolve(Recipe::Best, Some(file.path()), &[]).unwrap(), config);
    }

    #[test]
    fn faults_are_told_in_one_line() {
        for (pair, part) in [
            ("epoch=7", "epoch"),
            ("epochs=0", "1 or more"),
            ("epochs=many", "epochs"),
            ("dropout=1.0", "dropout"),
            ("learning_rate=-1", "learning_rate"),
            ("learning_rate=nan", "learning_rate"),
            ("stride=512", "stride"),
            ("device=tpu", "device"),
            ("nothing", "key=value"),
        ] {
            let failure = RunConfig::resolve(Recipe::Best, None, &[pair.to_owned()]).unwrap_err();
            assert_eq!(failure.code, 2, "{pair}");
            let text = failure.to_string();
            assert!(text.contains(part) && text.lines().count() == 1, "{pair}: {text}");
        }
    }
}
