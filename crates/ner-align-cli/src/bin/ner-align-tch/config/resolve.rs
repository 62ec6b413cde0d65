//! Where the settings of a run come from: a recipe, a file, the command line.

use std::collections::BTreeMap;
use std::path::Path;

use ner_align_cli::Failure;
use ner_align_train::TrainConfig;
use toml::{Table, Value};

use super::{Recipe, RunConfig, keys, to_table};
use crate::config_commands::read;
use crate::model::stride;

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
        let has_stride = table.contains_key("stride");
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
        let mut config =
            Self::from_table(all).map_err(|e| Failure::usage(format!("config: {e}")))?;
        if !has_stride {
            config.model.stride = stride(config.model.stride, config.model.max_length);
        }
        config.check().map_err(placed)?;
        Ok(config)
    }

    pub(super) fn from_table(table: Table) -> Result<Self, String> {
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
}

/// A file's keys, and `PATH:LINE` of each.
fn read_table(path: &Path) -> Result<(Table, BTreeMap<String, String>), Failure> {
    let text = read(path)?;
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
}
