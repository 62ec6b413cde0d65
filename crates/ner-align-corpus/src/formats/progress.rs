//! What the readers of all formats keep, and what comes after the end or an error.

use std::fmt::Display;

use ner_align_core::{Document, Finding, Location, Severity};

use crate::formats::tagged::TagStyle;
use crate::{CorpusError, FindingLog};

/// What a reader keeps, whatever its format.
#[derive(Debug)]
pub(crate) struct Progress {
    /// The path of the source in messages.
    pub(crate) name: String,
    pub(crate) log: FindingLog,
    /// Number of documents read, which is the index of the next one.
    pub(crate) documents: usize,
    /// The source was read to its end, or an error was returned.
    ended: bool,
}

impl Progress {
    /// Nothing was read yet.
    pub(crate) const fn new(name: String, max_findings: usize) -> Self {
        Self::with_log(name, FindingLog::new(max_findings))
    }

    /// Nothing was read yet; the log has findings of other sources.
    pub(crate) const fn with_log(name: String, log: FindingLog) -> Self {
        Self { name, log, documents: 0, ended: false }
    }

    /// Keeps a finding about the source.
    pub(crate) fn note(&mut self, finding: Finding) {
        self.log.push(finding.at(Location::file(&self.name)));
    }

    /// Says how tags are spelled, if not in the usual way.
    pub(crate) fn note_style(&mut self, style: TagStyle) {
        if let Some((seen, read)) = style.told() {
            let message = format!("expected tags as PREFIX-TYPE, found {seen}, read as {read}");
            self.note(Finding::new(Severity::Info, "tag-spelling", message));
        }
    }

    /// Keeps a finding about the next document.
    pub(crate) fn note_in_document(&mut self, finding: Finding) {
        self.log.push(finding.at(Location::file(&self.name).with_document(self.documents)));
    }

    /// Says what was found beside the `expected`, and how often.
    pub(crate) fn not_kept<K: Display>(
        &mut self,
        expected: &str,
        others: impl IntoIterator<Item = (K, usize)>,
    ) {
        for (kind, count) in others {
            let message = format!("expected {expected}, found {count} {kind}, not kept");
            self.note(Finding::new(Severity::Info, "not-kept", message));
        }
    }

    /// The error of a source without a document.
    pub(crate) fn empty(&self, expected: &str, found: &str) -> CorpusError {
        CorpusError::input("empty-file", expected, found).at_path(&self.name)
    }

    /// The error of a folder without a document.
    pub(crate) fn empty_folder(&self, expected: &str) -> CorpusError {
        CorpusError::input("empty-folder", expected, "none").at_path(&self.name)
    }
}

/// A reader that gives no document after its end or an error: what follows an error is not known.
pub(crate) trait Fused {
    /// What it keeps.
    fn progress(&mut self) -> &mut Progress;

    /// Reads the next document; `None` at the end. It is not called again after that or an error.
    fn next_document(&mut self) -> Result<Option<Document>, CorpusError>;

    /// The next document; `None` after the last one and after an error.
    fn read_fused(&mut self) -> Result<Option<Document>, CorpusError> {
        if self.progress().ended {
            return Ok(None);
        }
        let next = self.next_document();
        let progress = self.progress();
        match &next {
            Ok(Some(_)) => progress.documents += 1,
            _ => progress.ended = true,
        }
        next
    }
}
