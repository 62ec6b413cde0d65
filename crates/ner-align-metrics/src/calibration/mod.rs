//! How well the scores of predictions say how often these are right.
//!
//! A model is calibrated if of the entities with a score of 0.8, eight in ten are right. Scores that
//! are not can be made so with one number, the temperature, fitted on held-out data
//! ([`fit_temperature`]); the expected calibration error says how far off they are ([`Reliability`]),
//! and [`threshold_for_precision`] where to cut.

mod reliability;
mod temperature;
mod threshold;

pub use reliability::{Reliability, ReliabilityBin};
pub use temperature::fit_temperature;
pub use threshold::{FEWEST_KEPT, threshold_for_precision};

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
