//! What belongs into the folder of a run, and into those of its models beside the model.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use ner_align_cli::Failure;
use ner_align_core::LabelSet;
use ner_align_subword::HfTokenizer;
use ner_align_train::{Evaluation, TrainError, TrainerCallback};
use serde_json::json;

use super::curves::CURVES;
use super::provenance::{self, Provenance};
use super::write_file;
use crate::config::RunConfig;
use crate::meta::{self, Meta};
use crate::model_card::ModelCard;

/// The settings of a run, in its folder.
const CONFIG: &str = "config.toml";
/// The scores of the best model on the test data, in the folder of a run.
pub(super) const TEST: &str = "test.json";

/// Writes config and provenance of a run, and what its models need to be used without it.
pub(super) struct RunFolder<'a> {
    pub(super) output: &'a Path,
    /// The run was asked to go on with the one before.
    pub(super) resume: bool,
    pub(super) tokenizer: &'a HfTokenizer,
    pub(super) config: &'a RunConfig,
    pub(super) labels: &'a LabelSet,
    pub(super) base: String,
    pub(super) name: String,
    /// Those of the training and the development data.
    pub(super) sentences: (usize, usize),
    /// Where files mark no documents.
    pub(super) sentences_per_document: usize,
    /// The corpora of the run, as [`Provenance`] has them.
    pub(super) provenance: Provenance,
}

/// Keeps other processes out of a run's folder for as long as it lives.
pub(super) fn lock(output: &Path) -> Result<Option<File>, Failure> {
    // Where a folder cannot be opened as a file, as on Windows, nobody is kept out.
    let Ok(folder) = File::open(output) else { return Ok(None) };
    match fs4::FileExt::try_lock(&folder) {
        Err(fs4::TryLockError::WouldBlock) => Err(Failure::environment(format!(
            "{}: expected a folder that no other run writes, found one that is being written",
            output.display()
        ))),
        // A file system without locks.
        Err(fs4::TryLockError::Error(_)) => Ok(None),
        Ok(()) => Ok(Some(folder)),
    }
}

#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
fn note_of_the_run_before(output: &Path, resume: bool) {
    let name = output.display();
    match (output.join(CONFIG).exists(), resume) {
        (_, true) => eprintln!("note: {name}: no checkpoint to go on from: a new run"),
        (true, false) => eprintln!("note: {name}: a new run in place of the one before"),
        (false, false) => {}
    }
}

impl TrainerCallback for RunFolder<'_> {
    /// Not before: a run that is refused leaves the folder of the one before as it was.
    fn on_start(&mut self, _total_steps: usize, done: usize) -> Result<(), TrainError> {
        if done == 0 {
            note_of_the_run_before(self.output, self.resume);
            // Results of a run before would seem to be those of this one.
            for name in [TEST, CURVES] {
                let path = self.output.join(name);
                match fs::remove_file(&path) {
                    Err(source) if source.kind() != ErrorKind::NotFound => {
                        return Err(TrainError::Io { path, source });
                    }
                    _ => {}
                }
            }
        }
        let write = |name: &str, text: &str| {
            write_file(&self.output.join(name), text).map_err(TrainError::model)
        };
        write(CONFIG, &self.config.to_toml())?;
        write(provenance::FILE, &self.provenance.to_json())
    }

    fn on_save(&mut self, directory: &Path, evaluation: &Evaluation) -> Result<(), TrainError> {
        self.tokenizer.save(directory).map_err(TrainError::model)?;
        let strict = evaluation.scores.strict();
        let row = |row: &ner_align_metrics::Prf| json!({"p": row.precision, "r": row.recall, "f": row.f1});
        let per_type: serde_json::Map<_, _> =
            strict.per_type.iter().map(|(label, scores)| (label.clone(), row(scores))).collect();
        let performance = json!({
            "ents_p": strict.micro.precision,
            "ents_r": strict.micro.recall,
            "ents_f": strict.micro.f1,
            "ents_per_type": per_type,
        });
        let meta = Meta {
            name: self.name.clone(),
            labels: self.labels.types().iter().map(ToString::to_string).collect(),
            strategy: self.config.model.strategy,
            max_length: self.config.model.max_length,
            stride: self.config.model.stride,
            unit: self.config.model.unit,
            context: self.config.model.context,
            sentences_per_document: self.sentences_per_document,
            decode: Some(self.config.model.decode),
            training: Some(serde_json::to_value(&self.provenance).unwrap_or_default()),
            performance: performance.as_object().cloned().unwrap_or_default(),
            ..Meta::default()
        };
        let card = ModelCard {
            name: &self.name,
            base: &self.base,
            config: self.config,
            labels: self.labels,
            train_sentences: self.sentences.0,
            dev_sentences: self.sentences.1,
            scores: &evaluation.scores,
        };
        let meta = serde_json::to_string_pretty(&meta).unwrap_or_default() + "\n";
        for (file, text) in [(meta::FILE, meta), ("README.md", card.to_string())] {
            let path = directory.join(file);
            fs::write(&path, text).map_err(|source| TrainError::Io { path, source })?;
        }
        Ok(())
    }
}
