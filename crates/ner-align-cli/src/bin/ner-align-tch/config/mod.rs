//! The configuration of a training run: a recipe, a TOML file over it, `--set` over that.

mod file;
mod keys;
mod ranges;
mod recipe;
mod resolve;
pub(crate) mod spacy;

use ner_align_core::{Dataset, Scheme};
use ner_align_subword::{Strategy, Unit};
use ner_align_tch::{AdamWConfig, Freeze, Head, LayerRates, LossConfig};
use ner_align_train::TrainConfig;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

pub(crate) use file::{commented, commented_recipe};
pub(crate) use recipe::Recipe;

use crate::eval::Decode;
use crate::model::Precision;

/// Every key of `config.toml`: those of the training loop, and those of the model.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct RunConfig {
    pub(crate) train: TrainConfig,
    pub(crate) model: ModelConfig,
}

/// What the model, its optimizer and the way to its windows can be told; see [`keys`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ModelConfig {
    pub(crate) device: String,
    pub(crate) precision: Precision,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) head_learning_rate: Option<f64>,
    pub(crate) crf_rate: f64,
    pub(crate) layer_decay: f64,
    pub(crate) weight_decay: f64,
    pub(crate) beta1: f64,
    pub(crate) beta2: f64,
    pub(crate) epsilon: f64,
    pub(crate) max_gradient_norm: f64,
    pub(crate) freeze: Frozen,
    pub(crate) head: Head,
    pub(crate) dropout: f64,
    pub(crate) label_smoothing: f64,
    pub(crate) focal_gamma: f64,
    pub(crate) class_weights: ClassWeights,
    pub(crate) strategy: Strategy,
    /// The scheme of the classes; the training data's own if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scheme: Option<Scheme>,
    pub(crate) max_length: usize,
    pub(crate) stride: usize,
    pub(crate) unit: Unit,
    pub(crate) context: usize,
    pub(crate) decode: Decode,
}

/// How classes are weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ClassWeights {
    #[default]
    None,
    Balanced,
}

/// What does not learn: a name, a number of layers, or a share of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected auto, nothing, embeddings, encoder, a number of layers or a share of them"
)]
pub(crate) enum Frozen {
    Part(Part),
    Layers(usize),
    Share(f64),
}

/// With fewer entities in the training data than this, `freeze = "auto"` freezes [`AUTO_SHARE`]. Of
/// the corpora that were tried those with up to 1,982 gain by it, and one with 5,145 loses; see
/// `docs/training-accuracy.md`.
const FEW_ENTITIES: usize = 3000;
const AUTO_SHARE: Frozen = Frozen::Share(0.34);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Part {
    Auto,
    Nothing,
    Embeddings,
    Encoder,
}

impl Default for ModelConfig {
    fn default() -> Self {
        let optimizer = AdamWConfig::default();
        Self {
            device: "auto".to_owned(),
            precision: Precision::Auto,
            head_learning_rate: None,
            crf_rate: 30.0,
            layer_decay: 1.0,
            weight_decay: optimizer.weight_decay,
            beta1: optimizer.beta1,
            beta2: optimizer.beta2,
            epsilon: optimizer.epsilon,
            max_gradient_norm: optimizer.max_gradient_norm,
            freeze: Frozen::Part(Part::Nothing),
            head: Head::Linear,
            dropout: 0.1,
            label_smoothing: 0.0,
            focal_gamma: 0.0,
            class_weights: ClassWeights::None,
            strategy: Strategy::First,
            scheme: None,
            max_length: 512,
            stride: 128,
            unit: Unit::Sentence,
            context: 0,
            decode: Decode::Argmax,
        }
    }
}

impl RunConfig {
    /// All settings by key.
    pub(crate) fn to_table(&self) -> Table {
        let mut table = to_table(&self.train);
        table.extend(to_table(&self.model));
        table
    }

    /// Decides what `freeze = "auto"` is for training data with so many entities.
    pub(crate) fn settle_freeze(&mut self, entities: usize) {
        if self.model.freeze == Frozen::Part(Part::Auto) {
            self.model.freeze =
                if entities < FEW_ENTITIES { AUTO_SHARE } else { Frozen::Part(Part::Nothing) };
        }
    }

    /// The part that the optimizer reads.
    pub(crate) const fn optimizer(&self) -> AdamWConfig {
        let ModelConfig { beta1, beta2, epsilon, weight_decay, max_gradient_norm, .. } = self.model;
        AdamWConfig { beta1, beta2, epsilon, weight_decay, max_gradient_norm }
    }

