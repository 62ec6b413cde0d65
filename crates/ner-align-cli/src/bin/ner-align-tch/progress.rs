//! What a person sees of a run.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use ner_align_cli::say::{draw_aside, say};
use ner_align_metrics::report;
use ner_align_pipeline::shown_epoch;
use ner_align_train::{EvaluationRecord, StepRecord, TrainError, TrainerCallback};

/// Cells of the bar itself.
const CELLS: usize = 12;

/// A bar with the loss while it trains, where standard error is a terminal; a table of scores by
/// entity type after each epoch, everywhere.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    /// When this part of the run began, and the steps that were made before.
    begun: (Instant, usize),
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
            begun: (Instant::now(), 0),
            loss: None,
            epoch_loss: (0.0, 0),
            subtokens: 0,
            seconds: 0.0,
        }
    }
}

/// The line of the bar. What matters most comes first, since a narrow terminal cuts its end off; the speed is
/// left out where the line would not fit 80 columns with it.
fn line(record: &StepRecord, loss: f64, speed: f64, elapsed: Duration, left: Duration) -> String {
    let StepRecord { step, total_steps, epoch, .. } = *record;
    let full = CELLS * step.min(total_steps) / total_steps.max(1);
    let line = format!(
        "{}{} {step}/{total_steps} epoch {epoch:.1} loss {loss:.4} {} {} left",
        "█".repeat(full),
        "░".repeat(CELLS - full),
        clock(elapsed),
        clock(left),
    );
    let speed = format!(" {speed:.0} subtokens/s");
    if line.chars().count() + speed.len() > 80 { line } else { line + &speed }
}

/// A time as `2:05`, or `1:02:05`.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

impl TrainerCallback for Progress {
    fn on_start(&mut self, _total_steps: usize, done: usize) -> Result<(), TrainError> {
        self.begun = (Instant::now(), done);
        if std::io::stderr().is_terminal() {
            // The one message is cut to the width of the terminal, so that nothing wraps.
            let style = ProgressStyle::with_template("{wide_msg}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            self.bar = ProgressBar::new_spinner().with_style(style);
            let bar = self.bar.clone();
            draw_aside(Some(Box::new(move |write| bar.suspend(write))));
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
        if !self.bar.is_hidden() {
            let speed = self.subtokens as f64 / self.seconds.max(1e-9);
            let (elapsed, before) = (self.begun.0.elapsed(), self.begun.1);
            let made = record.step.saturating_sub(before).max(1);
            let ahead = record.total_steps.saturating_sub(record.step);
            let left = elapsed.mul_f64(ahead as f64 / made as f64);
            self.bar.set_message(line(record, loss, speed, elapsed, left));
        }
        Ok(ControlFlow::Continue(()))
    }

    fn on_evaluation(
        &mut self,
        record: &EvaluationRecord<'_>,
    ) -> Result<ControlFlow<()>, TrainError> {
        let (sum, steps) = std::mem::take(&mut self.epoch_loss);
        let evaluation = record.evaluation;
        let number = |value: Option<f64>| {
            value.map_or_else(|| "none".to_owned(), |value| format!("{value:.4}"))
        };
        let head = format!(
            "epoch {} of {}   training loss {:.4}   dev loss {}   accuracy {}{}",
            shown_epoch(record.epoch),
            record.total_epochs,
            sum / steps.max(1) as f64,
            number(evaluation.loss),
            number(evaluation.scores.token_accuracy),
            if record.is_best { "   best" } else { "" },
        );
        let table = report::table(&evaluation.scores);
        say(format!("{head}\n{table}"));
        Ok(ControlFlow::Continue(()))
    }

    fn on_end(&mut self) -> Result<(), TrainError> {
        draw_aside(None);
        self.bar.finish_and_clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_long_run_fits_80_columns() {
        let mut record = StepRecord::default();
        let second = Duration::from_secs(1);
        for (step, total, epoch, loss, speed, seconds) in [
            (1, 12, 0.1, 3.25, 12.0, 1),
            (12_345, 23_456, 12.5, 0.0123, 12_345.0, 7_322),
            (99_999, 100_000, 99.9, 12.3456, 99_999.0, 35_999),
        ] {
            (record.step, record.total_steps, record.epoch) = (step, total, epoch);
            let text = line(&record, loss, speed, second * seconds, second * seconds);
            assert!(text.chars().count() <= 80, "{} {text}", text.chars().count());
        }
        (record.step, record.total_steps, record.epoch) = (3, 12, 0.5);
        assert_eq!(
            line(&record, 0.5, 1200.0, 65 * second, 3725 * second),
            "███░░░░░░░░░ 3/12 epoch 0.5 loss 0.5000 1:05 1:02:05 left 1200 subtokens/s"
        );
    }
}
