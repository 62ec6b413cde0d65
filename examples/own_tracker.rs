//! A tracker of your own: step 6 of `docs/tutorial.md`.
//!
//! ```sh
//! cargo run --features tch --example own_tracker -- TRAIN DEV MODEL_FOLDER_OR_ID RUN.csv
//! ```

use std::fs::File;
use std::io::{LineWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;

use ner_align::FineTuner;
use ner_align::settings::{Recipe, Settings};
use ner_align::train::{EvaluationRecord, StepRecord, TrainError, TrainerCallback};

/// Writes each number of a run where you want it: here a line of `step,name,value`.
pub(crate) struct Tracker<W> {
    to: W,
}

impl<W: Write> Tracker<W> {
    fn log(&mut self, step: usize, name: &str, value: f64) -> Result<(), TrainError> {
        // An error ends the run. Where the run is worth more than its record, return `Ok`.
        writeln!(self.to, "{step},{name},{value}").map_err(TrainError::callback)
    }
}

impl<W: Write> TrainerCallback for Tracker<W> {
    fn on_step(&mut self, record: &StepRecord) -> Result<ControlFlow<()>, TrainError> {
        self.log(record.step, "loss", record.loss)?;
        self.log(record.step, "learning_rate", record.learning_rate)?;
        Ok(ControlFlow::Continue(()))
    }

    fn on_evaluation(&mut self, of: &EvaluationRecord<'_>) -> Result<ControlFlow<()>, TrainError> {
        self.log(of.step, "dev.f1", of.evaluation.f1())?;
        // `Break` writes a checkpoint and ends the run.
        Ok(ControlFlow::Continue(()))
    }
}

/// Fine-tunes, and tells the tracker.
pub(crate) fn tracked(
    train: &Path,
    dev: &Path,
    base: &Path,
    to: impl Write,
    settings: Settings,
) -> anyhow::Result<()> {
    let tracker = Tracker { to };
    FineTuner::new(base).train([train]).dev([dev]).callback(tracker).settings(settings).run()?;
    Ok(())
}

#[allow(dead_code, reason = "the test calls the function above")]
fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [train, dev, base, out] = arguments.as_slice() else {
        anyhow::bail!("expected TRAIN DEV MODEL_FOLDER_OR_ID RUN.csv");
    };
    let to = LineWriter::new(File::create(out)?);
    tracked(train.as_ref(), dev.as_ref(), base.as_ref(), to, Settings::of(Recipe::Best))
}
