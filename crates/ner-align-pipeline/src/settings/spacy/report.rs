//! What became of a config of spaCy's, for people.

use std::fmt;

use serde_json::Value;

use super::{Carried, Imported, SpacySetting};
use crate::settings::{Recipe, SettingsError};

impl Imported {
    /// A commented config with the settings. `name` is that of spaCy's file, `recipe` what the
    /// settings were read over; the first lines say so, and name the arguments of `train` that the
    /// file had.
    ///
    /// # Errors
    /// [`SettingsError`] if a value has no form in TOML.
    pub fn to_commented_toml(&self, name: &str, recipe: Recipe) -> Result<String, SettingsError> {
        let origin = format!("from spaCy's {} over the recipe {}", word(name), recipe.as_str());
        let config = self.settings.to_commented_toml(&origin)?;
        Ok(config.replacen("\n\n", &format!("\n{}\n\n", self.usage()), 1))
    }

    /// A comment with the arguments that the config had.
    fn usage(&self) -> String {
        let argument = |option: &str, otherwise: &str| {
            let found = self.arguments.iter().find(|argument| argument.to == option);
            let value = found.and_then(|argument| argument.becomes.as_str());
            format!(" {option} {}", value.map_or_else(|| otherwise.to_owned(), word))
        };
        format!(
            "# ner-align train --config FILE{}{}{} -o OUT",
            argument("--train", "TRAIN"),
            argument("--dev", "DEV"),
            argument("--model", "MODEL")
        )
    }
}

/// A word as it is typed, in quotation marks and without line ends where it needs them.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-/+@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

impl fmt::Display for Imported {
    /// Every setting of the file, by what became of it: carried over, an argument of `train`, not
    /// carried over and why, without a counterpart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |setting: &SpacySetting| {
            format!("[{}] {} = {}", setting.section, setting.key, setting.value)
        };
        let carried = |item: &Carried| {
            let assign = if item.to.starts_with("--") { " " } else { " = " };
            let note = item.note.map(|note| format!(" ({note})")).unwrap_or_default();
            format!("{} -> {}{assign}{}{note}", shown(&item.from), item.to, item.becomes)
        };
        let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
        for SpacySetting { section, key, .. } in &self.no_counterpart {
            match sections.last_mut().filter(|(name, _)| name == section) {
                Some((_, keys)) => keys.push(key),
                None => sections.push((section, vec![key])),
            }
        }
        let lists: [(&str, Vec<String>); 4] = [
            ("carried over", self.carried.iter().map(carried).collect()),
            ("arguments of train", self.arguments.iter().map(carried).collect()),
            (
                "not carried over",
                self.not_carried
                    .iter()
                    .map(|item| format!("{}: {}", shown(&item.from), item.why))
                    .collect(),
            ),
            (
                "no counterpart",
                sections
                    .iter()
                    .map(|(section, keys)| format!("[{section}] {}", keys.join(", ")))
                    .collect(),
            ),
        ];
        for (head, lines) in lists.iter().filter(|(_, lines)| !lines.is_empty()) {
            writeln!(f, "{head}")?;
            lines.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        }
        Ok(())
    }
}
