//! JSON to documents, paragraph by paragraph.

use std::collections::BTreeMap;
use std::io::Read;

use ner_align_core::{CorpusReader, Document, Finding};

use super::SpacyJsonOptions;
use super::model::Paragraph;
use super::paragraph::Builder;
use crate::formats::json_scanner::{Place, Scanner};
use crate::formats::progress::{Fused, Progress};
use crate::{CorpusError, FormatReader, Source};

/// Where the reader is between paragraphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    /// Before an entry of the top-level array.
    Entry,
    /// Before a key of an entry; its paragraphs are still to come.
    Key(Place),
    /// Before a key of an entry whose paragraphs have been read.
    KeyAfter,
    /// Before a paragraph.
    Paragraph,
    /// After the array.
    End,
}

/// Reads one paragraph at a time; see [the module](super) for the format.
///
/// ```
/// use ner_align_core::CorpusReader;
/// use ner_align_corpus::formats::spacy_json::{SpacyJsonOptions, SpacyJsonReader};
/// let text = r#"[{"id": "a", "paragraphs": [{"raw": "Ada  wrote.", "sentences": [{"tokens": [
///     {"orth": "Ada", "ner": "U-PER"}, {"orth": "wrote"}, {"orth": "."}]}]}]}]"#;
/// let mut reader = SpacyJsonReader::from_reader(text.as_bytes(), "a.json", SpacyJsonOptions::default());
/// let document = reader.read_document()?.unwrap();
/// assert_eq!((document.text(), document.id()), ("Ada  wrote.", Some("a")));
/// assert!(reader.read_document()?.is_none());
/// # Ok::<(), ner_align_corpus::CorpusError>(())
/// ```
#[derive(Debug)]
pub struct SpacyJsonReader<R> {
    scanner: Scanner<R>,
    state: State,
    /// The name of the entry that is read.
    id: Option<String>,
    value: Vec<u8>,
    builder: Builder,
}

impl SpacyJsonReader<Box<dyn Read + Send>> {
    /// Reads a source.
    #[must_use]
    pub fn new(source: Source, options: SpacyJsonOptions) -> Self {
        let name = source.name().to_owned();
        Self::from_reader(source.into_stream(), name, options)
    }
}

impl<R: Read> SpacyJsonReader<R> {
    /// Reads from any source; `name` is its path in messages. Buffering is done here.
    pub fn from_reader(source: R, name: impl Into<String>, options: SpacyJsonOptions) -> Self {
        let name = name.into();
        let scanner = Scanner::new(source, name.clone()).within(options.max_memory);
        let builder = Builder::new(name, options);
        Self { scanner, state: State::Start, id: None, value: Vec::new(), builder }
    }

    fn token_place(&mut self) -> Result<Place, CorpusError> {
        self.scanner.peek_token()?;
        Ok(self.scanner.place())
    }

    /// What follows a value of an entry: another key, another entry, or the end.
    fn after_value(&mut self, key: State) -> Result<State, CorpusError> {
        if self.scanner.more(b'}')? {
            return Ok(key);
        }
        Ok(if self.scanner.more(b']')? { State::Entry } else { State::End })
    }

    fn no_paragraphs(&self, place: Place) -> CorpusError {
        self.scanner
            .fault(place, "an entry with the key \"paragraphs\"", "one without it")
            .with_format_hint("to read other JSON of texts and spans, name `format: jsonl`")
    }

    fn at_end(&mut self) -> Result<Option<Document>, CorpusError> {
        if self.scanner.peek_token()?.is_some() {
            return Err(self.scanner.unexpected("the end of the file"));
        }
        if self.builder.progress.documents == 0 {
            return Err(self.builder.progress.empty("at least one paragraph", "none"));
        }
        self.builder.note_others();
        Ok(None)
    }

    fn paragraph(&mut self) -> Result<Document, CorpusError> {
        let place = self.token_place()?;
        let mut value = std::mem::take(&mut self.value);
        self.scanner.value(&mut value)?;
        let document = match serde_json::from_slice::<Paragraph<'_>>(&value) {
            Ok(paragraph) => self.builder.document(&paragraph, self.id.as_deref(), place)?,
            Err(error) => {
                let error = self.scanner.broken(place, &value, &error);
                return Err(error.in_document(self.builder.progress.documents));
            }
        };
        self.value = value;
        Ok(document)
    }
}

impl<R: Read> Fused for SpacyJsonReader<R> {
    fn progress(&mut self) -> &mut Progress {
        &mut self.builder.progress
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        loop {
            self.state = match self.state {
                State::Start => {
                    self.scanner.skip_mark()?;
                    if !self.scanner.take(b'[')? {
                        return Err(self
                            .scanner
                            .unexpected("an array of entries with paragraphs, as spaCy writes it")
                            .with_format_hint("to read an object a line, name `format: jsonl`"));
                    }
                    if self.scanner.take(b']')? { State::End } else { State::Entry }
                }
                State::Entry => {
                    let place = self.token_place()?;
                    if !self.scanner.take(b'{')? {
                        return Err(self.scanner.unexpected("an object with paragraphs"));
                    }
                    self.id = None;
                    if self.scanner.take(b'}')? {
                        return Err(self.no_paragraphs(place));
                    }
                    State::Key(place)
                }
                State::Key(place) => match self.scanner.key()?.as_str() {
                    "paragraphs" => {
                        self.scanner.expect(b'[', "an array of paragraphs")?;
                        if self.scanner.take(b']')? {
                            self.after_value(State::KeyAfter)?
                        } else {
                            State::Paragraph
                        }
                    }
                    key => {
                        if key == "id" {
                            self.scanner.value(&mut self.value)?;
                            self.id = serde_json::from_slice::<String>(&self.value).ok();
                        } else {
                            self.scanner.skip_value()?;
                        }
                        if !self.scanner.more(b'}')? {
                            return Err(self.no_paragraphs(place));
                        }
                        State::Key(place)
                    }
                },
                State::KeyAfter => {
                    self.scanner.key()?;
                    self.scanner.skip_value()?;
                    self.after_value(State::KeyAfter)?
                }
                State::Paragraph => {
                    let document = self.paragraph()?;
                    self.state = if self.scanner.more(b']')? {
                        State::Paragraph
                    } else {
                        self.after_value(State::KeyAfter)?
                    };
                    return Ok(Some(document));
                }
                State::End => return self.at_end(),
            };
        }
    }
}

impl<R: Read> CorpusReader for SpacyJsonReader<R> {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        self.read_fused()
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.builder.progress.log.take()
    }
}

impl<R: Read + Send> FormatReader for SpacyJsonReader<R> {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.builder.progress.log.counts()
    }

    fn documents_marked(&self) -> bool {
        true
    }
}
