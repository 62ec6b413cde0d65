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

/// Bytes of text that become one document; a longer line becomes several.
const MAX_DOCUMENT: usize = 1 << 20;

/// Lines of plain text as a source of documents: each line is a document, blank ones too, so that
/// the output has a line for each line of the input.
///
/// A line of more than a mebibyte becomes several documents, cut after a sentence or else between
/// words, so that input without an end of line needs no more memory than other input.
/// [`TextLines::long_lines`] counts such lines.
#[derive(Debug)]
pub struct TextLines<R> {
    reader: BufReader<R>,
    name: String,
    line: u64,
    /// Bytes of the line that are already in documents.
    before: usize,
    /// What was read of the line behind the last document.
    rest: Vec<u8>,
    long_lines: u64,
    /// The source is all there.
    is_file: bool,
    cutting: Cutting,
}

impl<R: Read> TextLines<R> {
    /// The lines of UTF-8 text; a byte order mark before the first one is passed over. `name` is
    /// the path in messages.
    pub(super) fn new(reader: R, name: String, cutting: Cutting) -> Self {
        Self {
            reader: BufReader::with_capacity(1 << 16, reader),
            name,
            line: 0,
            before: 0,
            rest: Vec::new(),
            long_lines: 0,
            is_file: false,
            cutting,
        }
    }

    /// The same lines, of a source that keeps nobody waiting, as a file does not: they become full
    /// chunks.
    #[must_use]
    pub fn of_file(self) -> Self {
        Self { is_file: true, ..self }
    }

    /// Lines so far that became more than one document.
    #[must_use]
    pub const fn long_lines(&self) -> u64 {
        self.long_lines
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

    /// A line, or the next part of a long one.
    fn read_line(&mut self) -> Result<Option<String>, PipelineError> {
        let mut bytes = std::mem::take(&mut self.rest);
        let continues = !bytes.is_empty();
        if !continues {
            self.line += 1;
            self.before = 0;
        }
        let room = (MAX_DOCUMENT + 1).saturating_sub(bytes.len()) as u64;
        let read = self.reader.by_ref().take(room).read_until(b'\n', &mut bytes);
        if read.map_err(|error| self.fault(None, "readable text", &error.to_string()))? == 0
            && !continues
        {
            return Ok(None);
        }
        let before = self.before;
        if bytes.len() > MAX_DOCUMENT && bytes.last() != Some(&b'\n') {
            // What devices and holes in files have, without an end.
            if bytes.iter().all(|byte| *byte == 0) {
                return Err(self.fault(Some(before + 1), "text", "NUL bytes alone"));
            }
            self.rest = bytes.split_off(end_of_part(&bytes));
            self.long_lines += u64::from(!continues);
            self.before += bytes.len();
        }
        if self.line == 1 && before == 0 && bytes.starts_with(BYTE_ORDER_MARK) {
            bytes.drain(..BYTE_ORDER_MARK.len());
        }
        while matches!(bytes.last(), Some(b'\n' | b'\r')) {
            bytes.pop();
        }
        String::from_utf8(bytes).map(Some).map_err(|error| {
            let column = before + error.utf8_error().valid_up_to() + 1;
            self.fault(Some(column), "UTF-8", "another byte")
        })
    }
}

/// Where the first part of a long line ends: in its second half after a sentence, or else after
/// white space, or else before a character. At least one byte is before it and one behind.
fn end_of_part(bytes: &[u8]) -> usize {
    let half = bytes.len() / 2;
    let spaces = || (half..bytes.len()).rev().filter(|&at| bytes[at - 1].is_ascii_whitespace());
    let of_sentence =
        |&at: &usize| matches!(bytes[..at].trim_ascii_end(), [.., b'.' | b'!' | b'?']);
    let starts_character = |&at: &usize| bytes[at] & 0xC0 != 0x80;
    spaces()
        .find(of_sentence)
        .or_else(|| spaces().next())
        .or_else(|| (half..bytes.len()).rev().find(starts_character))
        .unwrap_or(half)
}

impl<R: Read> CorpusReader for TextLines<R> {
    type Error = PipelineError;

    fn read_document(&mut self) -> Result<Option<Document>, PipelineError> {
        let Some(text) = self.read_line()? else { return Ok(None) };
        self.cutting.document(text).map(Some)
    }

    fn would_wait(&self) -> bool {
        !self.is_file && !self.reader.buffer().contains(&b'\n')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> (Vec<Document>, u64) {
        let cutting = Cutting { words: Arc::default(), in_sentences: false };
        let mut lines = TextLines::new(text, "-".to_owned(), cutting);
        let mut documents = Vec::new();
        while let Some(document) = lines.read_document().unwrap() {
            documents.push(document);
        }
        (documents, lines.long_lines())
    }

    #[test]
    fn a_line_is_a_document() {
        let (documents, long) = read("\u{feff}Ada left.\r\n\nWhy?".as_bytes());
        let texts: Vec<_> = documents.iter().map(|document| document.text()).collect();
        assert_eq!((texts, long), (vec!["Ada left.", "", "Why?"], 0));
    }

    #[test]
    fn a_long_line_is_several_documents() {
        let sentence = "Ada met the 3.5 men of Oslo. ";
        for unit in [sentence, "Oslo ", "了解", "x", "\u{10348}"] {
            let line = unit.repeat(3 * MAX_DOCUMENT / unit.len());
            let text = format!("before\n{line}\nafter");
            let (documents, long) = read(text.as_bytes());
            let texts: Vec<_> = documents.iter().map(|document| document.text()).collect();
            assert_eq!((long, texts[0], texts[texts.len() - 1]), (1, "before", "after"), "{unit}");
            let parts = &texts[1..texts.len() - 1];
            assert!(parts.len() >= 3 && parts.iter().all(|part| part.len() <= MAX_DOCUMENT));
            assert_eq!(parts.concat(), line);
            if unit == sentence {
                assert!(parts.iter().all(|part| part.ends_with(". ")));
            }
        }
        // A line of just the limit is one.
        let line = "x".repeat(MAX_DOCUMENT);
        assert_eq!(read(line.as_bytes()).1, 0);
        assert_eq!(read(format!("{line}\ny").as_bytes()).1, 0);
    }

    #[test]
    fn nul_bytes_without_end_are_refused() {
        let cutting = Cutting { words: Arc::default(), in_sentences: false };
        let mut lines = TextLines::new(std::io::repeat(0), "-".to_owned(), cutting);
        let error = lines.read_document().unwrap_err().to_string();
        assert_eq!(error, "-:1:1: expected text, found NUL bytes alone");
        // A line may have some.
        assert_eq!(read(b"a\0b\n").0.len(), 1);
    }

    #[test]
    fn a_byte_that_is_no_text_has_its_place_in_a_long_line() {
        let mut text = vec![b'x'; 2 * MAX_DOCUMENT];
        text[MAX_DOCUMENT + 9] = 0xFF;
        let cutting = Cutting { words: Arc::default(), in_sentences: false };
        let mut lines = TextLines::new(&*text, "-".to_owned(), cutting);
        let error = (0..).find_map(|_| lines.read_document().err()).unwrap().to_string();
        assert!(error.starts_with(&format!("-:1:{}: ", MAX_DOCUMENT + 10)), "{error}");
    }
}
