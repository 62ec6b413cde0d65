//! Plain text as a source of documents.

use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

use ner_align_core::{CorpusReader, Document};
use ner_align_corpus::sentences;
use ner_align_corpus::words::WordSplitter;

use crate::PipelineError;

/// The byte order mark, which may precede the first line.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// How texts become documents: into which words, and whether into sentences.
#[derive(Debug, Clone)]
pub(super) struct Cutting {
    pub(super) words: Arc<WordSplitter>,
    pub(super) in_sentences: bool,
}

impl Cutting {
    /// A text as a document.
    pub(super) fn document(&self, text: String) -> Result<Document, PipelineError> {
        let spans = self.words.split(&text);
        let mut document =
            Document::from_text(text, spans).map_err(|error| PipelineError::Data {
                place: "text".to_owned(),
                expected: "words in order".to_owned(),
                found: error.to_string(),
                hint: None,
            })?;
        if self.in_sentences {
            sentences::split(&mut document);
        }
        Ok(document)
    }
}

/// Texts of a program as a source of documents, in their order.
#[derive(Debug, Clone)]
pub struct Texts<I> {
    texts: I,
    cutting: Cutting,
}

impl<I> Texts<I> {
    /// A source of these texts.
    pub(super) const fn new(texts: I, cutting: Cutting) -> Self {
        Self { texts, cutting }
    }
}

impl<I: Iterator<Item: Into<String>>> CorpusReader for Texts<I> {
    type Error = PipelineError;

    fn read_document(&mut self) -> Result<Option<Document>, PipelineError> {
        let Some(text) = self.texts.next() else { return Ok(None) };
        self.cutting.document(text.into()).map(Some)
    }
}

/// Lines of plain text as a source of documents: each line is a document, blank ones too, so that
/// the output has a line for each line of the input.
#[derive(Debug)]
pub struct TextLines<R> {
    reader: BufReader<R>,
    name: String,
    line: u64,
    cutting: Cutting,
}

impl<R: Read> TextLines<R> {
    /// The lines of UTF-8 text; a byte order mark before the first one is passed over. `name` is
    /// the path in messages.
    pub(super) fn new(reader: R, name: String, cutting: Cutting) -> Self {
        Self { reader: BufReader::with_capacity(1 << 16, reader), name, line: 0, cutting }
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
        self.cutting.document(text).map(Some)
    }

    fn would_wait(&self) -> bool {
        !self.reader.buffer().contains(&b'\n')
    }
}
