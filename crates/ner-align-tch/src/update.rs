//! The constants of one AdamW step.

/// The constants of one step for elements that learn at one rate:
///
/// ```text
/// g = scale * gradient
/// mean   += mean_share * (g - mean)
/// square += square_share * (g * g - square)
/// value   = keep * value - rate * mean / (sqrt(square) + epsilon)
/// ```
///
/// The corrections for moments that start at zero are part of `rate` and `epsilon`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Update {
    pub(crate) scale: f64,
    pub(crate) mean_share: f64,
    pub(crate) square_share: f64,
    pub(crate) rate: f64,
    pub(crate) epsilon: f64,
    pub(crate) keep: f64,
}
