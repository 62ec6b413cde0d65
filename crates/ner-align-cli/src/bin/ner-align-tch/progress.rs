//! What a person sees of a run.

use std::io::IsTerminal;
use std::ops::ControlFlow;

use indicatif::{ProgressBar, ProgressStyle};
use ner_align_cli::say::say;
use ner_align_metrics::report;
use ner_align_pipeline::shown_epoch;
use ner_align_train::{EvaluationRecord, StepRecord, TrainError, TrainerCallback};

/// A bar with the loss while it trains, where standard error is a terminal; a table of scores by
/// entity type after each epoch, everywhere.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Mean loss of the last steps, smoothed: single batches jump.
    loss: Option<f64>,
    epoch_loss: (f64, usize),
    subtokens: usize,
    seconds: f64,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            bar: ProgressBar::hidden(),
            loss: None,
            epoch_loss: (0.0, 0),
            subtokens: 0,
            seconds: 0.0,
        }
    }
}

impl TrainerCallback for Progress {
    fn on_start(&mut self, total_steps: usize, done: usize) -> Result<(), TrainError> {
        if std::io::stderr().is_terminal() {
            let template = "{bar:32.cyan/dim} step {pos}/{len}  {msg}  {elapsed} of {duration}";
            let style = ProgressStyle::with_template(template);
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            self.bar = ProgressBar::new(total_steps as u64).with_style(style);
            self.bar.set_position(done as u64);
        }
        Ok(())
    }

    fn on_step(&mut self, record: &StepRecord) -> Result<ControlFlow<()>, TrainError> {
        let loss = self.loss.map_or(record.loss, |loss| 0.9 * loss + 0.1 * record.loss);
        self.loss = Some(loss);
        self.epoch_loss.0 += record.loss;
        self.epoch_loss.1 += 1;
        self.subtokens += record.subtokens;
        self.seconds += record.seconds;
        let speed = self.subtokens as f64 / self.seconds.max(1e-9);
        self.bar.set_message(format!(
            "epoch {:.1}  loss {loss:.4}  {speed:.0} subtokens/s",
            record.epoch
        ));
        self.bar.inc(1);
        Ok(ControlFlow::Continue(()))
    }

    fn on_evaluation(
        &mut self,
        record: &EvaluationRecord<'_>,
    ) -> Result<ControlFlow<()>, TrainError> {
        let (sum, steps) = std::mem::take(&mut self.epoch_loss);
        let evaluation = record.evaluation;
        let dev = evaluation.loss.map_or_else(|| "none".to_owned(), |loss| format!("{loss:.4}"));
        let head = format!(
            "epoch {} of {}   training loss {:.4}   dev loss {dev}{}",
            shown_epoch(record.epoch),
            record.total_epochs,
            sum / steps.max(1) as f64,
            if record.is_best { "   best so far" } else { "" },
        );
        let table = report::table(&evaluation.scores);
        self.bar.suspend(|| say(format!("{head}\n{table}")));
        if record.epoch >= record.total_epochs as f64 {
            self.bar.finish_and_clear();
        }
        Ok(ControlFlow::Continue(()))
    }
}
