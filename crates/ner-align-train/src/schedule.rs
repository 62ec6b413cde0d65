//! Learning rates by step.

/// The rate of optimizer step `step` (from 0) of `total`: a linear climb over `warmup` steps to
/// `peak`, then a linear fall that would reach 0 at step `total`.
///
/// The same numbers as transformers' linear schedule: without warm-up the first step has the peak.
///
/// ```
/// use ner_align_train::linear_rate;
/// let rates: Vec<f64> = (0..6).map(|step| linear_rate(step, 6, 2, 1.0)).collect();
/// assert_eq!(rates, [0.0, 0.5, 1.0, 0.75, 0.5, 0.25]);
/// ```
#[must_use]
pub fn linear_rate(step: usize, total: usize, warmup: usize, peak: f64) -> f64 {
    if step < warmup {
        return peak * step as f64 / warmup as f64;
    }
    let left = total.saturating_sub(step) as f64;
    peak * left / total.saturating_sub(warmup).max(1) as f64
}
