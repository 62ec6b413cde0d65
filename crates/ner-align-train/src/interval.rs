//! Steps between two lines of a log, taken together.

use crate::record::StepRecord;

/// What a log says of some steps: sums, the loss their mean, the rest as of the last one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interval {
    pub(crate) step: usize,
    pub(crate) epoch: f64,
    pub(crate) loss: f64,
    pub(crate) learning_rate: f64,
    pub(crate) gradient_norm: f64,
    pub(crate) subtokens: usize,
    pub(crate) seconds: f64,
}

/// Gathers steps until there are enough for a line.
#[derive(Debug, Clone)]
pub(crate) struct Intervals {
    every: usize,
    steps: usize,
    loss: f64,
    subtokens: usize,
    seconds: f64,
    last: Option<StepRecord>,
}

impl Intervals {
    /// A line for every `every` steps, 0 counting as 1.
    pub(crate) fn new(every: usize) -> Self {
        Self { every: every.max(1), steps: 0, loss: 0.0, subtokens: 0, seconds: 0.0, last: None }
    }

    /// Takes a step; gives the interval if it is full.
    pub(crate) fn add(&mut self, record: &StepRecord) -> Option<Interval> {
        self.steps += 1;
        self.loss += record.loss;
        self.subtokens += record.subtokens;
        self.seconds += record.seconds;
        self.last = Some(*record);
        if self.steps >= self.every { self.take() } else { None }
    }

    /// Ends the interval, full or not; `None` if there was no step since the last one.
    pub(crate) fn take(&mut self) -> Option<Interval> {
        let last = self.last?;
        let ended = std::mem::replace(self, Self::new(self.every));
        Some(Interval {
            step: last.step,
            epoch: last.epoch,
            loss: ended.loss / ended.steps as f64,
            learning_rate: last.learning_rate,
            gradient_norm: last.gradient_norm,
            subtokens: ended.subtokens,
            seconds: ended.seconds,
        })
    }
}
