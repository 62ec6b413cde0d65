//! Runs lints over documents.

use std::collections::BTreeMap;

use ner_align_core::{Document, Finding, Severity};
use serde::Serialize;

use super::index::{CorpusIndex, IndexedFile};
use super::log::LintLog;
use super::options::LintOptions;
use super::position::Position;
use super::statistics::Statistics;
use super::traits::Lint;
use super::{
    characters, conflicts, duplicates, edges, labels, lengths, missed, negatives, normalization,
    scheme, spans, splits,
};
use ner_align_corpus::{CorpusError, Format, FormatReader, LabelMap, LabelTally};

/// What a check has found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The findings by severity, worst first; of one severity and code in the order of the files.
    /// Of each code only as many as [`LintOptions::max_findings`].
    pub findings: Vec<Finding>,
    /// How many findings there were of each code, those not kept included.
    pub finding_counts: BTreeMap<String, usize>,
    /// Counts and distributions.
    pub statistics: Statistics,
    /// How many findings there were of each severity, those not kept included.
    #[serde(skip)]
    pub severities: BTreeMap<Severity, usize>,
}

impl Report {
    /// Number of findings that are at least so bad.
    #[must_use]
    pub fn count_from(&self, severity: Severity) -> usize {
        self.severities.range(severity..).map(|(_, count)| count).sum()
    }
}

/// Takes corpora in, document by document, and says at the end what is wrong with them.
///
/// Memory holds what [`CorpusIndex`] says, counts of each label, and while near-duplicates are looked for, which
/// [`LintOptions::near_duplicate_tokens`] limits, another eight bytes a word.
pub struct Checker {
    lints: Vec<Box<dyn Lint>>,
    index: CorpusIndex,
    statistics: Statistics,
    log: LintLog,
    labels: LabelTally,
    /// Of the file being read.
    documents: usize,
    /// Bytes that all of it may take.
    max_memory: u64,
    /// It would take more: nothing more is read.
    too_large: Option<CorpusError>,
}

/// What the lints make of the index at the end takes as much again, about.
const LINTS: u64 = 2;

impl std::fmt::Debug for Checker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checker").field("statistics", &self.statistics).finish_non_exhaustive()
    }
}

/// Findings of readers that are worse in a check: annotation that no model can be trained on.
const WORSE: [&str; 5] = [
    "span-inside-word",
    "span-whitespace-edge",
    "span-reversed",
    "span-empty",
    "span-out-of-range",
];

impl Checker {
    /// A check by every lint of this crate.
    #[must_use]
    pub fn new(options: &LintOptions) -> Self {
        let lints: Vec<Box<dyn Lint>> = vec![
            Box::new(scheme::SchemeLint),
            Box::new(spans::SpanLint),
            Box::new(characters::CharacterLint),
            Box::new(normalization::NormalizationLint),
            Box::new(lengths::LengthLint::new(options)),
            Box::new(edges::EdgeLint),
            Box::new(labels::LabelLint::new(options)),
            Box::new(negatives::NegativeLint::new(options)),
            Box::new(conflicts::ConflictLint),
            Box::new(missed::MissedLint::new(options)),
            Box::new(duplicates::DuplicateLint::new(options)),
            Box::new(splits::SplitLint),
        ];
        Self { lints, ..Self::without_lints(options) }
    }

    /// A check by the lints that are added alone.
    #[must_use]
    pub fn without_lints(options: &LintOptions) -> Self {
        Self {
            lints: Vec::new(),
            index: CorpusIndex::default(),
            statistics: Statistics::default(),
            log: LintLog::new(options.max_findings).ignoring(options.ignore.clone()),
            labels: LabelTally::default(),
            documents: 0,
            max_memory: u64::MAX,
            too_large: None,
        }
    }

    /// Bytes that the check may take; unlimited unless it is called. [`check`](super::check) takes those of its
    /// options.
    #[must_use]
    pub fn within(mut self, max_memory: u64) -> Self {
        self.max_memory = max_memory;
        self
    }

    /// Bytes that it takes up to its end, about.
    fn memory(&self) -> u64 {
        let statistics = self.statistics.files.last().map_or(0, |file| file.counts.memory());
        // Those of all files together are there too.
        LINTS * (self.index.memory() + 2 * statistics as u64)
    }

