//! Where the settings of a run come from: a recipe, a file, single settings.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use ner_align_core::{MAX_SETTINGS_BYTES, read_text_at_most};
use ner_align_train::TrainConfig;
use toml::{Table, Value};

use super::foreign::{self, Foreign};
use super::{Recipe, Settings, SettingsError, card, keys, table};
use crate::codec::stride_within;

/// The text of a config file, and its name for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigText {
    name: String,
    text: String,
}

impl ConfigText {
    /// A text; `name` is its path in messages.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// The text of a file.
    ///
    /// # Errors
    /// [`SettingsError`] with the path if the file cannot be read.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, SettingsError> {
        let path = path.as_ref();
        let text = File::open(path).and_then(|file| read_text_at_most(file, MAX_SETTINGS_BYTES));
        let text = text.map_err(|error| {
            SettingsError::new(format!("expected a readable config file, found {error}"))
                .at(path.display().to_string())
        })?;
        Ok(Self::new(path.display().to_string(), text))
    }

    /// The text itself.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The keys of the file, and the place of each: `PATH:LINE`.
    fn table(&self) -> Result<(Table, BTreeMap<String, String>), SettingsError> {
        let Self { name, text } = self;
        let table = text.parse::<Table>().map_err(|error| {
            let before = text.get(..error.span().map_or(0, |span| span.start));
            let line = before.unwrap_or_default().matches('\n').count() + 1;
            let error = SettingsError::new(error.message()).at(format!("{name}:{line}"));
            if is_spacy(text) { error.with_hint(IMPORT) } else { error }
        })?;
        // A line begins with its key, after that of the table it is in.
        let mut section = String::new();
        let of_line = |(number, line): (usize, &str)| {
            let place = format!("{name}:{}", number + 1);
            if let Some(header) = line.trim().strip_prefix('[') {
                let header = header.split(']').next().unwrap_or_default().trim();
                section = format!("{header}.");
                return Some((header.to_owned(), place));
            }
            let key = line.split_once('=')?.0.trim().trim_matches(['"', '\'']);
            Some((format!("{section}{key}"), place))
        };
        Ok((table, text.lines().enumerate().filter_map(of_line).collect()))
    }
}

impl Settings {
    /// The recipe's settings, overridden by those of a file, overridden by `key=value` pairs.
    ///
    /// # Errors
    /// [`SettingsError`] for an unknown key, a value of the wrong kind or out of range, and values
    /// that do not go together; with file and line where the setting comes from the file.
    pub fn resolve(
        recipe: Recipe,
        file: Option<&ConfigText>,
        pairs: &[String],
    ) -> Result<Self, SettingsError> {
        let (mut given, mut places) = file.map_or(Ok(Default::default()), ConfigText::table)?;
        for pair in pairs {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| SettingsError::new(format!("expected key=value, found {pair:?}")))?;
            let key = key.trim();
            // What a pair says is not the file's fault.
            places.remove(key);
            insert(&mut given, key, value.trim());
        }
        recipe.settings().over(given).map_err(|error| {
            let spacy = file.is_some_and(|file| is_spacy(&file.text));
            let error = if spacy { error.with_hint(IMPORT) } else { error };
            match error.key().and_then(|key| places.get(key)) {
                Some(place) => error.at(place),
                None => error,
            }
        })
    }

    /// The same settings with another value of one key; a bare word is a string.
    ///
    /// # Errors
    /// [`SettingsError`] as for [`Settings::resolve`].
    pub fn with(self, key: &str, value: &str) -> Result<Self, SettingsError> {
        let mut given = Table::new();
        insert(&mut given, key, value);
        self.over(given)
    }

    /// The settings with others over them, checked.
    fn over(self, given: Table) -> Result<Self, SettingsError> {
        let mut all = self.to_table()?;
        let has_stride = given.contains_key("stride");
        // Key by key, so that a message names the key that is wrong.
        for (mut key, value) in flat(given)? {
            if !keys::all().any(|known| known.name == key) {
                let error = SettingsError::of_unknown_key(&key);
                match (foreign::meaning(&key), keys::nearest(&key)) {
                    (Some(Foreign::Same(own)), _) => own.clone_into(&mut key),
                    (Some(Foreign::Other(here)), _) => {
                        return Err(error.with_hint(format!("here: {here}")));
                    }
                    (None, Some(nearest)) => {
                        return Err(error.with_hint(format!("did you mean {nearest:?}?")));
                    }
                    (None, None) => {
                        let hint = "a config file of init-config shows all keys";
                        return Err(error.with_hint(hint));
                    }
                }
            }
            let mut alone = Table::new();
            put(&mut alone, &key, &value);
            Self::from_table(alone).map_err(|message| SettingsError::of_key(&key, message))?;
            put(&mut all, &key, &value);
        }
        let mut settings = Self::from_table(all).map_err(SettingsError::new)?;
        if !has_stride {
            let model = &mut settings.model;
            model.stride = stride_within(model.stride, model.max_length);
        }
        settings.check()?;
        Ok(settings)
    }

    /// Settings by key; those that are left out have their defaults.
    pub(super) fn from_table(mut given: Table) -> Result<Self, String> {
        let card = given.remove(card::SECTION).unwrap_or_else(|| Value::Table(Table::new()));
        let loop_keys = table::of(&TrainConfig::every_key()).map_err(|error| error.to_string())?;
        let (train, model): (Table, Table) =
            given.into_iter().partition(|(key, _)| loop_keys.contains_key(key));
        let message = |error: toml::de::Error| {
            let line = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
            let line = line.replace("usize", "a whole number, 0 or more");
            line.replace("u64", "a whole number, 0 or more").replace("f64", "a number")
        };
        Ok(Self {
            train: Value::Table(train).try_into().map_err(message)?,
            model: Value::Table(model).try_into().map_err(message)?,
            card: card.try_into().map_err(message)?,
        })
    }
}

