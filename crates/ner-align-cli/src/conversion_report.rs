//! What went into an output, on standard error and as JSON.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use ner_align_core::{Finding, Label};
use ner_align_corpus::{ConvertSummary, FILE_NOT_READ};
use serde_json::{Map, Value, json};

/// Counts by label as JSON.
#[must_use]
pub fn label_counts(counts: &BTreeMap<Label, usize>) -> Value {
    let counts = counts.iter().map(|(label, count)| (label.to_string(), json!(count)));
    Value::Object(counts.collect::<Map<_, _>>())
}

/// The summary as JSON.
#[must_use]
pub fn as_json(summary: &ConvertSummary) -> Value {
    let resolved = &summary.resolved;
    json!({
        "documents": summary.documents,
        "sentences": summary.sentences,
        "tokens": summary.tokens,
        "entities": summary.entities.values().sum::<usize>(),
        "entities_by_label": label_counts(&summary.entities),
        "unaligned_spans": summary.unaligned,
        "repaired": {
            "tags": summary.repaired_tags,
            "trimmed": resolved.trimmed,
            "expanded": resolved.expanded,
            "contracted": resolved.contracted,
        },
        "dropped": {
            "spans": resolved.dropped,
            "spans_made_missing": resolved.missing,
            "overlaps": resolved.overlaps_dropped,
            "duplicates": resolved.duplicates,
            "labels": label_counts(&summary.labels.dropped),
        },
        "lost": summary.lost,
        "not_read": not_read(&summary.findings),
        "findings": summary.finding_counts,
    })
}

/// The files of folders that were not read.
#[must_use]
pub fn not_read(findings: &[Finding]) -> Vec<&str> {
    let files = findings.iter().filter(|finding| finding.code == FILE_NOT_READ);
    files.filter_map(|finding| finding.location.path.as_deref()).collect()
}

/// The files of folders that were not read, by name, where there are several; one is named by its
/// finding.
pub fn report_not_read(findings: &[Finding]) {
    let files = not_read(findings);
    if files.len() > 1 {
        say(&format!("not read: {}", files.join(", ")));
    }
}

/// What was written, in one line: `name: 3 documents, …`.
pub fn report_counts(name: &impl fmt::Display, summary: &ConvertSummary) {
    let entities: usize = summary.entities.values().sum();
    let mut line = format!(
        "{name}: {} documents, {} sentences, {} tokens, {entities} entities",
        summary.documents, summary.sentences, summary.tokens,
    );
    if !summary.entities.is_empty() {
        // Writing to a string cannot fail.
        let _ = write!(line, " ({})", by_frequency(&summary.entities));
    }
    say(&line);
}

/// Labels with their counts, the most frequent one first: `PER 3, LOC 1`.
fn by_frequency(counts: &BTreeMap<Label, usize>) -> String {
    let labels = most_frequent(counts).into_iter();
    labels.map(|(label, count)| format!("{label} {count}")).collect::<Vec<_>>().join(", ")
}

/// The labels, the most frequent one first.
#[must_use]
pub fn most_frequent(counts: &BTreeMap<Label, usize>) -> Vec<(&Label, usize)> {
    let mut labels: Vec<_> = counts.iter().map(|(label, count)| (label, *count)).collect();
    labels.sort_by_key(|(label, count)| (std::cmp::Reverse(*count), *label));
    labels
}

/// What was kept, repaired, dropped or lost on the way, a line each.
pub fn report_changes(summary: &ConvertSummary) {
    if summary.unaligned > 0 {
        say(&format!("{} spans that are no run of words are kept as they were", summary.unaligned));
    }
    let resolved = &summary.resolved;
    for (count, what) in [
        (summary.repaired_tags, "tags written anew"),
        (resolved.trimmed, "spans trimmed"),
        (resolved.expanded, "spans expanded"),
        (resolved.contracted, "spans contracted"),
        (resolved.dropped, "spans dropped"),
        (resolved.missing, "spans made missing"),
        (resolved.overlaps_dropped, "overlapping entities dropped"),
        (resolved.duplicates, "duplicate entities dropped"),
    ] {
        if count > 0 {
            say(&format!("{count} {what}"));
        }
    }
    let dropped = &summary.labels.dropped;
    if !dropped.is_empty() {
        let count: usize = dropped.values().sum();
        say(&format!("{count} entities dropped by their label ({})", by_frequency(dropped)));
    }
    for (what, count) in &summary.lost {
        say(&format!("lost, since the format cannot hold it: {what} ×{count}"));
    }
}

/// A line on standard error.
#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
pub fn say(line: &str) {
    eprintln!("{line}");
}
