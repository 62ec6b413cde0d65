//! Learning rates by step.

use serde::{Deserialize, Serialize};

/// How the learning rate changes after its warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Schedule {
    /// Falls in a straight line that would reach 0 after the last step.
    #[default]
    Linear,
    /// Falls along half a cosine wave that would reach 0 after the last step.
    Cosine,
    /// Stays the same.
    Constant,
}

impl Schedule {
    /// The rate of optimizer step `step` (from 0) of `total`: a linear climb over `warmup` steps
    /// to `peak`, then the schedule's own course.
    ///
    /// The same numbers as transformers' schedules of these names: without warm-up the first step
    /// has the peak.
    ///
    /// ```
    /// use ner_align_train::Schedule;
    /// let rates = |schedule: Schedule| -> Vec<f64> {
    ///     (0..6).map(|step| schedule.rate(step, 6, 2, 1.0)).collect()
    /// };
    /// assert_eq!(rates(Schedule::Linear), [0.0, 0.5, 1.0, 0.75, 0.5, 0.25]);
    /// assert_eq!(rates(Schedule::Constant), [0.0, 0.5, 1.0, 1.0, 1.0, 1.0]);
    /// assert!((rates(Schedule::Cosine)[4] - 0.5).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn rate(self, step: usize, total: usize, warmup: usize, peak: f64) -> f64 {
        if step < warmup {
            return peak * step as f64 / warmup as f64;
        }
        let falling = total.saturating_sub(warmup).max(1) as f64;
        let done = ((step - warmup) as f64 / falling).min(1.0);
        match self {
            // The steps left, not 1 - done: this keeps the digits of transformers.
            Self::Linear => peak * total.saturating_sub(step) as f64 / falling,
            Self::Cosine => peak * 0.5 * (1.0 + (std::f64::consts::PI * done).cos()),
            Self::Constant => peak,
        }
    }
}
