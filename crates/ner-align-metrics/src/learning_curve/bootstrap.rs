//! Intervals around what a curve says.

use super::{Forecast, Interval, LearningCurve};
use crate::resampling::SplitMix64;

/// Resamples of an interval.
const RESAMPLES: u64 = 1000;
/// What lies outside the interval, in all.
const OUTSIDE: f64 = 0.1;

/// The degrees of freedom that three fitted numbers leave.
pub(super) const fn freedom(runs: usize) -> usize {
    if runs > 3 { runs - 3 } else { 1 }
}

pub(super) fn forecast(curve: &LearningCurve, size: f64, seed: u64) -> Forecast {
    let LearningCurve { fitter, law, residuals, .. } = curve;
    let relative = fitter.relative(size);
    let fitted: Vec<f64> = fitter.relative.iter().map(|&own| law.at(own)).collect();
    let freedom = freedom(residuals.len());
    let (mut scores, mut gains) = (Vec::new(), Vec::new());
    for index in 0..RESAMPLES {
        let mut random = SplitMix64::stream(seed, index);
        let squares: f64 = (0..freedom).map(|_| normal(&mut random).powi(2)).sum();
        let noise = curve.noise() * (freedom as f64 / squares.max(f64::MIN_POSITIVE)).sqrt();
        let drawn: Vec<f64> = fitted.iter().map(|own| own + noise * normal(&mut random)).collect();
        let law = fitter.law(&drawn);
        scores.push(law.at(relative));
        gains.push(law.at(relative) - law.at(1.0));
    }
    let value = law.at(relative);
    Forecast {
        size,
        score: interval(value, scores, (f64::NEG_INFINITY, 1.0)),
        gain: interval(value - law.at(1.0), gains, (0.0, 1.0)),
    }
}

/// A number of the standard normal distribution (Box and Muller 1958).
fn normal(random: &mut SplitMix64) -> f64 {
    // Above 0, so that the logarithm exists.
    let mut unit = || ((random.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    (-2.0 * unit().ln()).sqrt() * (std::f64::consts::TAU * unit()).cos()
}

/// As far from the value as the farther end of the percentile interval, to both sides, within these bounds.
/// Where the curve is held by its bounds, resamples lean to one side, and the percentile interval alone
/// holds the truth too rarely.
fn interval(value: f64, mut drawn: Vec<f64>, bounds: (f64, f64)) -> Interval {
    drawn.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = (share * (drawn.len() - 1) as f64).round() as usize;
        drawn.get(index).copied().unwrap_or(value)
    };
    let (low, high) = (at(OUTSIDE / 2.0), at(1.0 - OUTSIDE / 2.0));
    let reach = (value - low).abs().max((high - value).abs());
    let (least, most) = bounds;
    Interval {
        value,
        low: (value - reach).max(least).min(value),
        high: (value + reach).min(most).max(value),
    }
}
