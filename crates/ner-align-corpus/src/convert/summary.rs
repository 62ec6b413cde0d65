//! What a conversion wrote, repaired and lost.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ner_align_core::{Finding, Label};
use serde_json::{Value, json};

use super::policy::Resolved;
use crate::labels::by_frequency;
use crate::{FILE_NOT_READ, LabelMap, LabelTally};

/// What a conversion wrote, repaired and lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConvertSummary {
    /// Documents written.
    pub documents: usize,
    /// Sentences written.
    pub sentences: usize,
    /// Words written.
    pub tokens: usize,
    /// Entities written, by label.
    pub entities: BTreeMap<Label, usize>,
    /// Spans written that match no words.
    pub unaligned: usize,
    /// The labels of these.
    pub unaligned_labels: BTreeSet<Label>,
    /// What the target could not hold, and how often.
    pub lost: BTreeMap<&'static str, usize>,
    /// Words whose tag was rewritten to another one.
    pub repaired_tags: usize,
    /// Spans that a policy resolved.
    pub resolved: Resolved,
    /// Entities written as spans of a group, since some of their document share words.
    pub grouped: Grouped,
    /// Renamed and dropped labels.
    pub labels: LabelTally,
    /// Findings of the readers.
    pub findings: Vec<Finding>,
    /// Number of findings of each code, those not kept included.
    pub finding_counts: BTreeMap<String, usize>,
}

/// Entities of a `.spacy` that are in a span group and not in `doc.ents`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Grouped {
    /// Number of spans.
    pub spans: usize,
    /// Documents that they are in.
    pub documents: usize,
}

impl ConvertSummary {
    /// Adds the counts of another conversion.
    pub fn add(&mut self, other: Self) {
        self.documents += other.documents;
        self.sentences += other.sentences;
        self.tokens += other.tokens;
        self.unaligned += other.unaligned;
        self.unaligned_labels.extend(other.unaligned_labels);
        self.repaired_tags += other.repaired_tags;
        self.resolved.add(&other.resolved);
        self.grouped.spans += other.grouped.spans;
        self.grouped.documents += other.grouped.documents;
        self.labels.add(other.labels);
        self.findings.extend(other.findings);
        for (label, count) in other.entities {
            *self.entities.entry(label).or_default() += count;
        }
        for (what, count) in other.lost {
            *self.lost.entry(what).or_default() += count;
        }
        for (code, count) in other.finding_counts {
            *self.finding_counts.entry(code).or_default() += count;
        }
    }

    /// Counts a finding, and keeps it.
    pub(crate) fn push_finding(&mut self, finding: Finding) {
        *self.finding_counts.entry(finding.code.clone()).or_default() += 1;
        self.findings.push(finding);
    }

    /// Adds a finding if labels of the map occur in none of the inputs. Call it after the last input.
    pub fn note_unused_labels(&mut self, map: &LabelMap) {
        if let Some(finding) = self.labels.unused(map) {
            self.push_finding(finding);
        }
    }
}

impl ConvertSummary {
    /// The files of folders that were not read.
    #[must_use]
    pub fn files_not_read(&self) -> Vec<&str> {
        files_not_read(&self.findings)
    }

    /// What was kept as it was, repaired, dropped or lost, each with its count, in plain words; options are in
    /// backticks.
    #[must_use]
    pub fn changes(&self) -> Vec<String> {
        let counts = [
            (self.unaligned, "spans that match no words are kept as they were"),
            (self.repaired_tags, "tags written anew"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let mut lines: Vec<String> = counts
            .chain(self.resolved.changes())
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        if !self.labels.dropped.is_empty() {
            let count: usize = self.labels.dropped.values().sum();
            let labels = by_frequency(&self.labels.dropped);
            lines.push(format!("{count} entities dropped by their label ({labels})"));
        }
        if let Grouped { spans: spans @ 1.., documents } = self.grouped {
            lines.push(format!(
                "warning: expected entities that share no word, found overlaps in {documents} documents: their \
                 {spans} entities are in span groups, outside doc.ents, and spaCy's ner does not learn from \
                 them; `on_overlap: longest` or first keeps entities"
            ));
        }
        let lost = self.lost.iter();
        lines.extend(lost.map(|(what, count)| {
            format!("lost, since the format cannot hold it: {what} ×{count}")
        }));
        lines
    }

    /// The summary as JSON: the counts of documents, sentences, tokens and entities; what was
    /// repaired, dropped and lost; the files that were not read; findings by their code.
    #[must_use]
    pub fn json(&self) -> Value {
        let resolved = &self.resolved;
        json!({
            "documents": self.documents,
            "sentences": self.sentences,
            "tokens": self.tokens,
            "entities": self.entities.values().sum::<usize>(),
            "entities_by_label": self.entities,
            "unaligned_spans": self.unaligned,
            "repaired": {
                "tags": self.repaired_tags,
                "trimmed": resolved.trimmed,
                "expanded": resolved.expanded,
                "contracted": resolved.contracted,
            },
            "dropped": {
                "spans": resolved.dropped,
                "spans_made_missing": resolved.missing,
                "overlaps": resolved.overlaps_dropped,
                "duplicates": resolved.duplicates,
                "labels": self.labels.dropped,
            },
            "span_groups": {
                "spans": self.grouped.spans,
                "documents": self.grouped.documents,
            },
            "lost": self.lost,
            "not_read": self.files_not_read(),
            "findings": self.finding_counts,
        })
    }
}

impl fmt::Display for ConvertSummary {
    /// Writes `3 documents, 7 sentences, 90 tokens, 4 entities (PER 3, LOC 1)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} documents, {} sentences, {} tokens, {} entities",
            self.documents,
            self.sentences,
            self.tokens,
            self.entities.values().sum::<usize>()
        )?;
        if !self.entities.is_empty() {
            write!(f, " ({})", by_frequency(&self.entities))?;
        }
        Ok(())
    }
}

/// The files that these findings name as not read.
#[must_use]
pub fn files_not_read(findings: &[Finding]) -> Vec<&str> {
    let files = findings.iter().filter(|finding| finding.code == FILE_NOT_READ);
    files.filter_map(|finding| finding.location.path.as_deref()).collect()
}
