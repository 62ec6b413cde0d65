//! What a `config.cfg` of spaCy v3 means for a run here.
//!
//! ```
//! use ner_align_pipeline::settings::{Recipe, spacy};
//! let imported = spacy::import("[training]\nmax_epochs = 4\nseed = 7\n", Recipe::Best.settings())?;
//! assert_eq!((imported.settings.train.epochs, imported.settings.train.seed), (4.into(), 7));
//! # Ok::<(), ner_align_pipeline::settings::spacy::ConfigFault>(())
//! ```

mod batches;
mod cfg;
mod report;
mod training;

use serde::Serialize;
use serde_json::Value;

pub use cfg::ConfigFault;
use cfg::Setting;

use super::Settings;

/// What became of a config of spaCy's. Its `Display` is a report of every setting.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Imported {
    /// The recipe's settings, and over them those that were carried over.
    pub settings: Settings,
    /// Settings that have a counterpart in the config.
    pub carried: Vec<Carried>,
    /// Settings that are arguments of `train` here.
    pub arguments: Vec<Carried>,
    /// Settings that mean something here but cannot be had.
    pub not_carried: Vec<NotCarried>,
    /// Settings that mean nothing here. Those that are empty or null are left out.
    pub no_counterpart: Vec<SpacySetting>,
}

/// A setting of spaCy's.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SpacySetting {
    /// The section, without its brackets.
    pub section: String,
    /// The key.
    pub key: String,
    /// The value, its references resolved.
    pub value: Value,
    /// The line, from 1; 0 for a default that the file leaves out.
    pub line: usize,
}

/// A setting that was carried over.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Carried {
    /// The setting of spaCy's.
    #[serde(flatten)]
    pub from: SpacySetting,
    /// A key of the config, or an argument of `train`.
    pub to: String,
    /// The value here.
    pub becomes: Value,
    /// Where the two are not quite the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
}

/// A setting that could not be carried over.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NotCarried {
    /// The setting of spaCy's.
    #[serde(flatten)]
    pub from: SpacySetting,
    /// Why not.
    pub why: String,
}

/// What spaCy 3 takes for settings of `[training]` that a file leaves out.
const DEFAULTS: [(&str, u32); 4] =
    [("max_steps", 20_000), ("max_epochs", 0), ("patience", 1600), ("eval_frequency", 200)];

/// The line of a setting that the file leaves out.
const LEFT_OUT: usize = 0;

/// Reads a config of spaCy's over `base`. What the file leaves out of the length of the run has
/// spaCy's default.
///
/// # Errors
/// [`ConfigFault`] for a line that cannot be read, or a file without a section `[training]`.
pub fn import(text: &str, base: Settings) -> Result<Imported, ConfigFault> {
    let mut settings = cfg::parse(text)?;
    if !settings.iter().any(|setting| setting.section.split('.').next() == Some("training")) {
        let expected = "a section [training], as a config of spaCy v3 has".to_owned();
        return Err(ConfigFault {
            line: text.lines().count().max(1),
            expected,
            found: "none".to_owned(),
        });
    }
    for (key, value) in DEFAULTS {
        let named = |setting: &Setting| setting.section == "training" && setting.key == key;
        if !settings.iter().any(named) {
            let (section, key) = ("training".to_owned(), key.to_owned());
            settings.push(Setting { section, key, value: value.into(), line: LEFT_OUT });
        }
    }
    let mut import = Import::new(&settings, base);
    training::read(&mut import);
    batches::read(&mut import);
    Ok(import.finish())
}

/// The state of an import: the settings that were read, and what became of each.
struct Import<'s> {
    settings: &'s [Setting],
    seen: Vec<bool>,
    out: Imported,
}

impl<'s> Import<'s> {
    fn new(settings: &'s [Setting], base: Settings) -> Self {
        let out = Imported {
            settings: base,
            carried: Vec::new(),
            arguments: Vec::new(),
            not_carried: Vec::new(),
            no_counterpart: Vec::new(),
        };
        Self { settings, seen: vec![false; settings.len()], out }
    }

