//! What each part of a split corpus holds.

use std::collections::HashMap;
use std::fmt::Write as _;

use ner_align_corpus::text::shorten;
use ner_align_corpus::{ConvertSummary, Corpus, files_not_read};
use serde_json::{Map, Value, json};

use super::{PartSummary, Parts, Split, SplitOptions, SplitUnit};

/// The parts of a split corpus as text and as JSON: counts, shares, near-duplicates.
#[derive(Debug, Clone, Copy)]
pub struct SplitReport<'a> {
    split: &'a Split,
    options: &'a SplitOptions,
    parts: &'a [PartSummary],
}

impl<'a> SplitReport<'a> {
    /// The report of a split by `options`, whose files [`write_split`](super::write_split) wrote.
    #[must_use]
    pub const fn new(
        split: &'a Split,
        options: &'a SplitOptions,
        parts: &'a [PartSummary],
    ) -> Self {
        Self { split, options, parts }
    }

    /// The parts that together are the corpus: of folds, the test part of each.
    pub fn disjoint_parts(&self) -> impl Iterator<Item = &'a PartSummary> + use<'a> {
        let folds = matches!(self.options.parts, Parts::Folds(_));
        self.parts.iter().filter(move |part| !folds || part.name.ends_with("/test"))
    }

    /// A table of the parts with their counts and shares, then the near-duplicates and what no part
    /// holds. The first line has line ends of its own.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let parts: Vec<&PartSummary> = self.disjoint_parts().collect();
        let mut lines = vec![table(&parts)];
        let (groups, units) = self.split.near_duplicates();
        let what = match self.options.unit {
            SplitUnit::Sentence => "sentences",
            SplitUnit::Document => "documents",
        };
        if self.options.near_duplicates.is_some() {
            lines.push(format!("{groups} groups of near-duplicates kept together, {units} {what}"));
        }
        if self.split.left_out() > 0 {
            let left_out = self.split.left_out();
            lines.push(format!("{left_out} {what} left out, since fewer were asked for"));
        }
        lines
    }

    /// The report as JSON, with what the reader of the corpus found.
    #[must_use]
    pub fn json(&self, corpus: &Corpus) -> Value {
        let rows = measures(&self.disjoint_parts().collect::<Vec<_>>());
        let totals: Vec<(String, usize)> = rows
            .into_iter()
            .map(|(name, counts)| (name.trim().to_owned(), counts.into_iter().sum()))
            .collect();
        let parts: Vec<Value> = self
            .parts
            .iter()
            .map(|part| {
                let mut json = part.summary.json();
                json["name"] = json!(part.name);
                json["path"] = json!(part.path.display().to_string());
                json["shares"] = Value::Object(shares(part, &totals));
                json
            })
            .collect();
        let (groups, units) = self.split.near_duplicates();
        json!({
            "units": self.split.units(),
            "left_out": self.split.left_out(),
            "near_duplicates": { "groups": groups, "units": units },
            "dropped_labels": corpus.labels.dropped,
            "not_read": files_not_read(&corpus.findings),
            "findings": corpus.finding_counts,
            "parts": parts,
        })
    }
}

/// Rows of the table: documents, sentences, words, entities, and labels.
const ROWS: usize = 4 + 20;

fn table(parts: &[&PartSummary]) -> String {
    let mut rows = measures(parts);
    let more = rows.len().saturating_sub(ROWS);
    rows.truncate(ROWS);
    rows.iter_mut().for_each(|(name, _)| *name = shorten(name));
    let first = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut table = format!("{:first$}", "");
    // Writing to a string cannot fail.
    for part in parts {
        let _ = write!(table, "  {:>15}", part.name);
    }
    for (name, counts) in rows {
        let total: usize = counts.iter().sum();
        let _ = write!(table, "\n{name:first$}");
        for count in counts {
            let share = 100.0 * count as f64 / total.max(1) as f64;
            let _ = write!(table, "  {count:>8} {share:>5.1}%");
        }
    }
    if more > 0 {
        let _ = write!(table, "\n  and {more} more label{}", if more == 1 { "" } else { "s" });
    }
    table
}

/// The share of each total that a part holds; `null` of a total of 0.
fn shares(part: &PartSummary, totals: &[(String, usize)]) -> Map<String, Value> {
    let counts = measures(&[part]);
    let counts: HashMap<&str, usize> = counts
        .iter()
        .map(|(own, counts)| (own.trim(), counts.first().copied().unwrap_or(0)))
        .collect();
    let count = |name: &str| counts.get(name).copied().unwrap_or(0);
    let share = |(name, total): &(String, usize)| {
        let share = (*total > 0).then(|| count(name) as f64 / *total as f64);
        (name.clone(), json!(share))
    };
    totals.iter().map(share).collect()
}

/// What is counted in each part: its name, and the counts.
fn measures(parts: &[&PartSummary]) -> Vec<(String, Vec<usize>)> {
    let row = |name: &str, count: &dyn Fn(&ConvertSummary) -> usize| {
        (name.to_owned(), parts.iter().map(|part| count(&part.summary)).collect())
    };
    let mut rows = vec![
        row("documents", &|summary| summary.documents),
        row("sentences", &|summary| summary.sentences),
        row("tokens", &|summary| summary.tokens),
        row("entities", &|summary| summary.entities.values().sum()),
    ];
    let mut labels: Vec<_> = parts.iter().flat_map(|part| part.summary.entities.keys()).collect();
    labels.sort();
    labels.dedup();
    for label in labels {
        let count = |summary: &ConvertSummary| summary.entities.get(label).copied().unwrap_or(0);
        rows.push(row(&format!("  {label}"), &count));
    }
    rows
}
