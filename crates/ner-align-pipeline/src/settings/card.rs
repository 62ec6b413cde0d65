//! What a model card says that no training can know.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, SeqAccess, Visitor, value::SeqAccessDeserializer};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::SettingsError;

/// The table of these settings in a config file, and the first part of their keys.
pub(super) const SECTION: &str = "card";
/// The table of label descriptions inside of it.
const LABELS: &str = "labels";

/// What a person says of a model, for its card: the keys `card.language`, `card.license` and so on,
/// or the table `[card]` of a config file. Nothing of it changes the training.
///
/// ```
/// use ner_align_pipeline::settings::{Recipe, Settings};
/// let settings = Settings::of(Recipe::Best)
///     .with("card.language", "bn")?
///     .with("card.labels.PER", "names of people")?;
/// assert_eq!(settings.card.language, ["bn"]);
/// assert_eq!(settings.card.labels["PER"], "names of people");
/// # Ok::<(), ner_align_pipeline::settings::SettingsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CardSettings {
    /// Languages of the texts, as codes of ISO 639 such as `en`, or `multilingual`.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub language: Vec<String>,
    /// License of the model, as the Hub names it, such as `apache-2.0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// The pretrained model's id on the Hub, where the run was given a folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_model: Option<String>,
    /// Ids of the training data on the Hub.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub datasets: Vec<String>,
    /// Tags beside those that every card has.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub tags: Vec<String>,
    /// Texts for the Hub's widget. `None`: sentences of the development data; empty: none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "some_or_many")]
    pub widget: Option<Vec<String>>,
    /// What the model is for, in Markdown; the first paragraph of the card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What the model is meant for, in Markdown, in place of the general text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intended_use: Option<String>,
    /// What the model is not fit for, in Markdown, in place of the general text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<String>,
    /// What each entity type marks.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

ner_align_core::setters! { CardSettings {
    with_language: language: Vec<String>,
    with_license: license: Option<String>,
    with_base_model: base_model: Option<String>,
    with_datasets: datasets: Vec<String>,
    with_tags: tags: Vec<String>,
    with_widget: widget: Option<Vec<String>>,
    with_description: description: Option<String>,
    with_intended_use: intended_use: Option<String>,
    with_limits: limits: Option<String>,
    with_labels: labels: BTreeMap<String, String>,
} }

impl CardSettings {
    /// Refuses what the Hub would not take.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let fault = |key: &str, expected: &str, found: &str| {
            let message = format!("expected {expected}, found {found:?}");
            Err(SettingsError::of_key(format!("{SECTION}.{key}"), message))
        };
        if let Some(found) = self.language.iter().find(|code| !is_language(code)) {
            return fault("language", "a code of ISO 639 such as bn, or multilingual", found);
        }
        if let Some(found) = self.base_model.as_ref().filter(|id| !is_hub_id(id)) {
            return fault("base_model", "an id on the Hub such as ORG/NAME", found);
        }
        if let Some(found) = self.datasets.iter().find(|id| !is_hub_id(id)) {
            return fault("datasets", "ids on the Hub such as ORG/NAME", found);
        }
        Ok(())
    }
}

/// Two or three letters, with subtags such as that of a script; or what the Hub has beside those.
fn is_language(code: &str) -> bool {
    let mut parts = code.split('-');
    let first = parts.next().unwrap_or_default();
    let named = matches!(code, "multilingual" | "code");
    let short = (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_lowercase());
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    named || (short && parts.all(plain))
}

/// `NAME` or `ORG/NAME`. A path of somebody's machine has other characters, or more parts.
fn is_hub_id(id: &str) -> bool {
    let plain = |part: &str| {
        let mut bytes = part.bytes();
        bytes.next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
            && bytes.all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
    };
    id.split('/').count() <= 2 && id.split('/').all(plain)
}

/// Whether a key is one of a card, such as `card.license`.
pub(super) fn has(key: &str) -> bool {
    key.split_once('.').is_some_and(|(section, _)| section == SECTION)
}

