//! A model folder for prediction in 8-bit integers.

use std::fs;
use std::path::{Path, PathBuf};

use ner_align_corpus::io::AtomicFolder;
use ner_align_subword::HfTokenizer;
use ner_align_tch::{LoadOptions, Precision, TchClassifier};

use crate::backend::BackendError;
use crate::model_folder::{CARD, CONFIG, of_integers};
use crate::model_source::Finder;
use crate::{Calibration, ModelMeta, PipelineError};

/// A model folder of 8-bit integers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quantized {
    /// The folder.
    pub path: PathBuf,
    /// Bytes of its weights.
    pub bytes: u64,
    /// Bytes of the same weights in f32.
    pub bytes_in_f32: u64,
}

/// Ends of the names of what a model has beside its weights.
const ENDS: [&str; 7] = [".json", ".txt", ".model", ".md", ".svg", ".png", ".jinja"];

/// Writes a fine-tuned model, a folder or (with the feature `hub`) an id on the Hugging Face Hub, into a
/// new folder with its weights as 8-bit integers, as [`TchClassifier::save_int8`] does. Tokenizer,
/// `meta.json`, calibration and card come along; the card says so. The folder appears whole or not at all.
///
/// The example is compiled and not run, since it takes a fine-tuned model.
///
/// ```no_run
/// let small = ner_align_pipeline::quantize("out/model-best", "out/model-int8")?;
/// println!("{} of {} bytes", small.bytes, small.bytes_in_f32);
/// let model = ner_align_pipeline::Predictor::open(&small.path)?;
/// # Ok::<(), ner_align_pipeline::PipelineError>(())
/// ```
///
/// # Errors
/// As [`crate::Predictor::open`]; an output that is there already or cannot be written.
pub fn quantize(
    model: impl AsRef<Path>,
    output: impl AsRef<Path>,
) -> Result<Quantized, PipelineError> {
    let folder = Finder::default().find(model.as_ref(), None)?.path;
    // Without a full stop at its end, as in `new/.`.
    let output: PathBuf = output.as_ref().components().collect();
    refuse_existing(&output)?;
    // What else a prediction reads must be sound, too.
    HfTokenizer::from_dir(&folder)?;
    ModelMeta::read(&folder)?;
    Calibration::read(&folder)?;
    let options = LoadOptions::default().with_precision(Precision::F32);
    let model = TchClassifier::load(&folder, &options).map_err(BackendError::from)?;
    let draft = AtomicFolder::create(&output)?;
    for entry in fs::read_dir(&folder).map_err(|error| PipelineError::io(&folder, error))? {
        let entry = entry.map_err(|error| PipelineError::io(&folder, error))?;
        let (path, name) = (entry.path(), entry.file_name());
        let Some(name) = name.to_str().filter(|name| comes_along(name) && path.is_file()) else {
            continue;
        };
        let mut bytes = fs::read(&path).map_err(|error| PipelineError::io(&path, error))?;
        if name == CARD
            && let Ok(card) = str::from_utf8(&bytes)
        {
            bytes = of_integers(card).into_bytes();
        }
        let target = draft.path().join(name);
        fs::write(target, bytes).map_err(|error| PipelineError::io(output.join(name), error))?;
    }
    let bytes = model.save_int8(draft.path()).map_err(BackendError::from)?;
    draft.commit(refuse_existing)?;
    Ok(Quantized { path: output, bytes, bytes_in_f32: 4 * model.parameter_count() as u64 })
}

/// Refuses an output that something would be lost from.
fn refuse_existing(output: &Path) -> Result<(), PipelineError> {
    let found = match fs::symlink_metadata(output) {
        Ok(metadata) if metadata.is_dir() => "one",
        Ok(metadata) if metadata.is_symlink() => "a link",
        Ok(_) => "a file",
        Err(_) => return Ok(()),
    };
    Err(PipelineError::Output {
        path: output.to_owned(),
        expected: "a folder that is not there yet".to_owned(),
        found: found.to_owned(),
        hint: "name another folder".to_owned(),
    })
}

/// True for a file that a model has beside its weights and their settings.
fn comes_along(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let of_weights = name == CONFIG || lower.ends_with(".index.json");
    !of_weights && (lower.starts_with("license") || ENDS.iter().any(|end| lower.ends_with(end)))
}
