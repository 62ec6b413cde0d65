//! The config file that `init-config` writes.

use std::fmt::Write as _;

use super::keys::SECTIONS;
use super::{Recipe, Settings, SettingsError, card};

/// Columns of a comment line.
const WIDTH: usize = 96;

impl Settings {
    /// A config file with all settings of a recipe and what each means.
    ///
    /// # Errors
    /// As [`Settings::to_table`].
    pub fn commented_recipe(recipe: Recipe) -> Result<String, SettingsError> {
        let origin = format!("as the recipe {} has them", recipe.as_str());
        recipe.settings().to_commented_toml(&origin)
    }

    /// A config file with all keys and what they mean; those without a value are commented out.
    /// `origin` is a part of the first line: where the values are from.
    ///
    /// # Errors
    /// As [`Settings::to_table`].
    pub fn to_commented_toml(&self, origin: &str) -> Result<String, SettingsError> {
        let mut text = format!(
            "# Settings of `ner-align train --config FILE`, {origin}.\n\
             # Every key may be left out; --set KEY=VALUE on the command line wins.\n"
        );
        let table = self.to_table()?;
        for (section, keys) in SECTIONS {
            let _ = write!(text, "\n# == {section} ==\n");
            for key in *keys {
                text.push('\n');
                wrap(key.help, &mut text);
                let _ = match (card::get(&table, key.name), key.example) {
                    (Some(value), _) => writeln!(text, "{} = {value}", key.name),
                    (None, Some(example)) => writeln!(text, "# {} = {example}", key.name),
                    (None, None) => Ok(()),
                };
            }
        }
        Ok(text)
    }
}

fn wrap(help: &str, text: &mut String) {
    let mut width = WIDTH;
    for word in help.split(' ') {
        if width + 1 + word.len() > WIDTH {
            if !text.ends_with("\n\n") && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push('#');
            width = 1;
        }
        text.push(' ');
        text.push_str(word);
        width += 1 + word.len();
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::ConfigText;

    #[test]
    fn the_file_is_the_recipe() {
        for recipe in [Recipe::Best, Recipe::Trainer] {
            let text = Settings::commented_recipe(recipe).unwrap();
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), &text).unwrap();
            let other = if recipe == Recipe::Best { Recipe::Trainer } else { Recipe::Best };
            let read = Settings::resolve(other, Some(&ConfigText::read(file.path()).unwrap()), &[])
                .unwrap();
            assert_eq!(read, recipe.settings(), "{text}");
            // The optional keys work once their comment sign is taken away.
            let examples = text.lines().filter_map(|line| line.strip_prefix("# "));
            let examples = examples.filter(|line| line.contains(" = ") && !line.contains("=="));
            let count = examples
                .map(|line| {
                    let pair = line.replacen(" = ", "=", 1);
                    Settings::resolve(recipe, None, &[pair]).unwrap();
                })
                .count();
            assert_eq!(count, 18, "{text}");
            assert!(text.lines().all(|line| line.len() <= WIDTH + 2), "{text}");
        }
    }
}
