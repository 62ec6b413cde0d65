//! How a score grows with the amount of data, and what more data would bring.
//!
//! The score of a model that learned from `n` sentences is taken to follow an inverse power law,
//! `a - b * n^-c`, with `a` at most 1, `b` at least 0 and `c` between 0.05 and 1.5 (Figueroa et al. 2012,
//! Predicting sample size required for classification performance).
//!
//! ```
//! use ner_align_metrics::learning_curve::{LearningCurve, TrainedOn};
//! let runs = [(125, 0.52), (250, 0.61), (500, 0.672), (1000, 0.715), (1000, 0.725)]
//!     .map(|(size, score)| TrainedOn::new(size, score));
//! let curve = LearningCurve::fit(&runs)?;
//! let twice = curve.forecast(2000.0, 0);
//! assert!(twice.gain.low < twice.gain.value && twice.gain.value < twice.gain.high);
//! assert!((0.73..0.79).contains(&twice.score.value));
//! # Ok::<(), ner_align_metrics::MetricsError>(())
//! ```

mod bootstrap;
mod fit;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::MetricsError;
use fit::{Fitter, Law};

/// The least number of different sizes that a curve is fitted to, since it has three numbers.
pub const FEWEST_SIZES: usize = 3;
/// The least number of runs, one more, so that something says how far runs scatter.
pub const FEWEST_RUNS: usize = 4;

/// The score of a model that was trained on so much.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TrainedOn {
    /// The amount of data, such as sentences, from 1.
    pub size: usize,
    /// The score, 0 to 1.
    pub score: f64,
}

impl TrainedOn {
    /// A run on so much data with this score.
    #[must_use]
    pub const fn new(size: usize, score: f64) -> Self {
        Self { size, score }
    }
}

/// A value with an interval around it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Interval {
    /// The value by the fitted curve.
    pub value: f64,
    /// The lower end of the 90 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// What a curve says of an amount of data.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Forecast {
    /// The amount of data.
    pub size: f64,
    /// The score that the curve has there: the mean of many runs, not that of one.
    pub score: Interval,
    /// By how much that is more than what the curve has at the largest amount so far.
    pub gain: Interval,
}

/// A fitted curve.
#[derive(Debug, Clone)]
pub struct LearningCurve {
    runs: Vec<TrainedOn>,
    fitter: Fitter,
    law: Law,
    residuals: Vec<f64>,
}

impl LearningCurve {
    /// Fits the curve by weighted least squares, the best `c` of a grid. The `i`-th of `m` sizes has the
    /// weight `i / m`, shared by its runs: what matters is how the curve goes on at its end.
    ///
    /// # Errors
    /// [`MetricsError::Runs`] for fewer than [`FEWEST_SIZES`] sizes or [`FEWEST_RUNS`] runs, a size of 0, or
    /// a score outside 0 to 1.
    pub fn fit(runs: &[TrainedOn]) -> Result<Self, MetricsError> {
        let wrong = |expected: &str, found: String| {
            Err(MetricsError::Runs { expected: expected.to_owned(), found })
        };
        let sizes: BTreeSet<usize> = runs.iter().map(|run| run.size).collect();
        if sizes.contains(&0) {
            return wrong("sizes of 1 or more", "0".to_owned());
        }
        if let Some(run) = runs.iter().find(|run| !(0.0..=1.0).contains(&run.score)) {
            return wrong("scores from 0 to 1", run.score.to_string());
        }
        if sizes.len() < FEWEST_SIZES || runs.len() < FEWEST_RUNS {
            let expected = format!("{FEWEST_RUNS} runs or more, of {FEWEST_SIZES} sizes or more");
            return wrong(&expected, format!("{} runs of {} sizes", runs.len(), sizes.len()));
        }
        let sizes: Vec<usize> = sizes.into_iter().collect();
        let fitter = Fitter::new(&sizes, runs);
        let scores: Vec<f64> = runs.iter().map(|run| run.score).collect();
        let law = fitter.law(&scores);
        let residuals =
            runs.iter().map(|run| run.score - law.at(fitter.relative(run.size as f64))).collect();
        Ok(Self { runs: runs.to_vec(), fitter, law, residuals })
    }

    /// The runs, as they were given.
    #[must_use]
    pub fn runs(&self) -> &[TrainedOn] {
        &self.runs
    }

    /// The largest amount of data of the runs.
    #[must_use]
    pub fn largest(&self) -> usize {
        self.runs.iter().map(|run| run.size).max().unwrap_or(1)
    }

    /// What the score tends to with ever more data, `a`.
    #[must_use]
    pub const fn limit(&self) -> f64 {
        self.law.limit
    }

    /// How far the curve is below its limit at the largest size of the runs, `b * n^-c`.
    #[must_use]
    pub const fn gap(&self) -> f64 {
        self.law.gap
    }

    /// The exponent `c`.
    #[must_use]
    pub const fn exponent(&self) -> f64 {
        self.law.exponent
    }

    /// The score at an amount of data above 0.
    #[must_use]
    pub fn at(&self, size: f64) -> f64 {
        self.law.at(self.fitter.relative(size))
    }

    /// The standard deviation of runs around the curve.
    #[must_use]
    pub fn noise(&self) -> f64 {
        let squares: f64 = self.residuals.iter().map(|own| own * own).sum();
        (squares / bootstrap::freedom(self.residuals.len()) as f64).sqrt()
    }

    /// The score at an amount of data and the gain over the largest amount so far, with 90 % intervals.
    ///
    /// An interval reaches to both sides as far as the farther of the 5th and the 95th percentile of 1,000
    /// resamples from a seed, within what the curve can be. A resample draws the noise of all runs anew and
    /// fits again. How large the noise is, is uncertain where runs are few; so it first draws that too, by the
    /// scaled inverse chi-square distribution of the residuals. Four runs give wide intervals.
    /// They know nothing of data of another kind.
    #[must_use]
    pub fn forecast(&self, size: f64, seed: u64) -> Forecast {
        bootstrap::forecast(self, size, seed)
    }
}
