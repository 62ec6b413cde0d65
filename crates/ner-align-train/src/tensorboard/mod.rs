//! TensorBoard event files.

mod event;
mod record;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::callback::TrainerCallback;
use crate::error::TrainError;
use crate::interval::{Interval, Intervals};
use crate::record::{EvaluationRecord, StepRecord};

/// The start of event files' names; seconds since 1970, [`SOURCE`] and the process id follow.
const NAME: &str = "events.out.tfevents.";
/// Marks the event files of this crate.
const SOURCE: &str = "ner-align";

/// Writes `events.out.tfevents.<seconds>.ner-align.<process>` into a run's folder, for TensorBoard.
///
/// | scalar | of | value |
/// |---|---|---|
/// | `train/loss` | every few steps | mean over the steps since the value before |
/// | `train/learning_rate`, `train/gradient_norm`, `train/epoch` | | of the last of them |
/// | `train/subtokens_per_second` | | real subtokens by time spent training them |
/// | `eval/loss`, `eval/token_accuracy` | each evaluation | as in `metrics.jsonl` |
/// | `eval/precision`, `eval/recall`, `eval/f1` | | strict, micro |
/// | `eval/macro_f1` | | strict, mean over entity types |
/// | `eval_f1/TYPE` | | strict, of one entity type |
///
/// Undefined scores have no value. A resumed run writes another file, which says at which step it
/// starts; TensorBoard then ignores later steps of the older files. A run from the beginning removes
/// the files of the run before.
///
/// ```
/// use ner_align_train::{TensorBoard, TrainerCallback};
/// let board = TensorBoard::new("out", 10);
/// let callbacks: Vec<Box<dyn TrainerCallback>> = vec![Box::new(board)];
/// ```
#[derive(Debug)]
pub struct TensorBoard {
    folder: PathBuf,
    intervals: Intervals,
    /// Steps made before this process.
    done: usize,
    /// Opened with the first value, so that a run without a step leaves no file.
    file: Option<(PathBuf, BufWriter<File>)>,
}

impl TensorBoard {
    /// Writes into `folder`, which exists, a value for every `every` steps.
    #[must_use]
    pub fn new(folder: impl AsRef<Path>, every: usize) -> Self {
        let intervals = Intervals::new(every);
        Self { folder: folder.as_ref().to_owned(), intervals, done: 0, file: None }
    }

    /// Writes and flushes some values of one step.
    fn write(&mut self, step: usize, scalars: &[(&str, f64)]) -> Result<(), TrainError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        if self.file.is_none() {
            self.file = Some(self.open(now.as_secs(), now.as_secs_f64())?);
        }
        let Some((path, file)) = &mut self.file else { return Ok(()) };
        let event = event::scalars(now.as_secs_f64(), step, scalars);
        record::write(file, &event)
            .and_then(|()| file.flush())
            .map_err(|source| TrainError::io(&*path, source))
    }

    fn open(&self, seconds: u64, wall: f64) -> Result<(PathBuf, BufWriter<File>), TrainError> {
        // The files are read in the order of their names.
        let newest = self.files()?.into_iter().map(|(seconds, _)| seconds + 1).max();
        let seconds = newest.map_or(seconds, |newest| newest.max(seconds));
        let name = format!("{NAME}{seconds:010}.{SOURCE}.{}", std::process::id());
        let path = self.folder.join(name);
        let io = |source| TrainError::io(&path, source);
        let mut file = BufWriter::new(File::create(&path).map_err(io)?);
        record::write(&mut file, &event::version(wall)).map_err(io)?;
        record::write(&mut file, &event::start(wall, self.done + 1)).map_err(io)?;
        Ok((path, file))
    }

    /// The event files of this crate in the folder, with the seconds of their names.
    fn files(&self) -> Result<Vec<(u64, PathBuf)>, TrainError> {
        let io = |source| TrainError::io(&self.folder, source);
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let mut parts = name.strip_prefix(NAME).unwrap_or_default().split('.');
            if let Some(Ok(seconds)) = parts.next().map(str::parse)
                && parts.next() == Some(SOURCE)
            {
                files.push((seconds, path));
            }
        }
        Ok(files)
    }

    fn write_steps(&mut self, interval: Option<Interval>) -> Result<(), TrainError> {
        let Some(interval) = interval else { return Ok(()) };
        let speed = interval.subtokens as f64 / interval.seconds.max(1e-9);
        self.write(
            interval.step,
            &[
                ("train/loss", interval.loss),
                ("train/learning_rate", interval.learning_rate),
                ("train/gradient_norm", interval.gradient_norm),
                ("train/subtokens_per_second", speed),
                ("train/epoch", interval.epoch),
            ],
        )
    }
}

impl TrainerCallback for TensorBoard {
    fn on_start(&mut self, _total_steps: usize, done: usize) -> Result<(), TrainError> {
        self.done = done;
        // Also in a resumed run: a missing folder is noticed before the first step.
        let earlier = self.files()?;
        if done == 0 {
            for (_, path) in earlier {
                fs::remove_file(&path).map_err(|source| TrainError::io(path, source))?;
            }
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
        let strict = &scores.scores.strict;
        let types: Vec<(String, Option<f64>)> =
            strict.per_type.iter().map(|(name, prf)| (format!("eval_f1/{name}"), prf.f1)).collect();
        let all = [
            ("eval/loss", record.evaluation.loss),
            ("eval/token_accuracy", scores.token_accuracy),
            ("eval/precision", strict.micro.precision),
            ("eval/recall", strict.micro.recall),
            ("eval/f1", strict.micro.f1),
            ("eval/macro_f1", strict.macro_.f1),
        ];
        let all = all.into_iter().chain(types.iter().map(|(name, f1)| (name.as_str(), *f1)));
        let defined: Vec<(&str, f64)> =
            all.filter_map(|(name, value)| Some((name, value?))).collect();
        self.write(record.step, &defined)?;
        Ok(ControlFlow::Continue(()))
    }

    /// A checkpoint ends the interval, so that a run which resumes from it has the same intervals.
    fn on_checkpoint(&mut self, _directory: &Path) -> Result<(), TrainError> {
        let rest = self.intervals.take();
        self.write_steps(rest)
    }

    fn on_end(&mut self) -> Result<(), TrainError> {
        let rest = self.intervals.take();
        self.write_steps(rest)
    }
}

#[cfg(test)]
mod tests;
