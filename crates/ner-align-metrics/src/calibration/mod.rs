//! How well the scores of predictions say how often these are right.
//!
//! A model is calibrated if of the entities with a score of 0.8, eight in ten are right. Scores that
//! are not can be made so with one number, the temperature, fitted on held-out data
//! ([`fit_temperature`]); the expected calibration error says how far off they are ([`Reliability`]),
//! and [`threshold_for_precision`] where to cut.

mod reliability;
mod temperature;

pub use reliability::{Reliability, ReliabilityBin};
pub use temperature::fit_temperature;

/// The score of one prediction, and whether the prediction is right.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ScoredPrediction {
    /// The probability that the model gives it, 0 to 1.
    pub score: f64,
    /// True if the gold annotation has the same entity: same words, same type.
    pub is_correct: bool,
}

impl ScoredPrediction {
    /// A prediction with this score.
    #[must_use]
    pub const fn new(score: f64, is_correct: bool) -> Self {
        Self { score, is_correct }
    }
}

/// The mean negative log-likelihood of what is right and what is wrong, given the scores; `None`
/// without predictions. Lower is better, and only honest scores reach the minimum.
///
/// ```
/// use ner_align_metrics::calibration::{ScoredPrediction, log_loss};
/// let sure = [ScoredPrediction::new(0.99, true), ScoredPrediction::new(0.99, false)];
/// let unsure = [ScoredPrediction::new(0.5, true), ScoredPrediction::new(0.5, false)];
/// assert!(log_loss(&sure) > log_loss(&unsure));
/// ```
#[must_use]
pub fn log_loss(predictions: &[ScoredPrediction]) -> Option<f64> {
    // One wrong prediction with a score of 1 must not outweigh all others.
    const LEAST: f64 = 1e-6;
    let loss = |prediction: &ScoredPrediction| {
        let score = prediction.score.clamp(LEAST, 1.0 - LEAST);
        -(if prediction.is_correct { score } else { 1.0 - score }).ln()
    };
    let count = predictions.len();
    (count > 0).then(|| predictions.iter().map(loss).sum::<f64>() / count as f64)
}

/// The lowest threshold at which the predictions with that score or more have the wanted precision,
/// 0 to 1. `None` if no threshold gives it.
///
/// ```
/// use ner_align_metrics::calibration::{ScoredPrediction, threshold_for_precision};
/// let predictions = [(0.9, true), (0.8, true), (0.7, false), (0.6, true), (0.5, false)]
///     .map(|(score, is_correct)| ScoredPrediction::new(score, is_correct));
/// assert_eq!(threshold_for_precision(&predictions, 0.75), Some(0.6));
/// assert_eq!(threshold_for_precision(&predictions, 1.0), Some(0.8));
/// assert_eq!(threshold_for_precision(&predictions[2..3], 0.5), None);
/// ```
#[must_use]
pub fn threshold_for_precision(predictions: &[ScoredPrediction], wanted: f64) -> Option<f64> {
    let mut sorted = predictions.to_vec();
    sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
    let (mut correct, mut threshold) = (0, None);
    for (index, prediction) in sorted.iter().enumerate() {
        correct += usize::from(prediction.is_correct);
        // Predictions of one score stay together.
        let is_last = sorted.get(index + 1).is_none_or(|next| next.score < prediction.score);
        if is_last && correct as f64 >= wanted * (index + 1) as f64 {
            threshold = Some(prediction.score);
        }
    }
    threshold
}