    /// What learns, and how fast.
    pub(crate) fn rates(&self) -> LayerRates {
        let head = self.model.head_learning_rate;
        LayerRates {
            layer_decay: self.model.layer_decay,
            head: head.map_or(1.0, |head| head / self.train.learning_rate),
            crf: self.model.crf_rate,
            freeze: match self.model.freeze {
                // Settled before there is a model.
                Frozen::Part(Part::Auto | Part::Nothing) => Freeze::Nothing,
                Frozen::Part(Part::Embeddings) => Freeze::Embeddings,
                Frozen::Part(Part::Encoder) => Freeze::Encoder,
                Frozen::Layers(layers) => Freeze::Layers(layers),
                Frozen::Share(share) => Freeze::Share(share),
            },
        }
    }

    /// What is made small.
    pub(crate) fn loss(&self, train: &Dataset) -> LossConfig {
        let class_weights = match self.model.class_weights {
            ClassWeights::None => Vec::new(),
            ClassWeights::Balanced => balanced_weights(train),
        };
        LossConfig {
            label_smoothing: self.model.label_smoothing,
            focal_gamma: self.model.focal_gamma,
            class_weights,
        }
    }

    /// The settings outside the loop that a resumed run must share with the one before. Where it
    /// computes is not one of them.
    pub(crate) fn fixed_settings(&self) -> serde_json::Map<String, serde_json::Value> {
        let mut settings = match serde_json::to_value(&self.model) {
            Ok(serde_json::Value::Object(settings)) => settings,
            _ => serde_json::Map::new(),
        };
        settings.remove("device");
        settings
    }

    /// The file as it is kept beside the model.
    pub(crate) fn to_toml(&self) -> String {
        toml::to_string(&self.to_table()).unwrap_or_default()
    }
}

/// A weight for each class: the root of how much rarer it is than the mean class among the
/// subtokens that are trained on, so that rare ones count more without drowning the others. Classes
/// that never occur weigh as the rarest one.
fn balanced_weights(train: &Dataset) -> Vec<f64> {
    let mut counts = vec![0_usize; train.labels.len()];
    for &class in train.windows.iter().flat_map(|window| &window.labels) {
        // What is not trained on has a negative class.
        if let Some(count) = usize::try_from(class).ok().and_then(|class| counts.get_mut(class)) {
            *count += 1;
        }
    }
    let rarest = counts.iter().copied().filter(|&count| count > 0).min().unwrap_or(1);
    let total: usize = counts.iter().sum();
    let mean = total as f64 / counts.len().max(1) as f64;
    counts
        .into_iter()
        .map(|count| (mean / if count == 0 { rarest } else { count } as f64).sqrt())
        .collect()
}

fn to_table(part: &impl Serialize) -> Table {
    match Value::try_from(part) {
        Ok(Value::Table(table)) => table,
        _ => Table::new(),
    }
}

#[cfg(test)]
mod tests {
    use ner_align_train::Batching;

    use super::*;

    #[test]
    fn what_is_kept_reads_back() {
        let pairs = [
            "epochs=7",
            "learning_rate=1e-5",
            "batching=random",
            "scheme=\"biluo\"",
            "freeze=2",
            "patience=3",
            "class_weights=balanced",
            "crf_rate=3",
        ];
        let pairs: Vec<String> = pairs.iter().map(ToString::to_string).collect();
        let config = RunConfig::resolve(Recipe::Best, None, &pairs).unwrap();
        assert_eq!((config.train.epochs, config.train.batching), (7, Batching::Random));
        assert_eq!(config.model.scheme, Some(Scheme::Biluo));
        assert_eq!(config.rates().freeze, Freeze::Layers(2));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), config.to_toml()).unwrap();
        for recipe in [Recipe::Best, Recipe::Trainer] {
            assert_eq!(RunConfig::resolve(recipe, Some(file.path()), &[]).unwrap(), config);
        }
    }

    #[test]
    fn every_key_is_described() {
        let mut config = RunConfig { train: TrainConfig::every_key(), ..RunConfig::default() };
        config.model.head_learning_rate = Some(1e-3);
        config.model.scheme = Some(Scheme::Iob2);
        let mut has: Vec<String> = config.to_table().into_iter().map(|(key, _)| key).collect();
        let mut described: Vec<&str> = keys::all().map(|key| key.name).collect();
        has.sort();
        described.sort_unstable();
        assert_eq!(has, described);
    }

    #[test]
    fn the_fewer_entities_the_more_is_frozen() {
        for (asked, entities, settled) in [
            ("auto", 2999, Frozen::Share(0.34)),
            ("auto", 3000, Frozen::Part(Part::Nothing)),
            ("embeddings", 10, Frozen::Part(Part::Embeddings)),
        ] {
            let pairs = [format!("freeze={asked}")];
            let mut config = RunConfig::resolve(Recipe::Trainer, None, &pairs).unwrap();
            config.settle_freeze(entities);
            assert_eq!(config.model.freeze, settled, "{asked} {entities}");
        }
    }
}
