//! A floor under a score, for scripts that must stop where a model gets worse.

use std::str::FromStr;

use crate::{MetricsError, Scores};

/// The least value that a score may have: `strict=0.8`, `strict.PER=0.7`, `type.micro.recall=0.9` or
/// `token_accuracy=0.95`.
///
/// ```
/// use ner_align_core::Scheme;
/// use ner_align_metrics::{Floor, MetricsError, score_tags};
/// let scores = score_tags(&[["B-PER", "B-LOC"]], &[["B-PER", "O"]], Scheme::Iob2)?;
/// "strict.PER=1".parse::<Floor>()?.check(scores.scores())?;
/// let error = "strict=0.9".parse::<Floor>()?.check(scores.scores()).unwrap_err();
/// assert_eq!(error.to_string(), "strict: expected 0.9 or more, found 0.6667");
/// # Ok::<(), MetricsError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Floor {
    measure: String,
    floor: f64,
}

impl FromStr for Floor {
    type Err = MetricsError;

    /// Reads `MEASURE=X`.
    fn from_str(text: &str) -> Result<Self, MetricsError> {
        let bad = || MetricsError::FloorSyntax { found: text.to_owned() };
        let (measure, floor) = text.rsplit_once('=').ok_or_else(bad)?;
        let floor = floor.parse().ok().filter(|floor: &f64| floor.is_finite()).ok_or_else(bad)?;
        Ok(Self { measure: measure.to_owned(), floor })
    }
}

impl Floor {
    /// Checks the score. `strict` alone is its micro F1, `strict.PER` the F1 of a type; other paths
    /// are those of [`Scores::value`]. An undefined score does not reach any floor.
    ///
    /// # Errors
    /// [`MetricsError::BelowFloor`] if the score is lower, [`MetricsError::UnknownMeasure`] if there
    /// does not exist.
    pub fn check(&self, scores: &Scores) -> Result<(), MetricsError> {
        let Self { measure, floor } = self;
        let paths = ["", ".f1", ".micro.f1"].map(|end| format!("{measure}{end}"));
        let value = paths.iter().find_map(|path| scores.value(path));
        let value = value.ok_or_else(|| MetricsError::UnknownMeasure { found: measure.clone() })?;
        if value.is_some_and(|value| value >= *floor) {
            return Ok(());
        }
        let found =
            value.map_or_else(|| "no defined value".to_owned(), |value| format!("{value:.4}"));
        Err(MetricsError::BelowFloor { measure: measure.clone(), floor: *floor, found })
    }
}
