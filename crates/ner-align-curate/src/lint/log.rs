//! Findings of a check: all are counted, the first of each code are kept.

use std::collections::{BTreeMap, BTreeSet};

use ner_align_core::{Finding, Severity};

/// Where lints put what they find.
///
/// Unlike [`FindingLog`](ner_align_corpus::FindingLog), which keeps the first findings whatever they are, a
/// flood of one code leaves room for all others here.
#[derive(Debug, Clone, Default)]
pub struct LintLog {
    limit: usize,
    ignored: BTreeSet<String>,
    findings: Vec<Finding>,
    codes: BTreeMap<String, Code>,
    severities: BTreeMap<Severity, usize>,
}

#[derive(Debug, Clone, Default)]
struct Code {
    count: usize,
    kept: usize,
}

impl LintLog {
    /// A log that keeps `limit` findings of each code.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// The log without findings of these codes, which are not even counted.
    #[must_use]
    pub fn ignoring(mut self, codes: BTreeSet<String>) -> Self {
        self.ignored = codes;
        self
    }

    /// Counts a finding, and keeps it if there is room.
    pub fn push(&mut self, finding: Finding) {
        if self.ignored.contains(&finding.code) {
            return;
        }
        *self.severities.entry(finding.severity).or_default() += 1;
        if !self.codes.contains_key(&finding.code) {
            self.codes.insert(finding.code.clone(), Code::default());
        }
        let Some(code) = self.codes.get_mut(&finding.code) else { return };
        code.count += 1;
        if code.kept < self.limit {
            code.kept += 1;
            self.findings.push(finding);
        }
    }

    /// Counts a finding of a code of which no more are kept, or of one that is left out; true if it was so. What floods
    /// is then not even written.
    pub(super) fn count_if_full(&mut self, severity: Severity, code: &str) -> bool {
        if self.ignored.contains(code) {
            return true;
        }
        match self.codes.get_mut(code) {
            Some(known) if known.kept >= self.limit => {
                known.count += 1;
                *self.severities.entry(severity).or_default() += 1;
                true
            }
            _ => false,
        }
    }

    /// The findings kept, in the order in which they were found.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How many findings there were of each code, those not kept included.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, usize> {
        self.codes.iter().map(|(name, code)| (name.clone(), code.count)).collect()
    }

    /// How many findings there were of this severity, those not kept included.
    #[must_use]
    pub fn count_of(&self, severity: Severity) -> usize {
        self.severities.get(&severity).copied().unwrap_or(0)
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}
