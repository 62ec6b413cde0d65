//! A model folder for prediction in 8-bit integers.

use std::fs;
use std::path::{Path, PathBuf};

use ner_align_corpus::io::AtomicFolder;
use ner_align_subword::HfTokenizer;
use ner_align_tch::{LoadOptions, Precision, TchClassifier};

use crate::PipelineError;
use crate::backend::BackendError;
use crate::model_folder::{CARD, of_integers};
use crate::model_source::Finder;

/// A model folder of 8-bit integers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quantized {
    /// The folder.
    pub path: PathBuf,
    /// Bytes of its weights.
    pub bytes: u64,
    /// Bytes of the weights that they were made from.
    pub bytes_before: u64,
}

/// Ends of the names of what a model has beside its weights.
const ENDS: [&str; 7] = [".json", ".txt", ".model", ".md", ".svg", ".png", ".jinja"];

/// Writes a fine-tuned model, a folder or (with the feature `hub`) an id on the Hugging Face Hub, into a
/// new folder with its weights as 8-bit integers, as [`TchClassifier::save_int8`] does. Tokenizer,
/// `meta.json`, calibration and card come along; the card says so. The folder appears whole or not at all.
///
/// ```no_run
/// let small = ner_align_pipeline::quantize("out/model-best", "out/model-int8")?;
/// println!("{} of {} bytes", small.bytes, small.bytes_before);
/// let model = ner_align_pipeline::Predictor::open(&small.path)?;
/// # Ok::<(), ner_align_pipeline::PipelineError>(())
/// ```
///
/// # Errors
/// As [`crate::Predictor::open`]; an output that is there already, unless it is an empty folder, or
/// cannot be written.
pub fn quantize(
    model: impl AsRef<Path>,
    output: impl AsRef<Path>,
) -> Result<Quantized, PipelineError> {
    let (folder, output) = (Finder::default().find(model.as_ref(), None)?.path, output.as_ref());
    refuse_existing(output)?;
    HfTokenizer::from_dir(&folder)?;
    let options = LoadOptions::default().with_precision(Precision::F32);
    let model = TchClassifier::load(&folder, &options).map_err(BackendError::from)?;
    let draft = AtomicFolder::create(output)?;
    let mut bytes_before = 0;
    for entry in fs::read_dir(&folder).map_err(|error| PipelineError::io(&folder, error))? {
        let entry = entry.map_err(|error| PipelineError::io(&folder, error))?;
        let (path, name) = (entry.path(), entry.file_name());
        let Some(name) = name.to_str().filter(|_| path.is_file()) else { continue };
        if name == CARD {
            let card = fs::read(&path).map_err(|error| PipelineError::io(&path, error))?;
            let target = draft.path().join(name);
            fs::write(&target, of_integers(&String::from_utf8_lossy(&card)))
                .map_err(|error| PipelineError::io(&target, error))?;
        } else if is_weights(name) {
            bytes_before += size(&path)?;
        } else if comes_along(name) {
            fs::copy(&path, draft.path().join(name))
                .map_err(|error| PipelineError::io(&path, error))?;
        }
    }
    model.save_int8(draft.path()).map_err(BackendError::from)?;
    let mut bytes = 0;
    for entry in fs::read_dir(draft.path()).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(is_weights) {
            bytes += size(&entry.path())?;
        }
    }
    draft.commit(refuse_existing)?;
    Ok(Quantized { path: output.to_owned(), bytes, bytes_before })
}

/// Refuses an output that something would be lost from.
fn refuse_existing(output: &Path) -> Result<(), PipelineError> {
    let is_empty = fs::read_dir(output).is_ok_and(|mut entries| entries.next().is_none());
    if is_empty || fs::symlink_metadata(output).is_err() {
        return Ok(());
    }
    Err(PipelineError::Output {
        path: output.to_owned(),
        expected: "a folder that is not there yet".to_owned(),
        found: if output.is_dir() { "one with files" } else { "a file" }.to_owned(),
        hint: "name another folder".to_owned(),
    })
}

/// True for the names of weights, as this toolkit reads them.
fn is_weights(name: &str) -> bool {
    (name.starts_with("model") && name.ends_with(".safetensors"))
        || (name.starts_with("pytorch_model") && name.ends_with(".bin"))
}

/// True for a file that a model has beside its weights.
fn comes_along(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let index = lower.ends_with(".index.json");
    !index && (lower.starts_with("license") || ENDS.iter().any(|end| lower.ends_with(end)))
}

fn size(path: &Path) -> Result<u64, PipelineError> {
    let metadata = fs::metadata(path).map_err(|error| PipelineError::io(path, error))?;
    Ok(metadata.len())
}
