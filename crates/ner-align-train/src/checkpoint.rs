//! Checkpoints: everything that the next step depends on, in a folder that appears complete.

use std::fs;
use std::path::{Path, PathBuf};

use ner_align_core::{MAX_SETTINGS_BYTES, TrainStep, read_small_file};
use serde::{Deserialize, Serialize};

use crate::callback::TrainerCallback;
use crate::error::TrainError;
use crate::folder::{remove_leftovers, replace_folder};
use crate::identity::Identity;
use crate::json::write_json;
use crate::plan::Plan;
use crate::record::{SavedKind, SavedModel};
use crate::state::RunState;

/// The folder of checkpoints in a run's folder.
const FOLDER: &str = "checkpoints";
/// What the name of a checkpoint starts with; the number of steps made follows.
const NAME: &str = "step-";
/// The file of a checkpoint that the loop itself reads.
const STATE: &str = "state.json";

/// The file of the loop's state.
#[derive(Debug, Serialize, Deserialize)]
struct StateFile {
    run: Identity,
    state: RunState,
}

/// The checkpoints of one run.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    folder: PathBuf,
    keep: usize,
}

impl Checkpoints {
    pub(crate) fn new(output: &Path, keep: usize) -> Self {
        Self { folder: output.join(FOLDER), keep }
    }

    /// The checkpoints by number of steps.
    fn all(&self) -> Result<Vec<(usize, PathBuf)>, TrainError> {
        let io = |source| TrainError::io(&self.folder, source);
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io(error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(io)?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let step = name.as_deref().and_then(|name| name.strip_prefix(NAME)?.parse().ok());
            found.extend(step.map(|step| (step, path)));
        }
        found.sort();
        Ok(found)
    }

    /// The newest checkpoint.
    pub(crate) fn newest(&self) -> Result<Option<PathBuf>, TrainError> {
        self.newest_before(usize::MAX)
    }

    /// The newest checkpoint of fewer steps than these.
    pub(crate) fn newest_before(&self, steps: usize) -> Result<Option<PathBuf>, TrainError> {
        let before = self.all()?.into_iter().rfind(|(step, _)| *step < steps);
        Ok(before.map(|(_, path)| path))
    }

    /// Removes the checkpoints of an earlier run.
    pub(crate) fn clear(&self) -> Result<(), TrainError> {
        match fs::remove_dir_all(&self.folder) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(TrainError::io(&self.folder, source))
            }
            _ => Ok(()),
        }
    }

    /// Writes a checkpoint, then removes the oldest ones beyond the number to keep.
    pub(crate) fn write<M: TrainStep + ?Sized>(
        &self,
        model: &M,
        run: &Identity,
        state: &RunState,
        callback: &mut dyn TrainerCallback,
    ) -> Result<(), TrainError> {
        if self.keep == 0 {
            return Ok(());
        }
        fs::create_dir_all(&self.folder).map_err(|e| TrainError::io(&self.folder, e))?;
        let target = self.folder.join(format!("{NAME}{:08}", state.step));
        replace_folder(&target, |directory| {
            model.save(directory).map_err(TrainError::model)?;
            model.save_state(directory).map_err(TrainError::model)?;
            // Older scores would be those of other weights.
            let own = state.last.as_ref().filter(|last| last.step == state.step);
            let evaluation = own.map(|last| &last.evaluation);
            let saved = SavedModel { directory, kind: SavedKind::Checkpoint, evaluation };
            callback.on_save(&saved)?;
            callback.on_checkpoint(directory)?;
            let file = StateFile { run: run.clone(), state: state.clone() };
            write_json(&directory.join(STATE), &file)
        })?;
        let all = self.all()?;
        for (_, path) in all.iter().take(all.len().saturating_sub(self.keep)) {
            fs::remove_dir_all(path).map_err(|source| TrainError::io(path, source))?;
        }
        Ok(())
    }

    /// Resumes a run from its newest checkpoint; `None` if there is no checkpoint.
    pub(crate) fn resume<M: TrainStep + ?Sized>(
        &self,
        model: &mut M,
        run: &Identity,
        plan: &Plan<'_>,
        callback: &mut dyn TrainerCallback,
    ) -> Result<Option<RunState>, TrainError> {
        remove_leftovers(&self.folder);
        let Some(directory) = self.newest()? else { return Ok(None) };
        let path = directory.join(STATE);
        let refuse = |expected: &str, found: String| TrainError::Resume {
            path: path.clone(),
            expected: expected.to_owned(),
            found,
        };
        let damaged = |found: String| TrainError::Damaged { path: path.clone(), found };
        let text = read_small_file(&path, MAX_SETTINGS_BYTES)
            .map_err(|error| damaged(error.to_string()))?;
        let file: StateFile =
            serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        if let Some((expected, found)) = file.run.difference(run) {
            return Err(refuse(&expected, found));
        }
        let RunState { step, epoch, step_in_epoch, .. } = file.state;
        if !plan.contains(&file.state) {
            let found = format!("{step} steps, {step_in_epoch} of epoch {epoch}");
            return Err(refuse("a place within the run", found));
        }
        model.restore(&directory).map_err(TrainError::model)?;
        callback.on_resume(&directory)?;
        Ok(Some(file.state))
    }
}
