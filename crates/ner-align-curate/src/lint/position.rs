//! Where a document stands, for the findings about it.

use ner_align_core::{Document, Finding, Location, Severity};

use ner_align_corpus::text::shorten;

/// The place of a document.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Position<'a> {
    /// The file.
    pub path: &'a str,
    /// Index of the document within the file.
    pub document: usize,
    /// Line of the document, where its sentences have no line of their own.
    pub line: Option<u64>,
    /// True where each word of a sentence has a line of its own, after the line of the word before.
    pub rows: bool,
}

impl<'a> Position<'a> {
    /// The place of a document of this file, counted from 0.
    #[must_use]
    pub const fn new(path: &'a str, document: usize) -> Self {
        Self { path, document, line: None, rows: false }
    }

    /// Sets the line of the document.
    #[must_use]
    pub const fn with_line(mut self, line: Option<u64>) -> Self {
        self.line = line;
        self
    }

    /// Says whether each word has a line of its own.
    #[must_use]
    pub const fn with_rows(mut self, rows: bool) -> Self {
        self.rows = rows;
        self
    }

    /// A finding about the document as a whole.
    #[must_use]
    pub fn of_document(
        &self,
        severity: Severity,
        code: &str,
        message: impl Into<String>,
    ) -> Finding {
        Finding::new(severity, code, message).at(Location::file(self.path.to_owned())
            .with_line(self.line)
            .with_document(self.document))
    }

    /// A finding about a word of the document, with its sentence, its index there and its line.
    #[must_use]
    pub fn of_word(
        &self,
        severity: Severity,
        code: &str,
        message: impl Into<String>,
        document: &Document,
        word: usize,
    ) -> Finding {
        let mut finding = self.of_document(severity, code, message);
        let sentences = document.sentences();
        let index = sentences.partition_point(|sentence| sentence.words.end <= word);
        if let Some(sentence) = sentences.get(index) {
            let token = word.saturating_sub(sentence.words.start);
            let rows = if self.rows { token as u64 } else { 0 };
            finding.location.line = sentence.line.map(|line| line + rows).or(self.line);
            finding.location.sentence = Some(index);
            finding.location.token = Some(token);
        }
        finding
    }
}

/// Names the text in question, or its start.
pub(super) fn with_text(finding: Finding, text: &str) -> Finding {
    finding.with_text(shorten(text))
}

/// Says what to do about it.
pub(super) fn with_hint(finding: Finding, hint: impl Into<String>) -> Finding {
    finding.with_hint(hint)
}
