//! The settings of a training run: a recipe, a TOML file over it, single settings over that.
//!
//! ```
//! use ner_align_pipeline::settings::{Recipe, Settings};
//! let settings = Settings::of(Recipe::Best).with("epochs", "7")?.with("head", "crf")?;
//! assert_eq!(settings.train.epochs, 7.into());
//! let error = Settings::of(Recipe::Best).with("epoch", "7").unwrap_err();
//! assert_eq!(error.hint(), Some("did you mean \"epochs\"?"));
//! # Ok::<(), ner_align_pipeline::settings::SettingsError>(())
//! ```

mod card;
mod choices;
mod computing;
mod error;
mod file;
mod foreign;
mod keys;
mod ranges;
mod recipe;
mod resolve;
pub mod spacy;
mod table;
#[cfg(feature = "tch")]
mod tch;

use ner_align_core::{Scheme, WordSplitting};
use ner_align_subword::{Strategy, WindowUnit};
use ner_align_train::TrainConfig;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

pub use card::CardSettings;
pub(crate) use choices::choice;
pub use choices::{
    BaseTypes, ClassWeights, Decode, Freeze, FreezePart, Head, Marks, Precision, UnknownChoice,
};
pub use computing::Computing;
pub use error::SettingsError;
pub use keys::{Key, SECTIONS};
pub use recipe::Recipe;
pub use resolve::ConfigText;

/// Every setting of a run: those of the training loop, those of the model, and what its card says.
/// The keys of `config.toml` are the names of the fields of the first two, and `card.` before those
/// of the third.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Settings {
    /// Those of the training loop.
    pub train: TrainConfig,
    /// Those of the model, its optimizer and its windows.
    pub model: ModelSettings,
    /// What the model card says that no training can know.
    pub card: CardSettings,
}

/// The settings of the model, its optimizer and its windows; [`SECTIONS`] has the range of each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ModelSettings {
    /// `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.
    pub device: String,
    /// The precision that the model computes in.
    pub precision: Precision,
    /// Peak learning rate of the classifier's head, if it has one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_learning_rate: Option<f64>,
    /// Rate of a CRF's transitions, as a multiple of the learning rate.
    pub crf_rate: f64,
    /// Each layer's rate as a share of the layer above it.
    pub layer_decay: f64,
    /// Decay of matrices per unit of learning rate.
    pub weight_decay: f64,
    /// Decay of the mean of gradients.
    pub beta1: f64,
    /// Decay of the mean of squared gradients.
    pub beta2: f64,
    /// Added to the root of the mean square.
    pub epsilon: f64,
    /// Largest norm of all gradients together; longer ones are scaled down to it.
    pub max_gradient_norm: f64,
    /// The frozen part of the model.
    pub freeze: Freeze,
    /// The layer on the encoder that scores classes.
    pub head: Head,
    /// What becomes of types that the base model knows and the training data lack.
    pub base_types: BaseTypes,
    /// Which types a word without a label is none of.
    pub marks: Marks,
    /// Dropout of embeddings, attention, layers and head.
    pub dropout: f64,
    /// Share of a target's probability that is spread over all classes.
    pub label_smoothing: f64,
    /// Exponent of focal loss; 0: off.
    pub focal_gamma: f64,
    /// How classes are weighed in the loss.
    pub class_weights: ClassWeights,
    /// Which subtokens of a word carry its label.
    pub strategy: Strategy,
    /// The scheme of the classes; the training data's own if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
    /// How raw text becomes words, in training data with offsets and in prediction.
    #[serde(skip_serializing_if = "is_default_words")]
    pub words: WordSplitting,
    /// Subtokens in a window at most, special ones included.
    pub max_length: usize,
    /// Subtokens that two windows of a long sentence or document share.
    pub stride: usize,
    /// What goes through the model as one sequence.
    pub unit: WindowUnit,
    /// Subtokens of the document shown on each side of a sentence.
    pub context: usize,
    /// How scores become tags in evaluation.
    pub decode: Decode,
}

/// With fewer entities in the training data than this, `freeze = "auto"` freezes [`AUTO_SHARE`]. Of
/// the corpora that were tried those with up to 1,982 gain by it, and one with 5,145 loses; see
/// `docs/training-accuracy.md`.
const FEW_ENTITIES: usize = 3000;
const AUTO_SHARE: Freeze = Freeze::Share(0.34);

fn is_default_words(words: &WordSplitting) -> bool {
    *words == WordSplitting::default()
}

impl Default for ModelSettings {
    /// What transformers' token-classification example does.
    fn default() -> Self {
        Self {
            device: "auto".to_owned(),
            precision: Precision::Auto,
            head_learning_rate: None,
            crf_rate: 30.0,
            layer_decay: 1.0,
            weight_decay: 0.01,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            max_gradient_norm: 1.0,
            freeze: Freeze::Part(FreezePart::Nothing),
            head: Head::Linear,
            base_types: BaseTypes::Drop,
            marks: Marks::All,
            dropout: 0.1,
            label_smoothing: 0.0,
            focal_gamma: 0.0,
            class_weights: ClassWeights::None,
            strategy: Strategy::First,
            scheme: None,
            words: WordSplitting::default(),
            max_length: 512,
            stride: 128,
            unit: WindowUnit::Sentence,
            context: 0,
            decode: Decode::Argmax,
        }
    }
}

