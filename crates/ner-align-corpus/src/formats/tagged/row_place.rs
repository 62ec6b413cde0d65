//! The place of a row.

use ner_align_core::{Finding, Severity};

/// Where a row stands.
pub(crate) struct RowPlace<'a> {
    pub(crate) path: &'a str,
    pub(crate) line: u64,
    pub(crate) document: usize,
    pub(crate) sentence: usize,
    pub(crate) token: usize,
}

impl RowPlace<'_> {
    /// The finding with this place; `field` is the column, from 0.
    pub(crate) fn of(&self, mut finding: Finding, field: Option<usize>) -> Finding {
        finding.path = Some(self.path.to_owned());
        finding.line = Some(self.line);
        finding.column = field.map(|field| field as u64 + 1);
        finding.document = Some(self.document);
        finding.sentence = Some(self.sentence);
        finding.token = Some(self.token);
        finding
    }

    pub(crate) fn empty_token(&self, field: usize) -> Finding {
        let message = "expected a token, found an empty field";
        self.of(Finding::new(Severity::Warning, "empty-token", message), Some(field))
    }
}
