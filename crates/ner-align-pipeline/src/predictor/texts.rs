//! Plain text as a source of documents.

use std::io::{BufRead, BufReader, Read};

use ner_align_core::{CorpusReader, Document};
use ner_align_corpus::{sentences, words};

use crate::PipelineError;

/// What may stand before the first line.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A text as a document: its words, and its sentences if asked for.
pub(super) fn document(text: String, in_sentences: bool) -> Result<Document, PipelineError> {
    let spans = words::split(&text);
    let mut document = Document::from_text(text, spans).map_err(|error| PipelineError::Data {
        place: "text".to_owned(),
        expected: "words in order".to_owned(),
        found: error.to_string(),
        hint: None,
    })?;
    if in_sentences {
        sentences::split(&mut document);
    }
    Ok(document)
}

/// Texts of a program as a source of documents, in their order.
#[derive(Debug, Clone)]
pub struct Texts<I> {
    texts: I,
    in_sentences: bool,
}

impl<I> Texts<I> {
    /// A source of these texts, which are cut into sentences if asked for.
    pub(super) const fn new(texts: I, in_sentences: bool) -> Self {
        Self { texts, in_sentences }
    }
}

impl<I: Iterator<Item: Into<String>>> CorpusReader for Texts<I> {
    type Error = PipelineError;

    fn read_document(&mut self) -> Result<Option<Document>, PipelineError> {
        let Some(text) = self.texts.next() else { return Ok(None) };
        document(text.into(), self.in_sentences).map(Some)
    }
}

/// Lines of plain text as a source of documents: each line is a document, blank ones too, so that
/// the output has a line for each line of the input.
#[derive(Debug)]
pub struct TextLines<R> {
    reader: BufReader<R>,
    name: String,
    line: u64,
    in_sentences: bool,
}

impl<R: Read> TextLines<R> {
    /// The lines of UTF-8 text; a byte order mark before the first one is passed over. `name` is
    /// the path in messages.
    pub fn new(reader: R, name: impl Into<String>) -> Self {
        let reader = BufReader::with_capacity(1 << 16, reader);
        Self { reader, name: name.into(), line: 0, in_sentences: false }
    }

    /// Cuts the lines into sentences.
    #[must_use]
    pub const fn with_sentences(mut self, yes: bool) -> Self {
        self.in_sentences = yes;
        self
    }

    fn fault(&self, column: Option<usize>, expected: &str, found: &str) -> PipelineError {
        let Self { name, line, .. } = self;
        let column = column.map_or_else(String::new, |column| format!(":{column}"));
        PipelineError::Data {
            place: format!("{name}:{line}{column}"),
            expected: expected.to_owned(),
            found: found.to_owned(),
            hint: None,
        }
    }

    fn read_line(&mut self) -> Result<Option<String>, PipelineError> {
        let mut bytes = Vec::new();
        self.line += 1;
        let read = self.reader.read_until(b'\n', &mut bytes);
        if read.map_err(|error| self.fault(None, "readable text", &error.to_string()))? == 0 {
            return Ok(None);
        }
        if self.line == 1 && bytes.starts_with(BYTE_ORDER_MARK) {
            bytes.drain(..BYTE_ORDER_MARK.len());
        }
        while matches!(bytes.last(), Some(b'\n' | b'\r')) {
            bytes.pop();
        }
        String::from_utf8(bytes).map(Some).map_err(|error| {
            let column = error.utf8_error().valid_up_to() + 1;
            self.fault(Some(column), "UTF-8", "another byte")
        })
    }
}

impl<R: Read> CorpusReader for TextLines<R> {
    type Error = PipelineError;

    fn read_document(&mut self) -> Result<Option<Document>, PipelineError> {
        let Some(text) = self.read_line()? else { return Ok(None) };
        document(text, self.in_sentences).map(Some)
    }

    fn would_wait(&self) -> bool {
        !self.reader.buffer().contains(&b'\n')
    }
}
