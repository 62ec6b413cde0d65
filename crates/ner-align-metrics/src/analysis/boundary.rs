//! On which side a prediction's boundaries are wrong, and which way.

use ner_align_core::WordSpan;
use serde::{Deserialize, Serialize};

/// Which boundary of an entity is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The first word.
    Left,
    /// The last word.
    Right,
    /// Both.
    Both,
}

/// How a prediction differs from its gold entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// It holds the whole gold entity and more.
    Longer,
    /// It is a part of the gold entity.
    Shorter,
    /// It reaches out on one side and falls short on the other.
    Shifted,
}

/// How the boundaries of a prediction differ from those of its gold entity.
///
/// ```
/// use ner_align_core::WordSpan;
/// use ner_align_metrics::analysis::{BoundaryError, Extent, Side};
/// let error = BoundaryError::between(WordSpan::new(2, 4), WordSpan::new(1, 4)).unwrap();
/// assert_eq!((error.side, error.extent), (Side::Left, Extent::Longer));
/// assert_eq!(BoundaryError::between(WordSpan::new(2, 4), WordSpan::new(2, 4)), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BoundaryError {
    /// Which boundary is wrong.
    pub side: Side,
    /// Which way.
    pub extent: Extent,
}

impl BoundaryError {
    /// The difference between two spans; `None` if they are equal.
    #[must_use]
    pub fn between(gold: WordSpan, predicted: WordSpan) -> Option<Self> {
        let side = match (gold.start == predicted.start, gold.end == predicted.end) {
            (true, true) => return None,
            (false, true) => Side::Left,
            (true, false) => Side::Right,
            (false, false) => Side::Both,
        };
        let extent = if predicted.start <= gold.start && predicted.end >= gold.end {
            Extent::Longer
        } else if predicted.start >= gold.start && predicted.end <= gold.end {
            Extent::Shorter
        } else {
            Extent::Shifted
        };
        Some(Self { side, extent })
    }

    /// In words, as in `left, longer`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match (self.side, self.extent) {
            (Side::Left, Extent::Longer) => "left, longer",
            (Side::Left, Extent::Shorter) => "left, shorter",
            (Side::Left, Extent::Shifted) => "left, shifted",
            (Side::Right, Extent::Longer) => "right, longer",
            (Side::Right, Extent::Shorter) => "right, shorter",
            (Side::Right, Extent::Shifted) => "right, shifted",
            (Side::Both, Extent::Longer) => "both sides, longer",
            (Side::Both, Extent::Shorter) => "both sides, shorter",
            (Side::Both, Extent::Shifted) => "both sides, shifted",
        }
    }
}

/// How often one kind of boundary error came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BoundaryCount {
    /// The kind.
    #[serde(flatten)]
    pub error: BoundaryError,
    /// Number of pairs, those whose types differ too included.
    pub count: u64,
}
