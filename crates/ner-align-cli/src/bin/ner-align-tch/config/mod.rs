//! The configuration of a training run: a recipe, a TOML file over it, `--set` over that.

mod file;
mod keys;
mod resolve;
pub(crate) mod spacy;

use ner_align_cli::Failure;
use ner_align_core::{Document, LabelSet, Scheme};
use ner_align_subword::{Strategy, Unit};
use ner_align_tch::{AdamWConfig, Freeze, Head, LayerRates, LossConfig};
use ner_align_train::{Batching, TrainConfig};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

pub(crate) use file::{commented, commented_recipe};

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

/// Named sets of defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Recipe {
    /// What ner-align recommends
    #[default]
    Best,
    /// What transformers' token-classification example does
    Trainer,
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

impl ModelConfig {
    /// Refuses what a CRF cannot be trained with: its chain has one place a word, and its loss is
    /// that of whole paths.
    fn check_head(&self) -> Result<(), Failure> {
        if self.head != Head::Crf {
            return Ok(());
        }
        let rows = [
            ("strategy", self.strategy == Strategy::First, "first"),
            ("label_smoothing", self.label_smoothing == 0.0, "0"),
            ("focal_gamma", self.focal_gamma == 0.0, "0"),
            ("class_weights", self.class_weights == ClassWeights::None, "none"),
        ];
        match rows.into_iter().find(|(_, fits, _)| !fits) {
            None => Ok(()),
            Some((key, _, expected)) => {
                let found = to_table(self).remove(key).map_or_else(String::new, |v| v.to_string());
                let found = found.trim_matches('"');
                Err(Failure::usage(format!(
                    "config: {key}: expected {expected} beside head = crf, found {found}"
                )))
            }
        }
    }
}

impl Recipe {
    /// The name on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::Trainer => "trainer",
        }
    }

    /// The recipe's settings. Those of `best` were chosen on the dev sets of WNUT-17 and CrossNER,
    /// see `docs/training-accuracy.md`.
    pub(crate) fn config(self) -> RunConfig {
        let plain = RunConfig::default();
        match self {
            Self::Trainer => plain,
            Self::Best => RunConfig {
                train: TrainConfig {
                    epochs: 5,
                    epoch_steps: 50,
                    batching: Batching::Bucketed,
                    mask_words: 0.1,
                    ..plain.train
                },
                model: ModelConfig {
                    freeze: Frozen::Part(Part::Auto),
                    decode: Decode::Constrained,
                    ..plain.model
                },
            },
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

    fn check(&self) -> Result<(), Failure> {
        if let Err(error) = self.train.check() {
            return Err(Failure::usage(format!("config: {error}")));
        }
        let model = &self.model;
        if let Err(error) = ner_align_tch::check_device_name(&model.device) {
            return Err(Failure::usage(format!("config: device: {error}")));
        }
        let share = |value: f64| (0.0..1.0).contains(&value);
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let (share_text, positive_text) = ("0 or more and less than 1", "more than 0");
        let frozen = match model.freeze {
            Frozen::Share(share) => share,
            _ => 0.0,
        };
        let checks = [
            ("freeze", (0.0..=1.0).contains(&frozen), "a share of the layers from 0 to 1", frozen),
            ("dropout", share(model.dropout), share_text, model.dropout),
            ("label_smoothing", share(model.label_smoothing), share_text, model.label_smoothing),
            ("beta1", share(model.beta1), share_text, model.beta1),
            ("beta2", share(model.beta2), share_text, model.beta2),
            ("epsilon", positive(model.epsilon), positive_text, model.epsilon),
            (
                "head_learning_rate",
                model.head_learning_rate.is_none_or(positive),
                positive_text,
                model.head_learning_rate.unwrap_or(0.0),
            ),
            ("crf_rate", positive(model.crf_rate), positive_text, model.crf_rate),
            (
                "layer_decay",
                model.layer_decay > 0.0 && model.layer_decay <= 1.0,
                "more than 0 and at most 1",
                model.layer_decay,
            ),
            (
                "weight_decay",
                model.weight_decay >= 0.0 && model.weight_decay.is_finite(),
                "0 or more",
                model.weight_decay,
            ),
            (
                "focal_gamma",
                model.focal_gamma >= 0.0 && model.focal_gamma.is_finite(),
                "0 or more",
                model.focal_gamma,
            ),
            (
                "max_gradient_norm",
                model.max_gradient_norm > 0.0,
                positive_text,
                model.max_gradient_norm,
            ),
            ("max_length", model.max_length >= 4, "4 or more", model.max_length as f64),
            (
                "stride",
                model.stride < model.max_length,
                "less than max_length",
                model.stride as f64,
            ),
        ];
        for (key, fits, expected, found) in checks {
            if !fits {
                return Err(Failure::usage(format!(
                    "config: {key}: expected {expected}, found {found}"
                )));
            }
        }
        self.model.check_head()
    }

    /// Decides what `freeze = "auto"` is for training data with so many entities.
    pub(crate) fn settle_freeze(&mut self, entities: usize) {
        if self.model.freeze == Frozen::Part(Part::Auto) {
            self.model.freeze =
                if entities < FEW_ENTITIES { AUTO_SHARE } else { Frozen::Part(Part::Nothing) };
        }
    }

    /// Refuses to freeze more layers than the model has.
    pub(crate) fn check_layers(&self, layers: usize) -> Result<(), Failure> {
        match self.model.freeze {
            Frozen::Layers(found) if found > layers => Err(Failure::usage(format!(
                "config: freeze: expected at most {layers} layers, which the model has, found {found}"
            ))),
            _ => Ok(()),
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
    pub(crate) fn loss(&self, labels: &LabelSet, train: &[Document]) -> LossConfig {
        let class_weights = match self.model.class_weights {
            ClassWeights::None => Vec::new(),
            ClassWeights::Balanced => balanced_weights(labels, train),
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

/// A weight for each class: the root of how much rarer it is than the mean class among the words
/// of the training data, so that rare ones count more without drowning the others. Classes that
/// never occur weigh as the rarest one.
fn balanced_weights(labels: &LabelSet, train: &[Document]) -> Vec<f64> {
    let mut counts = vec![0_usize; labels.len()];
    for document in train {
        let Ok(tags) = document.tags_in(labels.scheme()) else { continue };
        for class in tags.iter().filter_map(|tag| labels.id(tag)) {
            if let Some(count) = counts.get_mut(class) {
                *count += 1;
            }
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

    #[test]
    fn a_crf_has_one_place_a_word_and_one_loss() {
        for (pair, message) in [
            ("strategy=propagate", "strategy: expected first beside head = crf, found propagate"),
            ("label_smoothing=0.1", "label_smoothing: expected 0 beside head = crf, found 0.1"),
            ("focal_gamma=2.0", "focal_gamma: expected 0 beside head = crf, found 2.0"),
            ("class_weights=balanced", "class_weights: expected none beside head = crf, found bal"),
        ] {
            let with = |head: &str| {
                let pairs = [pair.to_owned(), format!("head={head}")];
                RunConfig::resolve(Recipe::Best, None, &pairs)
            };
            assert_eq!(with("linear").unwrap().model.head, Head::Linear);
            let text = with("crf").unwrap_err().to_string();
            assert!(text.contains(message), "{pair}: {text}");
        }
    }
}
