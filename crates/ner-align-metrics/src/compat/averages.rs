//! seqeval's averages, in numpy's order of operations.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::ZeroDivision;

/// A row of seqeval's classification report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SeqevalRow {
    /// Precision; 0 without predictions. `None` where seqeval gives NaN.
    pub precision: Option<f64>,
    /// Recall; 0 without gold entities.
    pub recall: Option<f64>,
    /// F1.
    pub f1: Option<f64>,
    /// Number of gold entities.
    pub support: u64,
}

/// seqeval's classification report and accuracy.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SeqevalScores {
    /// `micro avg`.
    pub micro: SeqevalRow,
    /// `macro avg`; NaN in seqeval, and so `None`, without any entity.
    #[serde(rename = "macro")]
    pub macro_: SeqevalRow,
    /// `weighted avg`.
    pub weighted: SeqevalRow,
    /// The types of gold and predicted entities.
    pub per_type: BTreeMap<String, SeqevalRow>,
    /// `accuracy_score`: share of equal tags. `None` without words, where seqeval divides by zero.
    pub accuracy: Option<f64>,
    /// Why a score is `None`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub undefined: BTreeMap<String, String>,
}

/// Entities of a type.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TypeCounts {
    pub(super) gold: u64,
    pub(super) predicted: u64,
    pub(super) correct: u64,
}

impl SeqevalScores {
    /// The report that seqeval prints, `digits` after the point. `None` where it fails for want of
    /// any entity.
    #[must_use]
    pub fn table(&self, digits: usize) -> Option<String> {
        let longest = self.per_type.keys().map(|name| name.chars().count()).max()?;
        let width = longest.max("weighted avg".len()).max(digits);
        let mut out = " ".repeat(width + 1);
        for heading in ["precision", "recall", "f1-score", "support"] {
            let _ = write!(out, " {heading:>9}");
        }
        out.push_str("\n\n");
        let push = |out: &mut String, name: &str, row: &SeqevalRow| {
            let _ = write!(out, "{name:>width$} ");
            for score in [row.precision, row.recall, row.f1] {
                let _ = write!(out, " {:>9.digits$}", score.unwrap_or(f64::NAN));
            }
            let _ = writeln!(out, " {:>9}", row.support);
        };
        for (name, row) in &self.per_type {
            push(&mut out, name, row);
        }
        out.push('\n');
        push(&mut out, "micro avg", &self.micro);
        push(&mut out, "macro avg", &self.macro_);
        push(&mut out, "weighted avg", &self.weighted);
        Some(out)
    }

    pub(super) fn from_counts(
        types: &BTreeMap<String, TypeCounts>,
        words: (u64, u64),
        zero_division: ZeroDivision,
    ) -> Self {
        let zero = if zero_division == ZeroDivision::One { 1.0 } else { 0.0 };
        let rows: Vec<Row> = types.values().map(|counts| Row::new(counts, zero)).collect();
        let gold: Vec<f64> = types.values().map(|counts| counts.gold as f64).collect();
        let support = types.values().map(|counts| counts.gold).sum();
        let total = types.values().fold(TypeCounts::default(), |sum, counts| TypeCounts {
            gold: sum.gold + counts.gold,
            predicted: sum.predicted + counts.predicted,
            correct: sum.correct + counts.correct,
        });
        let mean = |score: fn(&Row) -> f64| {
            let scores: Vec<f64> = rows.iter().map(score).collect();
            (!scores.is_empty()).then(|| numpy_sum(&scores) / scores.len() as f64)
        };
        let weighted = |score: fn(&Row) -> f64| {
            let scores: Vec<f64> =
                rows.iter().zip(&gold).map(|(row, gold)| score(row) * gold).collect();
            let weights = numpy_sum(&gold);
            Some(numpy_sum(&scores) / weights)
        };
        // What the weights cannot average: no gold entity at all.
        let without_gold = || {
            let nothing = if total.predicted == 0 { zero } else { 0.0 };
            Row { precision: nothing, recall: zero, f1: nothing }
        };
        let average = |f: &dyn Fn(fn(&Row) -> f64) -> Option<f64>| SeqevalRow {
            precision: f(|row| row.precision),
            recall: f(|row| row.recall),
            f1: f(|row| row.f1),
            support,
        };
        let (equal, all) = words;
        let mut undefined = BTreeMap::new();
        if rows.is_empty() {
            undefined.insert("macro".to_owned(), "no entity types".to_owned());
        }
        if all == 0 {
            undefined.insert("accuracy".to_owned(), "no words".to_owned());
        }
        Self {
            micro: Row::new(&total, zero).with_support(support),
            macro_: average(&mean),
            weighted: if support == 0 {
                without_gold().with_support(0)
            } else {
                average(&weighted)
            },
            per_type: types
                .iter()
                .zip(&rows)
                .map(|((name, counts), row)| (name.clone(), row.with_support(counts.gold)))
                .collect(),
            accuracy: (all > 0).then(|| equal as f64 / all as f64),
            undefined,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Row {
    precision: f64,
    recall: f64,
    f1: f64,
}

impl Row {
    /// `zero` stands for what has no denominator; F1 is formed afterwards.
    fn new(counts: &TypeCounts, zero: f64) -> Self {
        let divide = |denominator: u64| {
            if denominator == 0 { zero } else { counts.correct as f64 / denominator as f64 }
        };
        let (precision, recall) = (divide(counts.predicted), divide(counts.gold));
        let sum = precision + recall;
        let f1 = 2.0 * precision * recall / if sum == 0.0 { 1.0 } else { sum };
        Self { precision, recall, f1 }
    }

    const fn with_support(self, support: u64) -> SeqevalRow {
        SeqevalRow {
            precision: Some(self.precision),
            recall: Some(self.recall),
            f1: Some(self.f1),
            support,
        }
    }
}

/// The sum as numpy forms it: eight running sums within blocks of 128, halves of longer arrays.
fn numpy_sum(values: &[f64]) -> f64 {
    if values.len() < 8 {
        return values.iter().fold(0.0, |sum, value| sum + value);
    }
    if values.len() > 128 {
        let half = values.len() / 2;
        let (left, right) = values.split_at(half - half % 8);
        return numpy_sum(left) + numpy_sum(right);
    }
    let mut sums = [0.0; 8];
    let chunks = values.chunks_exact(8);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += value;
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    rest.iter().fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |sum, value| sum + value)
}

/// A type, and where the entity starts and ends.
pub(super) type Entity<'a> = (&'a str, usize, usize);

/// Counts entities by type; both sides are sorted, without repetition.
pub(super) fn count(gold: &[Entity<'_>], predicted: &[Entity<'_>]) -> BTreeMap<String, TypeCounts> {
    let mut types: BTreeMap<&str, TypeCounts> = BTreeMap::new();
    for entity in gold {
        let counts = types.entry(entity.0).or_default();
        counts.gold += 1;
        counts.correct += u64::from(predicted.binary_search(entity).is_ok());
    }
    for entity in predicted {
        types.entry(entity.0).or_default().predicted += 1;
    }
    types.into_iter().map(|(key, counts)| (key.to_owned(), counts)).collect()
}

/// Numbers of equal tags and of all tags.
pub(super) fn equal_tags(gold: &[Vec<&str>], predicted: &[Vec<&str>]) -> (u64, u64) {
    let pairs = gold.iter().zip(predicted).flat_map(|(g, p)| g.iter().zip(p));
    pairs.fold((0, 0), |(equal, all), (gold, predicted)| {
        (equal + u64::from(gold == predicted), all + 1)
    })
}
