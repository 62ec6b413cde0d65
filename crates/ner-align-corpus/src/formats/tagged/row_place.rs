//! The place of a row.

use ner_align_core::{Finding, Location, Severity};

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
    pub(crate) fn of(&self, finding: Finding, field: Option<usize>) -> Finding {
        finding.at(Location::file(self.path)
            .with_line(self.line)
            .with_column(field.map(|field| field as u64 + 1))
            .with_document(self.document)
            .with_sentence(self.sentence)
            .with_token(self.token))
    }

    pub(crate) fn empty_token(&self, field: usize) -> Finding {
        let message = "expected a token, found an empty field";
        self.of(Finding::new(Severity::Warning, "empty-token", message), Some(field))
    }
}
