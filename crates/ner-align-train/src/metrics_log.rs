//! `metrics.jsonl`: the run as lines of JSON.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use ner_align_core::{MAX_SETTINGS_BYTES, read_small_text};
use serde_json::json;

use crate::callback::TrainerCallback;
use crate::error::TrainError;
use crate::interval::{Interval, Intervals};
use crate::record::{EvaluationRecord, StepRecord};

/// Writes a line for every few steps (`step, epoch, loss, learning_rate, subtokens, seconds`, sums
/// since the line before, the loss their mean) and one for every evaluation (`step, epoch,
/// eval_loss, token_accuracy, scores, confusion`). `confusion` is that of the tags of words: `labels` has
/// their names, and `cells` the counts that are not 0, each as `[gold, predicted, words]` with the indices of
/// the names.
#[derive(Debug)]
pub struct MetricsLog {
    path: PathBuf,
    file: BufWriter<File>,
    intervals: Intervals,
}

impl MetricsLog {
    /// Opens the file. A run from the beginning clears it; a resumed run appends to it.
    ///
    /// # Errors
    /// [`TrainError::Io`] if it cannot be opened for writing.
    pub fn open(path: impl AsRef<Path>, every: usize) -> Result<Self, TrainError> {
        let path = path.as_ref();
        let file = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(path)
            .map_err(|source| TrainError::io(path, source))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
            intervals: Intervals::new(every),
        })
    }

    fn write(&mut self, value: &serde_json::Value) -> Result<(), TrainError> {
        writeln!(self.file, "{value}")
            .and_then(|()| self.file.flush())
            .map_err(|source| TrainError::io(&self.path, source))
    }

    fn write_steps(&mut self, interval: Option<Interval>) -> Result<(), TrainError> {
        let Some(interval) = interval else { return Ok(()) };
        self.write(&json!({
            "step": interval.step,
            "epoch": interval.epoch,
            "loss": interval.loss,
            "learning_rate": interval.learning_rate,
            "subtokens": interval.subtokens,
            "seconds": interval.seconds,
        }))
    }
}

/// The file of a checkpoint that says how long the log was.
const STATE: &str = "metrics.json";

impl TrainerCallback for MetricsLog {
    fn on_checkpoint(&mut self, directory: &Path) -> Result<(), TrainError> {
        let rest = self.intervals.take();
        self.write_steps(rest)?;
        let io = |source| TrainError::io(&self.path, source);
        let bytes = self.file.get_ref().metadata().map_err(io)?.len();
        let path = directory.join(STATE);
        std::fs::write(&path, format!("{bytes}\n")).map_err(|source| TrainError::io(path, source))
    }

    /// Cuts the log back to what it was at the checkpoint.
    fn on_resume(&mut self, directory: &Path) -> Result<(), TrainError> {
        let path = directory.join(STATE);
        let damaged = |found: String| TrainError::Damaged { path: path.clone(), found };
        let text = read_small_text(&path, MAX_SETTINGS_BYTES)
            .map_err(|error| damaged(error.to_string()))?;
        // Of a number that was cut, digits are left; its line end is not.
        let bytes = text.strip_suffix('\n').and_then(|bytes| bytes.parse::<u64>().ok());
        let bytes = bytes.ok_or_else(|| damaged(format!("{text:?} as a length")))?;
        let io = |source| TrainError::io(&self.path, source);
        let file = self.file.get_mut();
        let now = file.metadata().map_err(io)?.len();
        file.set_len(bytes.min(now)).map_err(io)?;
        file.seek(SeekFrom::End(0)).map_err(io)?;
        Ok(())
    }

    fn on_start(&mut self, _total_steps: usize, done: usize) -> Result<(), TrainError> {
        if done == 0 {
            let io = |source| TrainError::io(&self.path, source);
            self.file.get_mut().set_len(0).map_err(io)?;
            self.file.get_mut().rewind().map_err(io)?;
        }
        Ok(())
    }

    fn on_step(&mut self, record: &StepRecord) -> Result<ControlFlow<()>, TrainError> {
        let full = self.intervals.add(record);
        self.write_steps(full)?;
        Ok(ControlFlow::Continue(()))
    }

    fn on_evaluation(
        &mut self,
        record: &EvaluationRecord<'_>,
    ) -> Result<ControlFlow<()>, TrainError> {
        let rest = self.intervals.take();
        self.write_steps(rest)?;
        let scores = &record.evaluation.scores;
        self.write(&json!({
            "step": record.step,
            "epoch": record.epoch,
            "eval_loss": record.evaluation.loss,
            "token_accuracy": scores.token_accuracy,
            "scores": scores.scores,
            "confusion": {
                "labels": scores.confusion.labels(),
                "cells": scores.confusion.cells().collect::<Vec<_>>(),
            },
        }))?;
        Ok(ControlFlow::Continue(()))
    }

    fn on_end(&mut self) -> Result<(), TrainError> {
        let rest = self.intervals.take();
        self.write_steps(rest)
    }
}