impl Settings {
    /// The settings of a recipe.
    #[must_use]
    pub fn of(recipe: Recipe) -> Self {
        recipe.settings()
    }

    /// All settings by key.
    ///
    /// # Errors
    /// [`SettingsError`] if a value has no form in TOML.
    pub fn to_table(&self) -> Result<Table, SettingsError> {
        let mut table = table::of(&self.train)?;
        table.extend(table::of(&self.model)?);
        let card = table::of(&self.card)?;
        if !card.is_empty() {
            table.insert(card::SECTION.to_owned(), Value::Table(card));
        }
        Ok(table)
    }

    /// The text of `config.toml`, as it is kept in the folder of a run.
    ///
    /// # Errors
    /// As [`Settings::to_table`].
    pub fn to_toml(&self) -> Result<String, SettingsError> {
        toml::to_string(&self.to_table()?).map_err(SettingsError::serialise)
    }

    /// The same settings without those of the card.
    pub(crate) fn without_card(&self) -> Self {
        Self { card: CardSettings::default(), ..self.clone() }
    }

    /// Decides what `freeze = "auto"` means for training data with this number of entities.
    pub fn settle_freeze(&mut self, entities: usize) {
        if self.model.freeze == Freeze::Part(FreezePart::Auto) {
            self.model.freeze = if entities < FEW_ENTITIES {
                AUTO_SHARE
            } else {
                Freeze::Part(FreezePart::Nothing)
            };
        }
    }

    /// Device and precision of the model.
    #[must_use]
    pub fn computing(&self) -> Computing {
        Computing::default()
            .with_device(self.model.device.clone())
            .with_precision(self.model.precision)
    }

    /// The settings outside the training loop that a resumed run must share with the one before.
    /// Device and precision are not among them.
    ///
    /// # Errors
    /// [`SettingsError`] if a value has no form in JSON.
    pub fn fixed_settings(
        &self,
    ) -> Result<serde_json::Map<String, serde_json::Value>, SettingsError> {
        let mut settings = match serde_json::to_value(&self.model) {
            Ok(serde_json::Value::Object(settings)) => settings,
            Ok(_) => serde_json::Map::new(),
            Err(error) => return Err(SettingsError::serialise(error)),
        };
        settings.remove("device");
        Ok(settings)
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
        let config = Settings::resolve(Recipe::Best, None, &pairs).unwrap();
        assert_eq!((config.train.epochs, config.train.batching), (7.into(), Batching::Random));
        assert_eq!(config.model.scheme, Some(Scheme::Biluo));
        assert_eq!(config.model.freeze, Freeze::Layers(2));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), config.to_toml().unwrap()).unwrap();
        for recipe in [Recipe::Best, Recipe::Trainer] {
            assert_eq!(
                Settings::resolve(recipe, Some(&ConfigText::read(file.path()).unwrap()), &[])
                    .unwrap(),
                config
            );
        }
    }

    #[test]
    fn every_key_is_described() {
        let mut config = Settings { train: TrainConfig::every_key(), ..Settings::default() };
        config.model.words = WordSplitting::Char;
        config.model.head_learning_rate = Some(1e-3);
        config.model.scheme = Some(Scheme::Iob2);
        let text = || Some("x".to_owned());
        config.card = CardSettings::default()
            .with_language(vec!["en".to_owned()])
            .with_license(text())
            .with_base_model(text())
            .with_datasets(vec!["x".to_owned()])
            .with_tags(vec!["x".to_owned()])
            .with_widget(Some(Vec::new()))
            .with_description(text())
            .with_intended_use(text())
            .with_limits(text())
            .with_labels([("PER".to_owned(), "people".to_owned())].into());
        let keys = |(key, value): (String, Value)| match value {
            Value::Table(table) => table.keys().map(|own| format!("{key}.{own}")).collect(),
            _ => vec![key],
        };
        let mut has: Vec<String> = config.to_table().unwrap().into_iter().flat_map(keys).collect();
        let mut described: Vec<&str> = keys::all().map(|key| key.name).collect();
        has.sort();
        described.sort_unstable();
        assert_eq!(has, described);
    }

    #[test]
    fn the_fewer_entities_the_more_is_frozen() {
        for (asked, entities, settled) in [
            ("auto", 2999, Freeze::Share(0.34)),
            ("auto", 3000, Freeze::Part(FreezePart::Nothing)),
            ("embeddings", 10, Freeze::Part(FreezePart::Embeddings)),
        ] {
            let pairs = [format!("freeze={asked}")];
            let mut config = Settings::resolve(Recipe::Trainer, None, &pairs).unwrap();
            config.settle_freeze(entities);
            assert_eq!(config.model.freeze, settled, "{asked} {entities}");
        }
    }
}
