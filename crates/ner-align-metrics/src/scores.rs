//! The result of scoring: what `score --json` prints.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ConfusionMatrix, Prf};

/// One measure over all entity types together and each by itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Averages {
    /// All entities counted alike.
    pub micro: Prf,
    /// Unweighted mean over the entity types that occur in gold or predictions.
    ///
    /// Where a type's score is undefined it counts as 0, as in seqeval and scikit-learn, or as the
    /// scorer's [`crate::ZeroDivision`] says. The counts are those of `micro`.
    #[serde(rename = "macro")]
    pub macro_: Prf,
    /// Mean over the entity types, weighted by their number of gold entities.
    pub weighted: Prf,
    /// Each entity type that occurs in gold or predictions, by code point. Of more than ten thousand, those
    /// with the fewest entities are one row, [`crate::OTHER_LABELS`]; the averages are over every type.
    pub per_type: BTreeMap<String, Prf>,
}

/// The five measures.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Measures {
    /// Span and type must be equal.
    pub strict: Averages,
    /// The span must be equal, the type may be any.
    pub exact: Averages,
    /// An equal span is worth 1, an overlapping one a half, the type may be any.
    pub partial: Averages,
    /// The type must be equal and the spans must overlap.
    #[serde(rename = "type")]
    pub entity_type: Averages,
    /// The share of entity words with the right type, boundaries ignored.
    pub relaxed: Averages,
}

/// Names of the measures, as on the command line and in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Span and type.
    Strict,
    /// Span.
    Exact,
    /// Span, half a credit for overlap.
    Partial,
    /// Type.
    Type,
    /// Type of words.
    Relaxed,
}

impl Measure {
    /// All measures.
    pub const ALL: [Self; 5] =
        [Self::Strict, Self::Exact, Self::Partial, Self::Type, Self::Relaxed];

    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Exact => "exact",
            Self::Partial => "partial",
            Self::Type => "type",
            Self::Relaxed => "relaxed",
        }
    }
}

/// How the entities that are not strictly correct went wrong; each is counted once.
///
/// A gold entity is either correct or one of `boundary`, `type`, `boundary_and_type`, `missed` and
/// `merged`; a prediction is either correct or one of `boundary`, `type`, `boundary_and_type`,
/// `spurious` and `split`. Pairs are those of the strict measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorCounts {
    /// Pairs of one type with other boundaries.
    pub boundary: u64,
    /// Pairs with equal boundaries and other types.
    #[serde(rename = "type")]
    pub entity_type: u64,
    /// Pairs that overlap and differ in both.
    pub boundary_and_type: u64,
    /// Gold entities that no prediction touches.
    pub missed: u64,
    /// Predictions that touch no gold entity.
    pub spurious: u64,
    /// Gold entities swallowed by a prediction that is paired with another gold entity.
    pub merged: u64,
    /// Surplus pieces: predictions that overlap a gold entity which is paired with another one.
    pub split: u64,
}

/// All scores of a corpus.
///
/// Serialises as the JSON of `ner-align score --json`: undefined scores are `null`, and a map
/// `"undefined"` beside them says why. Numbers are never NaN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Scores {
    /// Number of documents.
    pub documents: u64,
    /// Number of sentences, empty ones included.
    pub sentences: u64,
    /// Number of scored words.
    pub tokens: u64,
    /// Number of words without gold annotation, which are not scored. Absent in JSON if 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unannotated_tokens: u64,
    /// Number of predictions that touch such a word, and are not scored. Absent in JSON if 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unscored_predictions: u64,
    /// Number of gold entities.
    pub gold_entities: u64,
    /// Number of predicted entities.
    pub predicted_entities: u64,
    /// Share of words, `O` included, whose tag is right; words given with spans alone do not count.
    pub token_accuracy: Option<f64>,
    /// The measures of entities.
    pub scores: Measures,
    /// Tags of words, rows gold, columns predicted: `O`, then the types by code point, each with its
    /// prefixes in the order of class ids; tags that occur on neither side are left out. Of more
    /// than a thousand, the rarest are one row and column, [`crate::OTHER_LABELS`].
    pub confusion: ConfusionMatrix,
    /// Types of entities and, last, none; rows gold, columns predicted. A row without its last
    /// column plus that column is the number of gold entities of its type.
    pub entity_confusion: ConfusionMatrix,
    /// Kinds of errors.
    pub errors: ErrorCounts,
    /// The beta of `f_beta`, present where it is not 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beta: Option<f64>,
    /// Why a score of this level is `null`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub undefined: BTreeMap<String, String>,
}

/// For serde, which hands over a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's calling convention")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Scores {
    /// Span and type equal.
    #[must_use]
    pub const fn strict(&self) -> &Averages {
        &self.scores.strict
    }

    /// Span equal.
    #[must_use]
    pub const fn exact(&self) -> &Averages {
        &self.scores.exact
    }

    /// Span equal or, for half the credit, overlapping.
    #[must_use]
    pub const fn partial(&self) -> &Averages {
        &self.scores.partial
    }

    /// Type equal and spans overlapping.
    #[must_use]
    pub const fn entity_type(&self) -> &Averages {
        &self.scores.entity_type
    }

    /// Entity words of the right type.
    #[must_use]
    pub const fn relaxed(&self) -> &Averages {
        &self.scores.relaxed
    }

    /// The measure of that name.
    #[must_use]
    pub const fn measure(&self, measure: Measure) -> &Averages {
        match measure {
            Measure::Strict => &self.scores.strict,
            Measure::Exact => &self.scores.exact,
            Measure::Partial => &self.scores.partial,
            Measure::Type => &self.scores.entity_type,
            Measure::Relaxed => &self.scores.relaxed,
        }
    }

    /// The number at a dotted path: `token_accuracy`, or a measure, optionally an average or an
    /// entity type, and a score: `strict.micro.f1`, `strict.f1` (micro), `type.PER.recall`.
    ///
    /// `None` if the path does not exist; `Some(None)` if the score there is undefined. An entity
    /// type may itself hold dots.
    ///
    /// ```
    /// use ner_align_core::{DecodeMode, Metric, Scheme, Tag};
    /// use ner_align_metrics::Scorer;
    /// let tags = [Tag::parse("B-PER")?, Tag::Outside];
    /// let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
    /// scorer.update(&tags, &tags)?;
    /// let scores = scorer.compute();
    /// assert_eq!(scores.value("strict.micro.f1"), Some(Some(1.0)));
    /// assert_eq!(scores.value("strict.PER.recall"), Some(Some(1.0)));
    /// assert_eq!(scores.value("strict.micro.g1"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn value(&self, path: &str) -> Option<Option<f64>> {
        if path == "token_accuracy" {
            return Some(self.token_accuracy);
        }
        let (measure, rest) = path.split_once('.')?;
        let measure = Measure::ALL.into_iter().find(|m| m.as_str() == measure)?;
        let averages = self.measure(measure);
        let (row, score) = rest.rsplit_once('.').unwrap_or(("micro", rest));
        let row = match row {
            "micro" => &averages.micro,
            "macro" => &averages.macro_,
            "weighted" => &averages.weighted,
            name => averages.per_type.get(name)?,
        };
        match score {
            "precision" => Some(row.precision),
            "recall" => Some(row.recall),
            "f1" => Some(row.f1),
            "f_beta" if self.beta.is_some() => Some(row.f_beta),
            _ => None,
        }
    }
}
