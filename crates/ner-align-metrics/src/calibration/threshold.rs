//! Where to cut for a wanted precision.

use super::ScoredPrediction;

/// Predictions that a threshold must keep at least: fewer say too little of a precision.
pub const FEWEST_KEPT: usize = 30;

/// Standard errors by which the measured precision must exceed the wanted one.
const MARGIN: f64 = 0.5;

/// The lowest threshold that gives the wanted precision, 0 to 1, as far as the predictions show it:
/// those with that score or more are at least [`FEWEST_KEPT`], and the lower end of Wilson's interval
/// of half a standard error around their precision is not below `wanted`. `None` if no threshold does
/// it, and always for a precision of 1, which no number of predictions shows.
///
/// The lowest of many thresholds whose measured precision suffices is one where chance helped, and
/// with other data the precision is lower. Half a standard error makes up for it: on other data the
/// precision is as often above as below (`docs/calibration.md` has the figures). A larger margin
/// guarantees more and keeps less, as Geifman and El-Yaniv (2017) do for selective classifiers.
///
/// ```
/// use ner_align_metrics::calibration::{ScoredPrediction, threshold_for_precision};
/// // Scores of 0.9 are right, those of 0.6 in four of five cases, and those of 0.3 never.
/// let predictions: Vec<_> = (0..40)
///     .flat_map(|index| [(0.9, true), (0.6, index % 5 > 0), (0.3, false)])
///     .map(|(score, is_correct)| ScoredPrediction::new(score, is_correct))
///     .collect();
/// assert_eq!(threshold_for_precision(&predictions, 0.85), Some(0.6));
/// assert_eq!(threshold_for_precision(&predictions, 0.95), Some(0.9));
/// // Ten predictions show nothing.
/// assert_eq!(threshold_for_precision(&predictions[..10], 0.5), None);
/// ```
#[must_use]
pub fn threshold_for_precision(predictions: &[ScoredPrediction], wanted: f64) -> Option<f64> {
    let mut sorted = predictions.to_vec();
    sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
    let (mut correct, mut threshold) = (0, None);
    for (index, prediction) in sorted.iter().enumerate() {
        correct += usize::from(prediction.is_correct);
        let kept = index + 1;
        // Predictions of one score stay together.
        let is_last = sorted.get(kept).is_none_or(|next| next.score < prediction.score);
        if is_last && kept >= FEWEST_KEPT && lower_bound(correct, kept) >= wanted {
            threshold = Some(prediction.score);
        }
    }
    threshold
}

/// The lower end of Wilson's interval (1927) for a share, [`MARGIN`] standard errors wide on each side.
fn lower_bound(correct: usize, count: usize) -> f64 {
    let (share, count) = (correct as f64 / count as f64, count as f64);
    let widening = MARGIN * MARGIN / count;
    let spread = MARGIN * (share * (1.0 - share) / count + widening / (4.0 * count)).sqrt();
    (share + widening / 2.0 - spread) / (1.0 + widening)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Predictions of which the first have the highest scores.
    fn descending(is_correct: impl IntoIterator<Item = bool>) -> Vec<ScoredPrediction> {
        let scored = |(index, is_correct)| {
            ScoredPrediction::new(1.0 - f64::from(index) / 1000.0, is_correct)
        };
        (0_i32..).zip(is_correct).map(scored).collect()
    }

    #[test]
    fn the_bound_is_wilsons() {
        // statsmodels 0.15: proportion_confint(correct, count, 2 * norm.sf(0.5), "wilson")[0]
        for (correct, count, expected) in [
            (0, 30, 0.0),
            (30, 30, 0.991_735_537_190_082_7),
            (24, 30, 0.761_072_599_882_314_1),
            (80, 100, 0.779_262_818_526_332_4),
            (450, 500, 0.893_090_593_911_995_3),
        ] {
            assert!((lower_bound(correct, count) - expected).abs() < 1e-9, "{correct} of {count}");
        }
    }

    #[test]
    fn few_predictions_give_no_threshold() {
        let right = descending([true; FEWEST_KEPT]);
        assert_eq!(threshold_for_precision(&right[1..], 0.9), None);
        assert_eq!(threshold_for_precision(&right, 0.9), Some(right[FEWEST_KEPT - 1].score));
        assert_eq!(threshold_for_precision(&right, 1.0), None);
        assert_eq!(threshold_for_precision(&[], 0.0), None);
    }

    #[test]
    fn a_lucky_prediction_is_not_enough() {
        // Of the first 50, 0.8 are right. The bound is 0.805 after 48 and 0.787 after 49.
        let predictions = descending((0..100).map(|index| index < 40));
        let threshold = threshold_for_precision(&predictions, 0.8);
        assert_eq!(threshold, Some(predictions[47].score));
    }

    #[test]
    fn equal_scores_stay_together() {
        let mut predictions = descending([true; 40]);
        predictions.extend([ScoredPrediction::new(0.5, true), ScoredPrediction::new(0.5, false)]);
        let threshold = threshold_for_precision(&predictions, 0.95);
        assert_eq!(threshold, Some(0.5));
        assert_eq!(threshold_for_precision(&predictions, 0.97), Some(predictions[39].score));
    }
}
