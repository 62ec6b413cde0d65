//! The folder of a run: its lock, and what goes into it and into the folders of its models.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use ner_align_corpus::AtomicFile;
use ner_align_train::{Curves, SavedModel, TrainConfig, TrainError, TrainReport, TrainerCallback};

use super::notice::Notice;
use super::provenance::{PROVENANCE, Provenance};
use crate::PipelineError;
use crate::codec::Codec;
use crate::model_folder::{CARD, META, MODEL_BEST, ModelCard, ModelMeta};

/// The settings of a run, in its folder.
pub const CONFIG: &str = "config.toml";
/// The scores of the best model on the test data.
pub const TEST: &str = "test.json";
/// The model of the last step, written at the end of a run.
const MODEL_LAST: &str = "model-last";
/// Losses and scores of each step, a line of JSON each.
pub const METRICS: &str = "metrics.jsonl";
/// The run as a picture.
pub const CURVES: &str = "curves.svg";

/// Keeps other processes out of a run's folder for as long as it lives.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "the open file is the lock")] Option<File>);

impl Lock {
    pub(super) fn of(output: &Path) -> Result<Self, PipelineError> {
        // Where a folder cannot be opened as a file, as on Windows, nobody is kept out.
        let Ok(folder) = File::open(output) else { return Ok(Self(None)) };
        match fs4::FileExt::try_lock(&folder) {
            Err(fs4::TryLockError::WouldBlock) => Err(PipelineError::Folder {
                path: output.to_owned(),
                expected: "a folder that no other run writes".to_owned(),
                found: "one that is being written".to_owned(),
                hint: None,
            }),
            // A file system without locks.
            Err(fs4::TryLockError::Error(_)) => Ok(Self(None)),
            Ok(()) => Ok(Self(Some(folder))),
        }
    }
}

/// Refuses the folder of a finished run, unless it may be replaced.
pub(super) fn check_is_free(output: &Path, overwrite: bool) -> Result<(), PipelineError> {
    if overwrite || !output.join(MODEL_LAST).is_dir() {
        return Ok(());
    }
    Err(PipelineError::Output {
        path: output.to_owned(),
        expected: "a folder without a finished run".to_owned(),
        found: "one with its models".to_owned(),
        hint: "name another folder, or replace the run with `overwrite`".to_owned(),
    })
}

/// Refuses a run that would replace the model that it starts from.
pub(super) fn check_is_apart(output: &Path, base: &Path) -> Result<(), PipelineError> {
    let (Ok(own), Ok(base)) = (fs::canonicalize(output), fs::canonicalize(base)) else {
        return Ok(());
    };
    if [MODEL_BEST, MODEL_LAST].iter().all(|model| own.join(model) != base) {
        return Ok(());
    }
    Err(PipelineError::Output {
        path: output.to_owned(),
        expected: "a folder apart from the model that the run starts from".to_owned(),
        found: "the folder that holds it".to_owned(),
        hint: "name another folder".to_owned(),
    })
}

/// Writes config and provenance of a run, and what its models need to be used without it.
pub(super) struct RunFolder<'a> {
    pub(super) output: &'a Path,
    /// The run was asked to resume the one before.
    pub(super) resume: bool,
    pub(super) codec: &'a Codec,
    pub(super) knobs: &'a TrainConfig,
    pub(super) settings_toml: &'a str,
    pub(super) name: &'a str,
    pub(super) provenance: &'a Provenance,
    /// What is known before there are scores.
    pub(super) card: ModelCard<'a>,
    pub(super) notify: &'a mut dyn FnMut(Notice),
}

impl RunFolder<'_> {
    fn tell_of_the_run_before(&mut self) {
        let output = self.output.to_owned();
        match (output.join(CONFIG).exists(), self.resume) {
            (_, true) => (self.notify)(Notice::NothingToResume { output }),
            (true, false) => (self.notify)(Notice::ReplacesRun { output }),
            (false, false) => {}
        }
    }

    /// What the folder of a model says of its training.
    fn meta(&self) -> Result<ModelMeta, PipelineError> {
        let mut meta = ModelMeta::new(self.name, self.codec.settings().clone());
        meta.labels = self.codec.labels().types().iter().map(ToString::to_string).collect();
        let training = serde_json::to_value(self.provenance);
        meta.training =
            Some(training.map_err(|error| PipelineError::serialise(PROVENANCE, error))?);
        Ok(meta)
    }
}

impl TrainerCallback for RunFolder<'_> {
    /// Not before: a run that is refused leaves the folder of the one before as it was.
    fn on_start(&mut self, total_steps: usize, done: usize) -> Result<(), TrainError> {
        let warmup = self.knobs.warmup(total_steps);
        if warmup >= total_steps && total_steps > 1 {
            (self.notify)(Notice::LongWarmup { warmup, steps: total_steps });
        }
        if done == 0 {
            self.tell_of_the_run_before();
            // Results of a run before would seem to be those of this one.
            for name in [TEST, CURVES] {
                let path = self.output.join(name);
                match fs::remove_file(&path) {
                    Err(source) if source.kind() != ErrorKind::NotFound => {
                        return Err(TrainError::io(path, source));
                    }
                    _ => {}
                }
            }
        }
        let write = |name: &str, text: &str| {
            write_file(&self.output.join(name), text).map_err(TrainError::callback)
        };
        write(CONFIG, self.settings_toml)?;
        write(PROVENANCE, &self.provenance.to_json().map_err(TrainError::callback)?)
    }

    /// Each folder opens as a model by itself, checkpoints too; the card needs scores.
    fn on_save(&mut self, saved: &SavedModel<'_>) -> Result<(), TrainError> {
        let write = |name: &str, text: String| {
            let path = saved.directory.join(name);
            fs::write(&path, text).map_err(|source| TrainError::io(path, source))
        };
        self.codec.tokenizer().save(saved.directory).map_err(TrainError::callback)?;
        let mut meta = self.meta().map_err(TrainError::callback)?;
        if let Some(evaluation) = saved.evaluation {
            meta = meta.with_scores(&evaluation.scores);
            write(CARD, self.card.with_dev(&evaluation.scores).to_string())?;
        }
        write(META, meta.to_json().map_err(TrainError::callback)?)
    }
}

/// Draws the run from its log, however it ended; of one that failed for other reasons than its
/// numbers there is nothing new to show.
pub(super) fn write_curves(
    output: &Path,
    name: &str,
    run: &Result<TrainReport, TrainError>,
) -> Result<(), PipelineError> {
    let best = match run {
        Ok(report) => report.best.as_ref().map(|best| best.step),
        Err(TrainError::Diverged { .. }) => None,
        Err(_) => return Ok(()),
    };
    // By lines, lossily: a process that was killed may have left anything at the end.
    let log = output.join(METRICS);
    let log = fs::read(&log).map_err(|error| PipelineError::io(log, error))?;
    let curves = Curves::from_log(&String::from_utf8_lossy(&log));
    if curves.is_empty() {
        return Ok(());
    }
    write_file(&output.join(CURVES), &curves.to_svg(name, best))
}

/// Writes a file that appears complete or not at all.
pub(super) fn write_file(path: &Path, text: &str) -> Result<(), PipelineError> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(text.as_bytes()).map_err(|error| PipelineError::io(path, error))?;
    Ok(file.commit()?)
}
