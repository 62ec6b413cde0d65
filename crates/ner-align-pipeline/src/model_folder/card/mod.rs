//! `README.md` of a model folder: the model card that model hubs show.

mod examples;
mod head;
mod markdown;
mod text;
mod yaml;

use std::fmt;

use ner_align_core::LabelSet;
use ner_align_metrics::Scores;

pub use examples::card_examples;
#[cfg(feature = "tch")]
pub(crate) use text::of_integers;
pub(crate) use text::recalibrated;

use crate::calibration::Calibration;
use crate::settings::Settings;
use crate::{DataSource, Provenance, Split};

/// What a model card says. Its `Display` is the text of the file: a head in YAML with what the Hub
/// reads, and the card in Markdown. What a part is missing for is left out.
///
/// No path of a machine gets into it: data and base model are known by their names and hashes.
///
/// ```
/// use ner_align_core::{LabelSet, Scheme};
/// use ner_align_pipeline::ModelCard;
/// use ner_align_pipeline::settings::{Recipe, Settings};
///
/// let labels = LabelSet::new(["PER".parse()?], Scheme::Iob2);
/// let settings = Settings::of(Recipe::Best).with("card.language", "bn")?;
/// let card = ModelCard::new("people", &labels, &settings).to_string();
/// assert!(card.starts_with("---\nlanguage: bn\nlibrary_name: transformers\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ModelCard<'a> {
    name: &'a str,
    labels: &'a LabelSet,
    settings: &'a Settings,
    settings_toml: &'a str,
    base: Option<(&'a str, Option<&'a str>)>,
    provenance: Option<&'a Provenance>,
    training_sentences: Option<usize>,
    examples: &'a [String],
    dev: Option<&'a Scores>,
    test: Option<&'a Scores>,
    calibration: Option<&'a Calibration>,
}

impl<'a> ModelCard<'a> {
    /// The card of the model `name` with these classes; [`Settings::card`] is what a person says of
    /// it.
    #[must_use]
    pub const fn new(name: &'a str, labels: &'a LabelSet, settings: &'a Settings) -> Self {
        Self {
            name,
            labels,
            settings,
            settings_toml: "",
            base: None,
            provenance: None,
            training_sentences: None,
            examples: &[],
            dev: None,
            test: None,
            calibration: None,
        }
    }

    /// Shows how the model was trained: the settings as TOML.
    #[must_use]
    pub const fn with_settings_toml(self, settings_toml: &'a str) -> Self {
        Self { settings_toml, ..self }
    }

    /// Names the pretrained model, and its id if it has one on the Hub.
    #[must_use]
    pub const fn with_base(self, name: &'a str, hub_id: Option<&'a str>) -> Self {
        Self { base: Some((name, hub_id)), ..self }
    }

    /// Names the data and their hashes.
    #[must_use]
    pub const fn with_provenance(self, provenance: &'a Provenance) -> Self {
        Self { provenance: Some(provenance), ..self }
    }

    /// Says how many sentences the model learned from.
    #[must_use]
    pub const fn with_training_sentences(self, sentences: usize) -> Self {
        Self { training_sentences: Some(sentences), ..self }
    }

    /// Texts of the development data for the Hub's widget, used where the settings name none; see
    /// [`card_examples`].
    #[must_use]
    pub const fn with_examples(self, examples: &'a [String]) -> Self {
        Self { examples, ..self }
    }

    /// The scores on the development data.
    #[must_use]
    pub const fn with_dev(self, scores: &'a Scores) -> Self {
        Self { dev: Some(scores), ..self }
    }

    /// The scores on the test data.
    #[must_use]
    pub const fn with_test(self, scores: &'a Scores) -> Self {
        Self { test: Some(scores), ..self }
    }

    /// How far the scores of entities can be taken for probabilities.
    #[must_use]
    pub const fn with_calibration(self, calibration: &'a Calibration) -> Self {
        Self { calibration: Some(calibration), ..self }
    }

    /// The values of the head, in the words of the Hub's model card metadata.
    #[must_use]
    pub fn metadata(&self) -> serde_json::Value {
        head::metadata(self)
    }

    /// The base model's id on the Hub.
    fn base_id(&self) -> Option<&'a str> {
        let own = self.settings.card.base_model.as_deref();
        own.or_else(|| self.base.and_then(|(_, id)| id))
    }

    /// The texts for the widget.
    fn widget(&self) -> &'a [String] {
        self.settings.card.widget.as_deref().unwrap_or(self.examples)
    }

    /// The corpora of one part of the data.
    fn sources(&self, split: Split) -> impl Iterator<Item = &'a DataSource> + use<'a> {
        let all = self.provenance.map_or(&[][..], |provenance| &provenance.data);
        all.iter().filter(move |source| source.split == split)
    }
}

impl fmt::Display for ModelCard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "---\n{}---\n\n", yaml::to_yaml(&self.metadata()))?;
        text::write(self, f)
    }
}
