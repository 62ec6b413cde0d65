//! Plain text, a document a line.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::Path;

use ner_align_core::{CorpusReader, Document, Finding, Location, Severity};

use crate::text::Lines;
use crate::text::words;
use crate::{CorpusError, Encoding, FindingLog, FormatReader, Source};

/// Reads plain text, a document a line, cut into words by [`words::split`]. Lines of nothing but
/// white space are no documents; they are counted.
///
/// ```
/// use ner_align_core::CorpusReader;
/// use ner_align_corpus::{Encoding, Source, TextReader};
/// let source = Source::from_reader("Ada left.\n\nWhy?".as_bytes(), "-", Encoding::Utf8)?;
/// let mut reader = TextReader::new(source);
/// let words: Vec<usize> = reader.documents().map(|d| d.map(|d| d.len())).collect::<Result<_, _>>()?;
/// assert_eq!(words, [3, 2]);
/// # Ok::<(), ner_align_corpus::CorpusError>(())
/// ```
pub struct TextReader {
    lines: Lines<Box<dyn Read + Send>>,
    findings: FindingLog,
}

impl fmt::Debug for TextReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextReader").field("name", &self.lines.name()).finish_non_exhaustive()
    }
}

impl TextReader {
    /// Reads from a source.
    #[must_use]
    pub fn new(source: Source) -> Self {
        let name = source.name().to_owned();
        let mut findings = FindingLog::default();
        let head = String::from_utf8_lossy(source.head());
        let first = head.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        if first.trim_end().contains('\t') || first.starts_with("-DOCSTART-") {
            let message = "read as plain text, a document a line, though it looks like columns";
            let finding = Finding::new(Severity::Warning, "looks-like-columns", message)
                .at(Location::file(name.clone()))
                .with_hint("to read it as a corpus, name its format with --from");
            findings.push(finding);
        }
        Self { lines: Lines::new(source.into_stream(), name), findings }
    }

    /// Opens a file, or standard input for `-`.
    ///
    /// # Errors
    /// A file that cannot be opened.
    pub fn open(path: &Path, encoding: Encoding) -> Result<Self, CorpusError> {
        Ok(Self::new(Source::open(path, encoding)?))
    }
}

impl CorpusReader for TextReader {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        while self.lines.next_line()?.is_some() {
            let text = self.lines.current();
            if text.trim().is_empty() {
                let location = Location::file(self.lines.name()).with_line(self.lines.number());
                let message = "a blank line is no document";
                let finding = Finding::new(Severity::Info, "blank-line", message).at(location);
                self.findings.push(finding);
                continue;
            }
            let document = Document::from_text(text, words::split(text)).map_err(|error| {
                CorpusError::input("document", "words in order", error.to_string())
                    .at_path(self.lines.name())
                    .at(self.lines.number(), None)
            })?;
            return Ok(Some(document));
        }
        Ok(None)
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.findings.take()
    }
}

impl FormatReader for TextReader {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.findings.counts()
    }

    fn documents_marked(&self) -> bool {
        true
    }
}
