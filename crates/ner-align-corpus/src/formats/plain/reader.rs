//! Plain text, a document a line.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::Path;

use ner_align_core::{CorpusReader, Document, Finding, Severity};

use crate::formats::progress::{Fused, Progress};
use crate::text::Lines;
use crate::text::words::WordSplitter;
use crate::{CorpusError, FormatReader, ReadOptions, Source};

/// Reads plain text, a document a line, cut into words as [`ReadOptions::words`] says. A blank line is
/// a document without words, so that the output has one line for each line of the input.
///
/// ```
/// use ner_align_core::CorpusReader;
/// use ner_align_corpus::{Encoding, Source, TextReader};
/// let source = Source::from_reader("Ada left.\n\nWhy?".as_bytes(), "-", Encoding::Utf8)?;
/// let mut reader = TextReader::new(source, &Default::default())?;
/// let words: Vec<usize> = reader.documents().map(|d| d.map(|d| d.len())).collect::<Result<_, _>>()?;
/// assert_eq!(words, [3, 0, 2]);
/// # Ok::<(), ner_align_corpus::CorpusError>(())
/// ```
pub struct TextReader {
    lines: Lines<Box<dyn Read + Send>>,
    splitter: WordSplitter,
    progress: Progress,
}

impl fmt::Debug for TextReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextReader").field("name", &self.lines.name()).finish_non_exhaustive()
    }
}

impl TextReader {
    /// Reads from a source. Of the options, those of words and findings count.
    ///
    /// # Errors
    /// A pattern of words that is no regular expression.
    pub fn new(source: Source, options: &ReadOptions) -> Result<Self, CorpusError> {
        let splitter = WordSplitter::new(&options.words)?;
        let name = source.name().to_owned();
        let mut progress =
            Progress::new(name.clone(), options.max_findings).within(options.max_memory);
        let head = String::from_utf8_lossy(source.head());
        let first = head.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        if first.trim_end().contains('\t') || first.starts_with("-DOCSTART-") {
            let message = "read as plain text, a document a line, though it looks like columns";
            let finding = Finding::new(Severity::Warning, "looks-like-columns", message)
                .with_hint("to read it as a corpus, name its format with `format`");
            progress.note(finding);
        }
        Ok(Self { lines: Lines::new(source.into_stream(), name), splitter, progress })
    }

    /// Opens a file, or standard input for `-`.
    ///
    /// # Errors
    /// A file that cannot be opened, and as [`TextReader::new`].
    pub fn open(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Self, CorpusError> {
        Self::new(Source::open(path, options.encoding)?, options)
    }
}

impl Fused for TextReader {
    fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        if self.lines.next_line()?.is_none() {
            return Ok(None);
        }
        let text = self.lines.current();
        let words = self.splitter.split(text);
        let place = |error: CorpusError| error.at(self.lines.number(), None);
        self.progress.weigh(words.len(), text.len()).map_err(place)?;
        let document = Document::from_text(text, words).map_err(|error| {
            CorpusError::input("document", "words in order", error.to_string())
                .at_path(self.lines.name())
                .at(self.lines.number(), None)
        })?;
        Ok(Some(document))
    }
}

impl CorpusReader for TextReader {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        self.read_fused()
    }

    fn would_wait(&self) -> bool {
        !self.lines.has_line()
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.progress.log.take()
    }
}

impl FormatReader for TextReader {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.progress.log.counts()
    }

    fn documents_marked(&self) -> bool {
        true
    }
}
