//! Findings of one reader: all are counted, the first ones are kept.

use std::collections::BTreeMap;

use ner_align_core::Finding;

/// How many findings a reader keeps by default.
pub const DEFAULT_MAX_FINDINGS: usize = 10_000;

/// Counts findings by their code and keeps the first ones, so that a corpus with a fault in every
/// row costs no more memory than a clean one.
///
/// ```
/// use ner_align_core::{Finding, Severity};
/// use ner_align_corpus::FindingLog;
/// let mut log = FindingLog::new(1);
/// for _ in 0..3 {
///     log.push(Finding::new(Severity::Warning, "tag-without-prefix", "read as I-TIM"));
/// }
/// assert_eq!(log.counts()["tag-without-prefix"], 3);
/// assert_eq!(log.take().len(), 1);
/// ```
#[derive(Debug, Clone)]
pub struct FindingLog {
    kept: Vec<Finding>,
    room: usize,
    counts: BTreeMap<String, usize>,
}

impl Default for FindingLog {
    fn default() -> Self {
        Self::new(DEFAULT_MAX_FINDINGS)
    }
}

impl FindingLog {
    /// A log that keeps the first `limit` findings.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self { kept: Vec::new(), room: limit, counts: BTreeMap::new() }
    }

    /// Counts a finding, and keeps it if there is room.
    pub fn push(&mut self, finding: Finding) {
        match self.counts.get_mut(&finding.code) {
            Some(count) => *count += 1,
            None => {
                self.counts.insert(finding.code.clone(), 1);
            }
        }
        if let Some(room) = self.room.checked_sub(1) {
            self.room = room;
            self.kept.push(finding);
        }
    }

    /// The findings kept since the last call.
    pub fn take(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.kept)
    }

    /// How many findings there were of each code, those not kept included.
    #[must_use]
    pub const fn counts(&self) -> &BTreeMap<String, usize> {
        &self.counts
    }
}
