//! The configuration of a training run: a recipe, a TOML file over it, `--set` over that.

mod file;
mod keys;
pub(crate) mod spacy;

use std::collections::BTreeMap;
use std::path::Path;

use ner_align_cli::Failure;
use ner_align_core::{Document, LabelSet, Scheme};
use ner_align_subword::Strategy;
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
    expecting = "expected nothing, embeddings, encoder, a number of layers or a share of them"
)]
pub(crate) enum Frozen {
    Part(Part),
    Layers(usize),
    Share(f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Part {
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
                    freeze: Frozen::Share(0.34),
                    decode: Decode::Constrained,
                    ..plain.model
                },
            },
        }
    }
}

impl RunConfig {
    /// The recipe's values, overridden by the file's, overridden by `key=value` pairs.
    pub(crate) fn resolve(
        recipe: Recipe,
        file: Option<&Path>,
        pairs: &[String],
    ) -> Result<Self, Failure> {
        let (mut table, places) = file.map_or(Ok(Default::default()), read_table)?;
        let placed = |failure: Failure| in_place(failure, &places, pairs);
        for pair in pairs {
            let (key, value) = pair.split_once('=').ok_or_else(|| {
                Failure::usage(format!("--set: expected key=value, found {pair:?}"))
            })?;
            table.insert(key.trim().to_owned(), parse_value(value.trim()));
        }
        let mut all = recipe.config().to_table();
        // Key by key, so that a message names the key that is wrong.
        for (key, value) in table {
            if !keys::all().any(|known| known.name == key) {
                let place = places.get(&key).map_or("config", String::as_str);
                let failure = Failure::usage(format!("{place}: expected a key, found {key:?}"));
                return Err(match keys::nearest(&key) {
                    Some(nearest) => failure.hint(format!("did you mean {nearest:?}?")),
                    None => failure.hint("`ner-align init-config` shows all keys"),
                });
            }
            let alone = Table::from_iter([(key.clone(), value.clone())]);
            Self::from_table(alone)
                .map_err(|e| placed(Failure::usage(format!("config: {key}: {e}"))))?;
            all.insert(key, value);
        }
        let config = Self::from_table(all).map_err(|e| Failure::usage(format!("config: {e}")))?;
        config.check().map_err(placed)?;
        Ok(config)
    }

    fn from_table(table: Table) -> Result<Self, String> {
        let loop_keys = to_table(&TrainConfig::every_key());
        let (train, model): (Table, Table) =
            table.into_iter().partition(|(key, _)| loop_keys.contains_key(key));
        let message = |e: toml::de::Error| {
            let line = e.message().split_whitespace().collect::<Vec<_>>().join(" ");
            let line = line.replace("usize", "a whole number, 0 or more");
            line.replace("u64", "a whole number, 0 or more").replace("f64", "a number")
        };
        Ok(Self {
            train: Value::Table(train).try_into().map_err(message)?,
            model: Value::Table(model).try_into().map_err(message)?,
        })
    }