/// What to do with a config of spaCy.
const IMPORT: &str =
    "it looks like spaCy's config.cfg: `ner-align import-config` makes a config file of it";

/// True for a text with the sections that each config of spaCy has.
fn is_spacy(text: &str) -> bool {
    let has = |section: &str| text.lines().any(|line| line.trim() == section);
    has("[nlp]") && (has("[training]") || has("[components]"))
}

/// Adds what a `key=value` pair says.
fn insert(given: &mut Table, key: &str, text: &str) {
    let value = match parse_value(text) {
        value @ (Value::String(_) | Value::Array(_) | Value::Table(_)) => value,
        // A card has no numbers: a version is written as it stands.
        _ if card::has(key) => Value::String(text.to_owned()),
        value => value,
    };
    put(given, key, &value);
}

/// Sets a key, which may be one of the card.
fn put(all: &mut Table, key: &str, value: &Value) {
    if !card::insert(all, key, value) {
        all.insert(key.to_owned(), value.clone());
    }
}

/// Every key with its value, those of the card by their whole name.
fn flat(given: Table) -> Result<Vec<(String, Value)>, SettingsError> {
    let mut all = Vec::new();
    for (key, value) in given {
        match value {
            Value::Table(inside) if key == card::SECTION => {
                all.extend(inside.into_iter().map(|(own, value)| (format!("{key}.{own}"), value)));
            }
            value if key == card::SECTION => {
                let message = format!("expected a table of keys, found {value}");
                return Err(SettingsError::of_key(key, message));
            }
            value => all.push((key, value)),
        }
    }
    Ok(all)
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

    fn resolve(path: &Path, pairs: &[String]) -> Result<Settings, SettingsError> {
        Settings::resolve(Recipe::Best, Some(&ConfigText::read(path)?), pairs)
    }

    #[test]
    fn faults_are_told_in_one_line() {
        for (pair, part) in [
            ("epoch=7", "did you mean \"epochs\"?"),
            ("nonsense_of_any_kind=7", "init-config"),
            ("fp16=true", "here: precision = \"bf16\"; there is no fp16"),
            ("report_to=wandb", "always written"),
            ("num_train_epochs=0", "epochs: expected 1 or more"),
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
            ("epochs=-1", "expected auto, few or a whole number"),
            (
                "freeze=everything",
                "expected auto, nothing, embeddings, encoder, a number of layers or a share",
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
            let failure = Settings::resolve(Recipe::Best, None, &[pair.to_owned()]).unwrap_err();
            let text = format!("{failure} {}", failure.hint().unwrap_or_default());
            assert!(text.contains(part), "{pair}: {text}");
        }
    }

    #[test]
    fn names_of_other_tools_are_taken() {
        let pairs = ["lr=0.5", "num_train_epochs=4", "max_seq_length=99", "train-batch-size=3"];
        let settings = Settings::resolve(Recipe::Best, None, &pairs.map(str::to_owned)).unwrap();
        let train = &settings.train;
        assert_eq!((train.learning_rate, train.epochs, train.batch_size), (0.5, 4.into(), 3));
        assert_eq!(settings.model.max_length, 99);
    }

    #[test]
    fn a_config_of_spacy_is_known() {
        for text in [
            "[paths]\ntrain = null\n[nlp]\nlang = \"en\"\n[components]\n",
            "[nlp]\nlang = \"en\"\n[training]\nseed = 1\n",
        ] {
            let error =
                Settings::resolve(Recipe::Best, Some(&ConfigText::new("config.cfg", text)), &[]);
            let error = error.unwrap_err();
            assert!(error.to_string().starts_with("config.cfg:"), "{error}");
            assert!(error.hint().unwrap().contains("import-config"), "{error}");
        }
        let error =
            Settings::resolve(Recipe::Best, Some(&ConfigText::new("a.toml", "[nlp]\n")), &[]);
        assert!(!error.unwrap_err().hint().unwrap_or_default().contains("import-config"));
    }

    #[test]
    fn faults_of_a_file_have_their_line() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().display();
        for (text, line, part) in [
            ("seed = 1\n\nepochs = 0\n", 3, "epochs: expected 1 or more, found 0"),
            (
                "epochs = \"x\"\n",
                1,
                "epochs: invalid value: string \"x\", expected auto, few or a whole number",
            ),
            ("# epocs = 1\n'epocs' = 1\n", 2, "expected a key, found \"epocs\""),
            ("seed = 1\nseed = \n", 2, ""),
        ] {
            std::fs::write(file.path(), text).unwrap();
            let failure = resolve(file.path(), &[]).unwrap_err();
            let expected = format!("{path}:{line}: {part}");
            assert!(failure.to_string().starts_with(&expected), "{expected}: {failure}");
        }
        // What stands on the command line is not the file's fault.
        std::fs::write(file.path(), "epochs = 3\n").unwrap();
        let pairs = ["epochs=0".to_owned()];
        let failure = resolve(file.path(), &pairs).unwrap_err();
        assert!(failure.to_string().starts_with("config: epochs"), "{failure}");
    }
}
