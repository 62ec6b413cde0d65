//! The temperature that makes scores honest.

/// The lowest and the highest temperature that is tried: beyond them a model is broken, not
/// miscalibrated.
const RANGE: (f64, f64) = (0.2, 5.0);
/// Temperatures of the first look, equally far apart in their logarithms.
const GRID: usize = 17;
/// Steps of the search between two neighbours of the grid, each of which shortens it to 0.62.
const STEPS: usize = 12;

/// The temperature from 0.2 to 5 with the lowest loss: a grid first, then golden-section search
/// around its best point, 41 evaluations in all. A loss that is no number counts as infinite; 1 if
/// no temperature has a loss.
///
/// ```
/// use ner_align_metrics::calibration::fit_temperature;
/// let fitted = fit_temperature(|temperature: f64| (temperature.ln() - 0.5).powi(2));
/// assert!((fitted.ln() - 0.5).abs() < 1e-3);
/// assert_eq!(fit_temperature(|_| f64::NAN), 1.0);
/// ```
#[must_use]
pub fn fit_temperature(mut loss: impl FnMut(f64) -> f64) -> f64 {
    let mut loss = move |logarithm: f64| {
        let loss = loss(logarithm.exp());
        if loss.is_nan() { f64::INFINITY } else { loss }
    };
    let (low, high) = (RANGE.0.ln(), RANGE.1.ln());
    let width = (high - low) / (GRID - 1) as f64;
    let mut best = (f64::INFINITY, 0.0);
    for point in 0..GRID {
        let at = low + width * point as f64;
        let found = loss(at);
        if found < best.0 {
            best = (found, at);
        }
    }
    if best.0.is_infinite() {
        return 1.0;
    }
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut from, mut to) = ((best.1 - width).max(low), (best.1 + width).min(high));
    for _ in 0..STEPS {
        let (left, right) = (to - golden * (to - from), from + golden * (to - from));
        if loss(left) <= loss(right) {
            to = right;
        } else {
            from = left;
        }
    }
    f64::midpoint(from, to).exp()
}