    fn to_table(&self) -> Table {
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
                Frozen::Part(Part::Nothing) => Freeze::Nothing,
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
        settings.retain(|key, _| !["device", "precision"].contains(&key.as_str()));
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

/// A file's keys, and `PATH:LINE` of each.
fn read_table(path: &Path) -> Result<(Table, BTreeMap<String, String>), Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| Failure::usage(format!("{}: {e}", path.display())))?;
    let table = text.parse::<Table>().map_err(|e| {
        let before = text.get(..e.span().map_or(0, |span| span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        Failure::usage(format!("{}:{line}: {}", path.display(), e.message()))
    })?;
    // All keys are at the top, where a line begins with them.
    let of_line = |(number, line): (usize, &str)| {
        let key = line.split_once('=')?.0.trim().trim_matches(['"', '\'']).to_owned();
        Some((key, format!("{}:{}", path.display(), number + 1)))
    };
    let places = text.lines().enumerate().filter_map(of_line).collect();
    Ok((table, places))
}

/// The same failure where it comes from the file, with the line of its key.
fn in_place(failure: Failure, places: &BTreeMap<String, String>, pairs: &[String]) -> Failure {
    let rest = failure.message.strip_prefix("config: ");
    let Some((rest, (key, _))) = rest.and_then(|rest| Some((rest, rest.split_once(':')?))) else {
        return failure;
    };
    let is_set = |pair: &String| pair.split_once('=').is_some_and(|(name, _)| name.trim() == key);
    match places.get(key).filter(|_| !pairs.iter().any(is_set)) {
        Some(place) => Failure { message: format!("{place}: {rest}"), ..failure },
        None => failure,
    }
}

/// A value as TOML would read it, and a bare word as a string.
fn parse_value(text: &str) -> Value {
    format!("x = {text}")
        .parse::<Table>()
        .ok()
        .filter(|table| table.len() == 1)
        .and_then(|mut table| table.remove("x"))
        .unwrap_or_else(|| Value::String(text.to_owned()))
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
    fn faults_are_told_in_one_line() {
        for (pair, part) in [
            ("epoch=7", "did you mean \"epochs\"?"),
            ("nonsense_of_any_kind=7", "init-config"),
            ("epochs=0", "1 or more"),
            ("epochs=many", "epochs"),
            ("dropout=1.0", "dropout"),
            ("learning_rate=-1", "learning_rate"),
            ("learning_rate=nan", "learning_rate"),
            ("stride=512", "stride"),
            (
                "device=tpu",
                "device: expected the device auto, cpu, cuda, cuda:N or mps, found \"tpu\"",
            ),
            ("epochs=1\ndropout=0.5", "epochs: "),
            ("epochs=-1", "expected a whole number, 0 or more"),
            (
                "freeze=everything",
                "expected nothing, embeddings, encoder, a number of layers or a share",
            ),
            ("freeze=1.5", "freeze: expected a share of the layers from 0 to 1, found 1.5"),
            ("mask_words=1.0", "mask_words: expected 0 or more and less than 1, found 1"),
            ("epoch_steps=0", "epoch_steps: expected 1 or more"),
            ("schedule=step", "schedule"),
            ("layer_decay=1.5", "at most 1"),
            ("head=lstm", "head: unknown variant `lstm`, expected `linear` or `crf`"),
            ("crf_rate=0", "crf_rate: expected more than 0"),
            ("nothing", "key=value"),
        ] {
            let failure = RunConfig::resolve(Recipe::Best, None, &[pair.to_owned()]).unwrap_err();
            assert_eq!(failure.code, 2, "{pair}");
            let text = failure.to_string();
            assert!(text.contains(part), "{pair}: {text}");
        }
    }

    #[test]
    fn faults_of_a_file_have_their_line() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().display();
        for (text, line, part) in [
            ("seed = 1\n\nepochs = 0\n", 3, "epochs: expected 1 or more, found 0"),
            ("epochs = \"x\"\n", 1, "epochs: invalid type: string \"x\", expected a whole number"),
            ("# epocs = 1\n'epocs' = 1\n", 2, "expected a key, found \"epocs\""),
            ("seed = 1\nseed = \n", 2, ""),
        ] {
            std::fs::write(file.path(), text).unwrap();
            let failure = RunConfig::resolve(Recipe::Best, Some(file.path()), &[]).unwrap_err();
            let expected = format!("error: {path}:{line}: {part}");
            assert!(failure.to_string().starts_with(&expected), "{expected}: {failure}");
        }
        // What stands on the command line is not the file's fault.
        std::fs::write(file.path(), "epochs = 3\n").unwrap();
        let pairs = ["epochs=0".to_owned()];
        let failure = RunConfig::resolve(Recipe::Best, Some(file.path()), &pairs).unwrap_err();
        assert!(failure.to_string().starts_with("error: config: epochs"), "{failure}");
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
