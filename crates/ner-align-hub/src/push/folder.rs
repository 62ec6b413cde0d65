//! Which files of a folder are the model.

use std::fs;
use std::path::Path;

use super::content::LocalFile;
use super::{PushError, paths};

const CONFIG: &str = "config.json";
/// The model card.
pub(super) const CARD: &str = "README.md";
/// Texts in which a path of this machine could be.
const TEXTS: [&str; 3] = [CARD, "meta.json", CONFIG];
/// Ends of the names of what a model has: weights, settings, vocabularies, card and its pictures.
const ENDS: [&str; 9] =
    [".safetensors", ".json", ".txt", ".model", ".md", ".svg", ".png", ".jinja", ".onnx"];
/// Beginnings of the names of what a training needs to go on, and of what it wrote about itself.
const OF_TRAINING: [&str; 7] =
    ["optimizer", "scheduler", "state", "trainer_state", "training_args", "rng_state", "callback"];

/// A folder that can be pushed.
#[derive(Debug)]
pub(super) struct ModelFolder {
    /// The files of the model, by name.
    pub(super) files: Vec<LocalFile>,
    /// What else is in the folder, by name.
    pub(super) left_out: Vec<String>,
}

/// Reads a folder, and refuses one that is no model or says where it was made.
pub(super) fn read(folder: &Path) -> Result<ModelFolder, PushError> {
    let fail = |error| PushError::io(folder, error);
    if !folder.is_dir() {
        let found = if folder.exists() { "a file" } else { "nothing" };
        return Err(PushError::folder(folder, "a model folder", found, None));
    }
    if !folder.join(CONFIG).is_file() {
        let best = folder.join("model-best");
        let hint = best.join(CONFIG).is_file().then(|| format!("name {}", best.display()));
        return Err(PushError::folder(folder, "a model folder with config.json", "none", hint));
    }
    for name in TEXTS {
        let path = folder.join(name);
        if path.is_file() {
            let text = fs::read(&path).map_err(|error| PushError::io(&path, error))?;
            if let Some((line, found)) = paths::find(&String::from_utf8_lossy(&text)) {
                let place = format!("{}:{line}", path.display());
                let hint = "what is pushed is read by others: write the name in its place";
                let expected = "no path of a machine";
                let hint = Some(hint.to_owned());
                return Err(PushError::folder(place, expected, &format!("{found:?}"), hint));
            }
        }
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        names.push(entry.map_err(fail)?.file_name());
    }
    names.sort();
    let (mut files, mut left_out) = (Vec::new(), Vec::new());
    for name in names {
        let path = folder.join(&name);
        match name.to_str().filter(|name| is_of_model(name) && path.is_file()) {
            Some(name) => files.push(LocalFile::read_path(&path, name.to_owned())?),
            None => left_out.push(name.to_string_lossy().into_owned()),
        }
    }
    Ok(ModelFolder { files, left_out })
}

fn is_of_model(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let known = ENDS.iter().any(|end| lower.ends_with(end)) || lower.starts_with("license");
    known && !lower.starts_with('.') && !OF_TRAINING.iter().any(|start| lower.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_its_settings_weights_tokenizer_and_card() {
        for (name, expected) in [
            ("config.json", true),
            ("model-00001-of-00002.safetensors", true),
            ("spiece.model", true),
            ("vocab.txt", true),
            ("LICENSE", true),
            ("README.md", true),
            (".gitattributes", false),
            (".lock", false),
            ("run.lock", false),
            ("optimizer.safetensors", false),
            ("state.json", false),
            ("training_args.bin", false),
            ("metrics.jsonl", false),
            ("events.out.tfevents.1.host", false),
            ("model.safetensors.partial", false),
        ] {
            assert_eq!(is_of_model(name), expected, "{name}");
        }
    }
}
