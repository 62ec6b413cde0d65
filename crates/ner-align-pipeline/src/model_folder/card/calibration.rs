//! How far the scores of entities can be taken for probabilities.

/// Entities whose scores are alike, in a [`CalibrationSummary`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct CalibrationBin {
    /// Number of predicted entities.
    pub count: u64,
    /// Mean of their scores, 0 to 1.
    pub confidence: f64,
    /// Share of them that is right, 0 to 1.
    pub accuracy: f64,
}

impl CalibrationBin {
    /// A bin with this number of entities, their mean score and the share that is right.
    #[must_use]
    pub const fn new(count: u64, confidence: f64, accuracy: f64) -> Self {
        Self { count, confidence, accuracy }
    }
}

/// What a temperature did to the scores of a model on the development data.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct CalibrationSummary {
    /// The logits are divided by it.
    pub temperature: f64,
    /// Expected calibration error with the temperature 1: the mean distance between the scores of
    /// entities and the share of them that is right, 0 to 1.
    pub ece_before: f64,
    /// The same with `temperature`.
    pub ece_after: f64,
    /// The entities by their score with `temperature`, lowest first; may be empty.
    pub bins: Vec<CalibrationBin>,
}

ner_align_core::setters! { CalibrationSummary {
    with_temperature: temperature: f64,
    with_ece_before: ece_before: f64,
    with_ece_after: ece_after: f64,
    with_bins: bins: Vec<CalibrationBin>,
} }
