//! The folder of a model: Hugging Face files, `meta.json` and the model card.

mod card;
mod meta;

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

#[cfg(feature = "tch")]
pub(crate) use card::of_integers;
pub use card::{ModelCard, card_examples};
pub use meta::ModelMeta;
use ner_align_corpus::AtomicFile;

use crate::PipelineError;
use crate::calibration::Calibration;

/// The file that says how a model was trained.
pub const META: &str = "meta.json";
/// The folder of the model with the best score on the development data, in the folder of a run.
pub const MODEL_BEST: &str = "model-best";
/// What every model folder has.
pub(crate) const CONFIG: &str = "config.json";
/// The model card.
pub const CARD: &str = "README.md";

/// Writes a calibration into a model folder, and into the section on calibration of its card. A folder without a card,
/// and a card without such a section, stay as they are.
///
/// # Errors
/// As [`Calibration::write`]; a card that cannot be read.
pub fn write_calibration(
    folder: impl AsRef<Path>,
    calibration: &Calibration,
) -> Result<(), PipelineError> {
    calibration.write(&folder)?;
    let path = folder.as_ref().join(CARD);
    let card = match fs::read_to_string(&path) {
        Ok(card) => card,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(PipelineError::io(path, error)),
    };
    let anew = card::recalibrated(&card, calibration);
    if anew == card {
        return Ok(());
    }
    let mut file = AtomicFile::create(&path)?;
    file.write_all(anew.as_bytes()).map_err(|error| PipelineError::io(&path, error))?;
    Ok(file.commit()?)
}

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