/// Puts the value of a key such as `card.license` or `card.labels.PER` into its table; returns
/// whether the key is one of a card. What follows `card.labels.` is a label, dots included.
pub(super) fn insert(all: &mut Table, key: &str, value: &Value) -> bool {
    let Some(key) = key.strip_prefix(SECTION).and_then(|key| key.strip_prefix('.')) else {
        return false;
    };
    let table = Value::Table(Table::new());
    let Value::Table(card) = all.entry(SECTION).or_insert_with(|| table.clone()) else {
        return true;
    };
    let label = key.strip_prefix(LABELS).and_then(|key| key.strip_prefix('.'));
    match label.map(|label| label.trim_matches(['"', '\''])) {
        Some(label) => {
            if let Value::Table(labels) = card.entry(LABELS).or_insert(table) {
                labels.insert(label.to_owned(), value.clone());
            }
        }
        None => drop(card.insert(key.to_owned(), value.clone())),
    }
    true
}

/// The same value by the key that names it, such as `card.license`.
pub(super) fn get<'a>(all: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        Some((section, key)) => all.get(section)?.get(key),
        None => all.get(key),
    }
}

/// A text, or a list of texts.
fn one_or_many<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<String>, D::Error> {
    struct Texts;

    impl<'de> Visitor<'de> for Texts {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text or a list of texts")
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(vec![text.to_owned()])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
            Deserialize::deserialize(SeqAccessDeserializer::new(list))
        }
    }

    source.deserialize_any(Texts)
}

fn some_or_many<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Vec<String>>, D::Error> {
    one_or_many(source).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{ConfigText, Recipe, Settings};

    fn resolve(file: &str, pairs: &[&str]) -> Result<CardSettings, SettingsError> {
        let pairs: Vec<String> = pairs.iter().map(ToString::to_string).collect();
        let file = ConfigText::new("run.toml", file);
        Settings::resolve(Recipe::Best, Some(&file), &pairs).map(|settings| settings.card)
    }

    #[test]
    fn values_come_from_the_file_and_single_settings() {
        let file = "epochs = 2\n[card]\nlanguage = ['bn', 'en']\nlicense = 'mit'\n\
                    [card.labels]\nPER = 'people'\n'B: \"x\"' = 'odd'\n";
        let pairs = [
            "card.license=apache-2.0",
            "card.labels.LOC=places",
            "card.labels.a.b=1.0",
            "card.tags=no",
            "card.datasets=[\"a/b\", 'c']",
            "card.widget=[]",
            "card.description=Ada: \"1\"",
        ];
        let card = resolve(file, &pairs).unwrap();
        let labels = [("PER", "people"), ("B: \"x\"", "odd"), ("LOC", "places"), ("a.b", "1.0")];
        let expected = CardSettings::default()
            .with_language(vec!["bn".into(), "en".into()])
            .with_license(Some("apache-2.0".into()))
            .with_datasets(vec!["a/b".into(), "c".into()])
            .with_tags(vec!["no".into()])
            .with_widget(Some(Vec::new()))
            .with_description(Some("Ada: \"1\"".into()))
            .with_labels(labels.map(|(label, text)| (label.into(), text.into())).into());
        assert_eq!(card, expected);
        // What is kept in the folder of a run reads back.
        let settings = Settings { card, ..Settings::of(Recipe::Best) };
        for text in [settings.to_toml(), settings.to_commented_toml("from a test")] {
            assert_eq!(resolve(&text.unwrap(), &[]).unwrap(), settings.card);
        }
    }

    #[test]
    fn faults_have_their_key_and_line() {
        for (file, pair, expected) in [
            ("", "card.langauge=bn", "config: expected a key, found \"card.langauge\""),
            ("", "card.language=Bengali", "config: card.language: expected a code of ISO 639"),
            ("", "card.language=", "config: card.language: expected a code of ISO 639"),
            ("", "card.base_model=/home/ada/bert", "config: card.base_model: expected an id"),
            ("", "card.base_model=../bert", "config: card.base_model: expected an id"),
            ("", "card.datasets=/data/x.conll", "config: card.datasets: expected ids"),
            ("", "card=3", "config: card: expected a table of keys, found 3"),
            ("", "card.labels=people", "config: card.labels: invalid type"),
            ("seed = 1\n[card]\nlicence = 'mit'\n", "seed=2", "run.toml:3: expected a key"),
            ("[card]\ntags = 3\n", "seed=2", "run.toml:2: card.tags: invalid type: integer"),
            ("card.language = 'Bengali'\n", "seed=2", "run.toml:1: card.language: expected a code"),
        ] {
            let error = resolve(file, &[pair]).unwrap_err();
            assert!(error.to_string().starts_with(expected), "{file}{pair}: {error}");
        }
    }
}
