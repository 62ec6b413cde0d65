//! Scores against precision, in bins.

use serde::{Deserialize, Serialize};

use super::ScoredPrediction;

/// Predictions whose scores are within one range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReliabilityBin {
    /// The lowest score of the bin.
    pub lower: f64,
    /// The score at which the next bin starts; the last bin includes it.
    pub upper: f64,
    /// The number of predictions.
    pub count: usize,
    /// How many of them are right.
    pub correct: usize,
    /// Their mean score; `None` without predictions.
    pub mean_score: Option<f64>,
}

impl ReliabilityBin {
    /// The share that is right; `None` without predictions.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        (self.count > 0).then(|| self.correct as f64 / self.count as f64)
    }
}

/// The reliability diagram of some predictions: bins of equal width from 0 to 1 (Guo et al. 2017).
///
/// ```
/// use ner_align_metrics::calibration::{Reliability, ScoredPrediction};
/// let predictions = [(0.95, true), (0.85, true), (0.85, false), (0.85, false)]
///     .map(|(score, is_correct)| ScoredPrediction::new(score, is_correct));
/// let reliability = Reliability::of(&predictions, 10);
/// assert_eq!(reliability.bins[8].precision(), Some(1.0 / 3.0));
/// // A quarter of the predictions is off by 0.05, the rest by 0.85 − 1/3.
/// let error = reliability.expected_calibration_error().unwrap_or_default();
/// assert!((error - (0.25 * 0.05 + 0.75 * (0.85 - 1.0 / 3.0))).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reliability {
    /// The bins, by score.
    pub bins: Vec<ReliabilityBin>,
}

impl Reliability {
    /// Sorts predictions into `bins` bins, at least one. A score outside 0 to 1 counts as the
    /// nearest of these, NaN as 0.
    #[must_use]
    pub fn of(predictions: &[ScoredPrediction], bins: usize) -> Self {
        let bins = bins.max(1);
        let mut counted = vec![(0, 0, 0.0); bins];
        for prediction in predictions {
            let score = if prediction.score.is_nan() { 0.0 } else { prediction.score };
            let score = score.clamp(0.0, 1.0);
            let bin = ((score * bins as f64) as usize).min(bins - 1);
            let (count, correct, sum) = &mut counted[bin];
            *count += 1;
            *correct += usize::from(prediction.is_correct);
            *sum += score;
        }
        let edge = |bin: usize| bin as f64 / bins as f64;
        let bin = |(index, (count, correct, sum)): (usize, (usize, usize, f64))| ReliabilityBin {
            lower: edge(index),
            upper: edge(index + 1),
            count,
            correct,
            mean_score: (count > 0).then(|| sum / count as f64),
        };
        Self { bins: counted.into_iter().enumerate().map(bin).collect() }
    }

    /// The number of predictions.
    #[must_use]
    pub fn count(&self) -> usize {
        self.bins.iter().map(|bin| bin.count).sum()
    }

    /// The distance of mean score and precision, averaged over the predictions of all bins; 0 is
    /// best. `None` without predictions.
    #[must_use]
    pub fn expected_calibration_error(&self) -> Option<f64> {
        let distance = |bin: &ReliabilityBin| {
            let distance = (bin.mean_score? - bin.precision()?).abs();
            Some(bin.count as f64 * distance)
        };
        let count = self.count();
        (count > 0).then(|| self.bins.iter().filter_map(distance).sum::<f64>() / count as f64)
    }
}
