//! Precision, recall and F from integer counts, with a declared answer to division by zero.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a score is where its denominator is zero.
///
/// Precision is undefined without predictions, recall without gold entities, F where both are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ZeroDivision {
    /// No number: `None`, `null` in JSON, with the reason beside it. In averages over types it
    /// counts as 0, so that a type which is never predicted does not raise the average.
    #[default]
    Null,
    /// 0, as seqeval and scikit-learn do by default.
    Zero,
    /// 1, as seqeval does under `zero_division=1`: precision and recall are replaced before F is
    /// computed from them.
    One,
}

impl ZeroDivision {
    /// `numerator / denominator` under this policy.
    pub(crate) fn divide(self, numerator: f64, denominator: f64) -> Option<f64> {
        if denominator > 0.0 { Some(numerator / denominator) } else { self.value() }
    }

    /// What stands for an undefined score.
    const fn value(self) -> Option<f64> {
        match self {
            Self::Null => None,
            Self::Zero => Some(0.0),
            Self::One => Some(1.0),
        }
    }
}

/// The five SemEval-2013 task 9.1 counts beside `correct`, and their sums.
///
/// Per entity type they are charged to the gold type; only `spurious` and `actual` go by the
/// predicted type. So the counts of the types add up to the total, and
/// `possible = correct + incorrect + partial + missed` holds for each type;
/// `actual = correct + incorrect + partial + spurious` holds for the total.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SemEvalCounts {
    /// Paired, but wrong in what the measure looks at.
    pub incorrect: u64,
    /// Paired with half a credit: overlapping, but other boundaries.
    pub partial: u64,
    /// Gold entities without a partner.
    pub missed: u64,
    /// Predicted entities without a partner.
    pub spurious: u64,
    /// Predicted entities.
    pub actual: u64,
    /// Gold entities.
    pub possible: u64,
    /// What the gold entities of this type earned: 1 for correct, a half for partial. Recall is
    /// `credit_gold / possible`.
    pub credit_gold: f64,
    /// What the predictions of this type earned. Precision is `credit_predicted / actual`.
    ///
    /// It differs from `credit_gold` where a measure forgives the type: a prediction `B` on the
    /// words of a gold `A` earns `exact` credit as a `B`, and the gold entity earns it as an `A`.
    pub credit_predicted: f64,
}

/// Precision, recall and F with the counts behind them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Prf {
    /// Share of predictions that are right, 0 to 1.
    pub precision: Option<f64>,
    /// Share of gold entities that were found, 0 to 1.
    pub recall: Option<f64>,
    /// Harmonic mean of both; 0 where only one of them is defined.
    pub f1: Option<f64>,
    /// F with the scorer's beta, present where that is not 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub f_beta: Option<f64>,
    /// Number of gold entities (gold entity words for the relaxed measure).
    pub support: u64,
    /// Number of predicted entities (predicted entity words for the relaxed measure).
    pub predicted: u64,
    /// Number of entities (words) with full credit.
    pub correct: u64,
    /// The other counts of the SemEval measures; in JSON they stand beside the rest.
    #[serde(flatten, default)]
    pub semeval: Option<SemEvalCounts>,
    /// Why a score is `None`, by the score's name. Absent in JSON where all are defined.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub undefined: BTreeMap<String, String>,
}

/// How ratios are formed: what all rows of one result share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ratios {
    pub(crate) zero_division: ZeroDivision,
    /// Weight of recall against precision in `f_beta`.
    pub(crate) beta: f64,
}

impl Ratios {
    fn f(self, precision: Option<f64>, recall: Option<f64>, beta: f64) -> Option<f64> {
        if precision.is_none() && recall.is_none() {
            return None;
        }
        let (precision, recall) = (precision.unwrap_or(0.0), recall.unwrap_or(0.0));
        let weight = beta * beta;
        let denominator = weight * precision + recall;
        Some(if denominator > 0.0 {
            (1.0 + weight) * precision * recall / denominator
        } else {
            0.0
        })
    }

    /// The optional `f_beta`.
    fn f_beta(self, precision: Option<f64>, recall: Option<f64>) -> Option<f64> {
        if self.beta == 1.0 { None } else { self.f(precision, recall, self.beta) }
    }
}

/// Counts of one row, ready to be divided.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) support: u64,
    pub(crate) predicted: u64,
    pub(crate) correct: u64,
    pub(crate) credit_gold: f64,
    pub(crate) credit_predicted: f64,
    pub(crate) semeval: Option<SemEvalCounts>,
}

