//! The table that classification reports have, and one line.

use std::cmp::Reverse;
use std::fmt::{self, Write as _};

use unicode_width::UnicodeWidthStr;

use super::text::{abbreviate, right};
use crate::{Averages, Prf, Scores};

/// Longest entity type that is printed in full.
const MAX_NAME: usize = 40;
/// Most entity types that have a row.
const MAX_ROWS: usize = 1000;

/// The strict scores: a row a type, then the averages; two digits, `-` where undefined.
///
/// ```
/// # use ner_align_core::{DecodeMode, Metric, Scheme, Tag};
/// # use ner_align_metrics::{Scorer, report};
/// # let tags = |text: &str| -> Result<Vec<Tag>, _> { text.split(' ').map(Tag::parse).collect() };
/// # let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
/// scorer.update(&tags("B-PER O B-LOC B-LOC")?, &tags("B-PER O B-LOC O")?)?;
/// let expected = [
///     "              precision    recall  f1-score   support",
///     "",
///     "         LOC       1.00      0.50      0.67         2",
///     "         PER       1.00      1.00      1.00         1",
///     "",
///     "   micro avg       1.00      0.67      0.80         3",
///     "   macro avg       1.00      0.75      0.83         3",
///     "weighted avg       1.00      0.67      0.78         3",
/// ];
/// assert_eq!(report::table(&scorer.compute()).lines().collect::<Vec<_>>(), expected);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn table(scores: &Scores) -> String {
    table_of(scores.strict(), 2)
}

/// The same table of any measure, with `digits` after the point. Of more than a thousand types, those with the most
/// gold entities have a row, and a line says how many others there are.
#[must_use]
pub fn table_of(averages: &Averages, digits: usize) -> String {
    let rows = most_frequent(averages);
    let names = rows.iter().map(|(name, _)| name.width().min(MAX_NAME));
    let first = names.max().unwrap_or(0).max("weighted avg".len());
    let column = (digits + 2).max("precision".len());
    let mut out = " ".repeat(first + 1);
    for heading in ["precision", "recall", "f1-score", "support"] {
        out.push(' ');
        out.push_str(&right(heading, column));
    }
    out.push_str("\n\n");
    let push = |out: &mut String, name: &str, row: &Prf| {
        out.push_str(&right(&abbreviate(name, MAX_NAME), first));
        out.push(' ');
        let scores = [row.precision, row.recall, row.f1].map(|score| number(score, digits));
        for cell in scores.iter().chain([&row.support.to_string()]) {
            out.push(' ');
            out.push_str(&right(cell, column));
        }
        out.push('\n');
    };
    for (name, row) in &rows {
        push(&mut out, name, row);
    }
    let others = averages.per_type.len() - rows.len();
    if others > 0 {
        let _ = writeln!(out, "and {others} more types, with fewer entities");
    }
    if !averages.per_type.is_empty() {
        out.push('\n');
    }
    push(&mut out, "micro avg", &averages.micro);
    push(&mut out, "macro avg", &averages.macro_);
    push(&mut out, "weighted avg", &averages.weighted);
    out
}

/// The types that have a row, by code point.
fn most_frequent(averages: &Averages) -> Vec<(&str, &Prf)> {
    let mut rows: Vec<(&str, &Prf)> =
        averages.per_type.iter().map(|(name, row)| (name.as_str(), row)).collect();
    if rows.len() > MAX_ROWS {
        rows.sort_by_key(|(_, row)| Reverse((row.support, row.predicted)));
        rows.truncate(MAX_ROWS);
        rows.sort_by_key(|(name, _)| *name);
    }
    rows
}

impl fmt::Display for Scores {
    /// As [`table()`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&table(self))
    }
}

fn number(score: Option<f64>, digits: usize) -> String {
    score.map_or_else(|| "-".to_owned(), |score| format!("{score:.digits$}"))
}

/// One line: strict precision, recall and F1, the other measures' F1, and what they are over.
///
/// `strict P 50.00 R 50.00 F1 50.00 | exact 100.00 partial 100.00 type 50.00 relaxed 66.67 | token
/// accuracy 75.00 | 2 gold, 2 predicted entities`, in percent, on one line; `-` where undefined.
#[must_use]
pub fn summary_line(scores: &Scores) -> String {
    let percent = |score: Option<f64>| number(score.map(|score| 100.0 * score), 2);
    let strict = &scores.strict().micro;
    let f1 = |averages: &Averages| percent(averages.micro.f1);
    format!(
        "strict P {} R {} F1 {} | exact {} partial {} type {} relaxed {} | token accuracy {} | \
         {} gold, {} predicted entities",
        percent(strict.precision),
        percent(strict.recall),
        percent(strict.f1),
        f1(scores.exact()),
        f1(scores.partial()),
        f1(scores.entity_type()),
        f1(scores.relaxed()),
        percent(scores.token_accuracy),
        scores.gold_entities,
        scores.predicted_entities,
    )
}
