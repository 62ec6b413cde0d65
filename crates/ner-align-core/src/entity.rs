//! Entities and their scores.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Label, WordSpan};

/// An entity: consecutive words with a type.
///
/// An entity from an annotated corpus has no score; one that a model predicted may have one.
/// Entities with different scores are not equal; compare span and label if the score does not
/// matter.
///
/// ```
/// use ner_align_core::{Entity, Score, WordSpan};
/// let entity = Entity::new(0, 2, "PER".parse()?).with_score(Score::new(0.75));
/// assert_eq!(entity.span, WordSpan::new(0, 2));
/// assert_eq!(entity.score.map(Score::get), Some(0.75));
/// # Ok::<(), ner_align_core::EmptyLabel>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entity {
    /// The words of the entity, half-open, counted from 0 within the document or sentence.
    pub span: WordSpan,
    /// The type.
    pub label: Label,
    /// The model's confidence; `None` for an entity that no model predicted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
}

impl Entity {
    /// An entity over the words `start..end`, without a score.
    #[must_use]
    pub const fn new(start: usize, end: usize, label: Label) -> Self {
        Self { span: WordSpan::new(start, end), label, score: None }
    }

    /// The same entity with this score.
    #[must_use]
    pub const fn with_score(mut self, score: Option<Score>) -> Self {
        self.score = score;
        self
    }
}

/// A model's confidence in an entity: a number from 0 to 1.
///
/// A score is never NaN, so scores have a total order.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(transparent)]
pub struct Score(f32);

impl Score {
    /// A score of this value; `None` if it is less than 0, more than 1 or NaN.
    #[must_use]
    pub fn new(value: f32) -> Option<Self> {
        // Adding 0 turns -0 into 0, so that equal numbers are equal scores.
        (0.0..=1.0).contains(&value).then_some(Self(value + 0.0))
    }

    /// The mean of the values; `None` if there are no values or the mean is not a score.
    #[must_use]
    pub fn mean(values: &[f32]) -> Option<Self> {
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        // Rounding may lead slightly past 1. Without values the mean is NaN.
        Self::new(if mean > 1.0 && mean < 1.001 { 1.0 } else { mean })
    }

    /// The value, from 0 to 1.
    #[must_use]
    pub const fn get(self) -> f32 {
        self.0
    }
}

impl PartialEq for Score {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Score {}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Hash for Score {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f32::deserialize(deserializer)?;
        Self::new(value).ok_or_else(|| {
            serde::de::Error::custom(format!("expected a score from 0 to 1, found {value}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_numbers_from_0_to_1() {
        for (value, expected) in [
            (0.0, Some(0.0)),
            (-0.0, Some(0.0)),
            (1.0, Some(1.0)),
            (0.25, Some(0.25)),
            (1.001, None),
            (-0.1, None),
            (f32::NAN, None),
            (f32::INFINITY, None),
        ] {
            assert_eq!(Score::new(value).map(Score::get), expected, "{value}");
        }
        assert_eq!(Score::new(-0.0), Score::new(0.0));
        assert_eq!(Score::mean(&[0.5, 1.0]), Score::new(0.75));
        assert_eq!(Score::mean(&[]), None);
        assert_eq!(Score::mean(&[f32::NAN]), None);
    }
}
