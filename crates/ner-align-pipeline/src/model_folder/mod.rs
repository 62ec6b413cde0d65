//! The folder of a model: Hugging Face files, `meta.json` and the model card.

mod card;
mod meta;

use std::path::Path;

#[cfg(feature = "tch")]
pub(crate) use card::of_integers;
pub use card::{ModelCard, card_examples};
pub use meta::ModelMeta;

use crate::PipelineError;

/// The file that says how a model was trained.
pub const META: &str = "meta.json";
/// The folder of the model with the best score on the development data, in the folder of a run.
pub const MODEL_BEST: &str = "model-best";
/// What every model folder has.
pub(crate) const CONFIG: &str = "config.json";
/// The model card.
pub const CARD: &str = "README.md";

/// Refuses what is not a folder before any file of it is looked for, and the folder of a run or of its
/// checkpoints in place of a model's.
pub(crate) fn check_is_folder(path: &Path) -> Result<(), PipelineError> {
    if path.is_dir() {
        if path.join(CONFIG).is_file() {
            return Ok(());
        }
        let best =
            |run: &Path| Some(run.join(MODEL_BEST)).filter(|best| best.join(CONFIG).is_file());
        let (found, best) = match (best(path), path.parent().and_then(best)) {
            (Some(best), _) => ("the folder of a run", best),
            (None, Some(best)) => ("no config.json", best),
            (None, None) => return Ok(()),
        };
        return Err(PipelineError::Folder {
            path: path.to_owned(),
            expected: "a model folder".to_owned(),
            found: found.to_owned(),
            hint: Some(format!("the best model of the run is in {}", best.display())),
        });
    }
    Err(PipelineError::Folder {
        path: path.to_owned(),
        expected: "a model folder".to_owned(),
        found: if path.exists() { "a file" } else { "nothing" }.to_owned(),
        hint: Some("a folder with config.json, model.safetensors and tokenizer.json".to_owned()),
    })
}
