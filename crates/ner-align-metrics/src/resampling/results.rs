//! What resampling finds.

use serde::{Deserialize, Serialize};

use super::ResamplingUnit;
use crate::Measure;

/// A score and how far it may be from that of another sample.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Interval {
    /// The score of the whole corpus.
    pub estimate: Option<f64>,
    /// Lower end of the percentile interval (Efron 1979).
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Standard deviation over the resamples.
    pub standard_error: Option<f64>,
    /// Number of resamples where the score was undefined; they are not in the interval.
    pub undefined: usize,
}

/// Intervals of the three scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Intervals {
    /// The measure.
    pub measure: Measure,
    /// What was drawn.
    pub unit: ResamplingUnit,
    /// Number of units.
    pub units: usize,
    /// Number of resamples.
    pub resamples: usize,
    /// The level, such as 0.95.
    pub level: f64,
    /// The seed.
    pub seed: u64,
    /// Micro precision.
    pub precision: Interval,
    /// Micro recall.
    pub recall: Interval,
    /// Micro F1.
    pub f1: Interval,
}

/// A score of two systems on the same gold annotation.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Difference {
    /// The first system's score.
    pub first: Option<f64>,
    /// The second system's score.
    pub second: Option<f64>,
    /// First minus second; its interval is that of the paired bootstrap.
    pub difference: Interval,
    /// Two-sided p of approximate randomization: how often at least this difference comes about
    /// when the systems' answers are exchanged at random, unit by unit (Noreen 1989, Yeh 2000).
    pub p_value: Option<f64>,
}

/// Two systems compared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Comparison {
    /// The measure.
    pub measure: Measure,
    /// What was exchanged and drawn.
    pub unit: ResamplingUnit,
    /// Number of units.
    pub units: usize,
    /// Number of units where the systems' counts differ.
    pub differing_units: usize,
    /// Number of exchanges, and of resamples.
    pub resamples: usize,
    /// The seed.
    pub seed: u64,
    /// Micro precision.
    pub precision: Difference,
    /// Micro recall.
    pub recall: Difference,
    /// Micro F1.
    pub f1: Difference,
}