impl Tally {
    /// Nothing, of a measure that has SemEval counts.
    pub(crate) fn semeval() -> Self {
        Self { semeval: Some(SemEvalCounts::default()), ..Self::default() }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.support += other.support;
        self.predicted += other.predicted;
        self.correct += other.correct;
        self.credit_gold += other.credit_gold;
        self.credit_predicted += other.credit_predicted;
        if let Some(other) = other.semeval {
            let own = self.semeval.get_or_insert_default();
            own.incorrect += other.incorrect;
            own.partial += other.partial;
            own.missed += other.missed;
            own.spurious += other.spurious;
        }
    }

    /// The counts without scores.
    fn bare(&self) -> Prf {
        let semeval = self.semeval.map(|counts| SemEvalCounts {
            actual: self.predicted,
            possible: self.support,
            credit_gold: self.credit_gold,
            credit_predicted: self.credit_predicted,
            ..counts
        });
        Prf {
            support: self.support,
            predicted: self.predicted,
            correct: self.correct,
            semeval,
            ..Prf::default()
        }
    }

    pub(crate) fn prf(&self, ratios: Ratios) -> Prf {
        let mut row = self.bare();
        [row.precision, row.recall, row.f1, row.f_beta] = self.scores(ratios);
        row.explain("no predicted entities", "no gold entities", "no entities");
        row
    }

    /// Precision, recall, F1 and the optional `f_beta`.
    pub(crate) fn scores(&self, ratios: Ratios) -> [Option<f64>; 4] {
        let policy = ratios.zero_division;
        let precision = policy.divide(self.credit_predicted, self.predicted as f64);
        let recall = policy.divide(self.credit_gold, self.support as f64);
        [precision, recall, ratios.f(precision, recall, 1.0), ratios.f_beta(precision, recall)]
    }

    /// A mean over types; `self` is the total that the row shows.
    pub(crate) fn average(&self, ratios: Ratios, mean: &Mean, reason: &str) -> Prf {
        let mut row = self.bare();
        [row.precision, row.recall, row.f1, row.f_beta] =
            mean.sums.map(|sum| ratios.zero_division.divide(sum, mean.weight));
        if ratios.beta == 1.0 {
            row.f_beta = None;
        }
        row.explain(reason, reason, reason);
        row
    }
}

/// The sums of a weighted mean of scores, in the order of [`Tally::scores`]; one that is undefined counts as 0.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mean {
    sums: [f64; 4],
    weight: f64,
}

impl Mean {
    pub(crate) fn add(&mut self, scores: &[Option<f64>; 4], weight: f64) {
        for (sum, score) in self.sums.iter_mut().zip(scores) {
            *sum += weight * score.unwrap_or(0.0);
        }
        self.weight += weight;
    }
}

impl Prf {
    /// Notes why scores are missing.
    fn explain(&mut self, precision: &str, recall: &str, f1: &str) {
        for (name, score, reason) in [
            ("precision", self.precision, precision),
            ("recall", self.recall, recall),
            ("f1", self.f1, f1),
        ] {
            if score.is_none() {
                self.undefined.insert(name.to_owned(), reason.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(support: u64, predicted: u64, correct: u64, zero_division: ZeroDivision) -> Prf {
        let credit = correct as f64;
        let tally = Tally {
            support,
            predicted,
            correct,
            credit_gold: credit,
            credit_predicted: credit,
            semeval: None,
        };
        tally.prf(Ratios { zero_division, beta: 2.0 })
    }

    #[test]
    fn what_zero_divided_by_zero_is() {
        use ZeroDivision::{Null, One, Zero};
        for (support, predicted, policy, precision, recall, f1) in [
            (0, 0, Null, None, None, None),
            (0, 0, Zero, Some(0.0), Some(0.0), Some(0.0)),
            (0, 0, One, Some(1.0), Some(1.0), Some(1.0)),
            (1, 0, Null, None, Some(0.0), Some(0.0)),
            (1, 0, One, Some(1.0), Some(0.0), Some(0.0)),
            (0, 1, Null, Some(0.0), None, Some(0.0)),
            (0, 1, Zero, Some(0.0), Some(0.0), Some(0.0)),
        ] {
            let row = row(support, predicted, 0, policy);
            assert_eq!((row.precision, row.recall, row.f1), (precision, recall, f1), "{policy:?}");
        }
        let row = row(0, 0, 0, Null);
        assert_eq!(row.undefined["precision"], "no predicted entities");
        assert_eq!(row.undefined["recall"], "no gold entities");
        assert_eq!(row.undefined["f1"], "no entities");
    }

    #[test]
    fn beta_weighs_recall() {
        let row = row(4, 2, 1, ZeroDivision::Null);
        assert_eq!((row.precision, row.recall), (Some(0.5), Some(0.25)));
        // 5 P R / (4 P + R), by hand: 0.625 / 2.25.
        assert!((row.f_beta.unwrap() - 0.625 / 2.25).abs() < 1e-15);
        assert!((row.f1.unwrap() - 1.0 / 3.0).abs() < 1e-15);
    }
}