    /// The setting, if it is there and not null; from now on it counts as looked at.
    fn take(&mut self, section: &str, key: &str) -> Option<&'s Setting> {
        let found = |setting: &Setting| setting.section == section && setting.key == key;
        let index = self.settings.iter().position(found)?;
        self.seen[index] = true;
        self.settings.get(index).filter(|setting| !setting.value.is_null())
    }

    /// As [`Self::take`], for a string.
    fn text(&mut self, section: &str, key: &str) -> Option<(&'s Setting, &'s str)> {
        let setting = self.take(section, key)?;
        let text = setting.value.as_str();
        if text.is_none() {
            self.refuse_kind(setting, "a string");
        }
        Some((setting, text?))
    }

    /// As [`Self::take`], for a number.
    fn number(&mut self, section: &str, key: &str) -> Option<(&'s Setting, f64)> {
        let setting = self.take(section, key)?;
        let number = setting.value.as_f64();
        if number.is_none() {
            self.refuse_kind(setting, "a number");
        }
        Some((setting, number?))
    }

    /// As [`Self::take`], for a whole number.
    fn whole(&mut self, section: &str, key: &str) -> Option<(&'s Setting, i64)> {
        let (setting, number) = self.number(section, key)?;
        if number.fract() != 0.0 || number.abs() > 1e15 {
            self.refuse_kind(setting, "a whole number");
            return None;
        }
        Some((setting, number as i64))
    }

    fn refuse_kind(&mut self, setting: &Setting, expected: &str) {
        self.refuse(setting, format!("expected {expected}, found {}", setting.value));
    }

    /// The name of the function of a section, without its version; `None` if it has none.
    fn function(&mut self, section: &str, registry: &str) -> Option<(&'s Setting, &'s str)> {
        let (setting, name) = self.text(section, registry)?;
        let plain = name.rsplit_once(".v").map_or(name, |(plain, _)| plain);
        Some((setting, plain))
    }

    /// Puts values into the config, all or none: a value outside its range is refused.
    fn carry(
        &mut self,
        setting: &Setting,
        values: &[(&'static str, toml::Value)],
        note: Option<&'static str>,
    ) -> bool {
        match self.with_values(values) {
            Ok(settings) => {
                self.out.settings = settings;
                let left_out = setting.line == LEFT_OUT;
                let note = if left_out { Some("left out there: spaCy's default") } else { note };
                for (key, value) in values {
                    let becomes = serde_json::to_value(value).unwrap_or(Value::Null);
                    let (from, to) = (place(setting), (*key).to_owned());
                    // What TOML calls inf has no name in JSON.
                    let becomes =
                        if becomes.is_null() { value.to_string().into() } else { becomes };
                    self.out.carried.push(Carried { from, to, becomes, note });
                }
                true
            }
            Err(why) => {
                self.refuse(setting, why);
                false
            }
        }
    }

    /// The settings with these values, if all of them are in their range.
    fn with_values(&self, values: &[(&'static str, toml::Value)]) -> Result<Settings, String> {
        let mut table = self.out.settings.to_table().map_err(|error| error.to_string())?;
        for (key, value) in values {
            table.insert((*key).to_owned(), value.clone());
        }
        let settings = Settings::from_table(table)?;
        settings.check().map_err(|error| match error.key() {
            Some(key) => format!("{key}: {}", error.message()),
            None => error.message().to_owned(),
        })?;
        Ok(settings)
    }

    /// Notes an argument of `train`.
    fn argue(&mut self, setting: &Setting, option: &str) {
        self.out.arguments.push(Carried {
            from: place(setting),
            to: option.to_owned(),
            becomes: setting.value.clone(),
            note: None,
        });
    }

    fn refuse(&mut self, setting: &Setting, why: impl Into<String>) {
        self.out.not_carried.push(NotCarried { from: place(setting), why: why.into() });
    }

    fn finish(mut self) -> Imported {
        for (setting, seen) in self.settings.iter().zip(&self.seen) {
            let empty = match &setting.value {
                Value::Null => true,
                Value::String(text) => text.is_empty(),
                Value::Array(list) => list.is_empty(),
                Value::Object(object) => object.is_empty(),
                _ => false,
            };
            if !seen && !empty {
                self.out.no_counterpart.push(place(setting));
            }
        }
        self.out
    }
}

fn place(setting: &Setting) -> SpacySetting {
    let Setting { section, key, value, line } = setting.clone();
    SpacySetting { section, key, value, line }
}

#[cfg(test)]
mod tests;