    /// The error of corpora that are too large to be checked together.
    pub(super) fn take_too_large(&mut self) -> Option<CorpusError> {
        self.too_large.take()
    }

    /// Adds a lint, which runs after those before it.
    pub fn add(&mut self, lint: Box<dyn Lint>) {
        self.lints.push(lint);
    }

    /// Begins a file; all documents up to the next call are its. Files of the inputs come first,
    /// then those that they are compared with, `against`.
    pub fn begin_file(&mut self, path: &str, format: Option<Format>, against: bool) {
        self.documents = 0;
        self.statistics.begin_file(path, format, against);
        self.index.begin_file(IndexedFile::new(path, format, against));
    }

    /// Takes in a document; `line` is where it starts, if its sentences do not say.
    pub fn push(&mut self, document: &Document, line: Option<u64>) {
        let number = self.documents;
        self.documents += 1;
        self.statistics.add(document);
        self.index.push(document, number, line);
        let Some(file) = self.index.files().last().filter(|file| !file.against) else { return };
        let rows = file.format == Some(Format::Conll);
        let at = Position { path: file.path_of(number), document: number, line, rows };
        for lint in &mut self.lints {
            lint.document(document, &at, &mut self.log);
        }
    }

    /// Takes in a finding that a reader had.
    pub fn push_finding(&mut self, mut finding: Finding) {
        if WORSE.contains(&finding.code.as_str()) {
            finding.severity = Severity::Error;
        }
        self.log.push(finding);
    }

    /// Takes in what a reader has, up to its end or its first error, which becomes a finding. Of
    /// what the inputs are compared with, such errors are the only findings.
    pub fn read_from(&mut self, reader: &mut dyn FormatReader, labels: &LabelMap) {
        let against = self.index.files().last().is_some_and(|file| file.against);
        loop {
            let next = reader.read_document();
            let findings = reader.take_findings();
            if !against {
                findings.into_iter().for_each(|finding| self.push_finding(finding));
            }
            match next {
                Ok(Some(mut document)) => {
                    if self.memory() > self.max_memory {
                        self.too_large = Some(self.too_large());
                        return;
                    }
                    match labels.apply_and_count(&mut document, &mut self.labels) {
                        Ok(()) => self.push(&document, reader.line()),
                        Err(error) => self.push_error(&CorpusError::input(
                            "document",
                            "a document that labels can be mapped in",
                            error.to_string(),
                        )),
                    }
                }
                Ok(None) => return,
                Err(error) => return self.push_error(&error),
            }
        }
    }

    fn too_large(&self) -> CorpusError {
        let expected =
            format!("corpora whose check takes at most {} MiB of memory", self.max_memory >> 20);
        let labels = self.index.labels().len();
        let words = self.index.tokens().len();
        let error = CorpusError::input(
            "corpus-too-large",
            expected,
            format!("more, with {words} words and {labels} labels"),
        )
        .with_hint("check a part of them, or allow more with `max_memory`");
        match self.index.files().last() {
            Some(file) => error.at_path(&file.path),
            None => error,
        }
    }

    /// Takes note of names of the map that occur in none of the files, of which there are no more.
    pub(super) fn note_unused_labels(&mut self, labels: &LabelMap) {
        if let Some(finding) = self.labels.unused(labels) {
            self.log.push(finding);
        }
    }

    pub(super) fn push_error(&mut self, error: &CorpusError) {
        let mut finding = Finding::from(error);
        if finding.location.path.is_none() {
            finding.location.path = self.index.files().last().map(|file| file.path.clone());
        }
        self.log.push(finding);
    }

    /// What was found.
    #[must_use]
    pub fn finish(mut self) -> Report {
        self.statistics.finish(&self.index);
        for lint in &mut self.lints {
            lint.finish(&self.index, &mut self.statistics, &mut self.log);
        }
        let severities = [Severity::Info, Severity::Warning, Severity::Error]
            .map(|severity| (severity, self.log.count_of(severity)));
        let finding_counts = self.log.counts();
        let mut findings = self.log.into_findings();
        // Stable: of one code they stay in the order in which they were found.
        findings.sort_by(|a, b| (b.severity, &a.code).cmp(&(a.severity, &b.code)));
        Report {
            findings,
            finding_counts,
            statistics: self.statistics,
            severities: severities.into_iter().collect(),
        }
    }
}
