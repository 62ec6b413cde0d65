//! JSON lines to documents, one at a time.

use std::collections::BTreeMap;
use std::io::{Chain, Cursor, Read};

use ner_align_core::{CorpusReader, Document, Finding, Scheme};

use super::JsonlOptions;
use super::document::Builder;
use super::explain::explain;
use super::feed::{Feed, is_array};
use super::model::{Key, Record};
use super::seen::is_text;
use super::spans::Item;
use crate::formats::progress::{Fused, Progress};
use crate::formats::tagged::SchemeGuess;
use crate::{CorpusError, FormatReader, Source};

/// Bytes at the start of a source that show the scheme of its tags.
const HEAD: u64 = 1 << 20;

/// Documents without tags after which none are looked for.
const UNTAGGED: usize = 20;

/// Reads one document a line; see [the module](super) for the format.
///
/// Memory holds one document and the first MiB of the source at a time; a line of more than 16 MiB
/// is refused.
///
/// ```
/// use ner_align_core::CorpusReader;
/// use ner_align_corpus::formats::jsonl::{JsonlOptions, JsonlReader};
/// let text = r#"{"text": "né à  Oslo", "label": [[6, 10, "LOC"], [3, 6, "X"]]}"#;
/// let mut reader = JsonlReader::from_reader(text.as_bytes(), "a.jsonl", JsonlOptions::default())?;
/// let document = reader.read_document()?.unwrap();
/// assert_eq!(document.surface(document.entities()[0].span), "Oslo");
/// assert_eq!(document.unaligned()[0].label.as_str(), "X");
/// assert_eq!(reader.take_findings()[0].code, "span-whitespace-edge");
/// assert!(reader.read_document()?.is_none());
/// # Ok::<(), ner_align_corpus::CorpusError>(())
/// ```
#[derive(Debug)]
pub struct JsonlReader<R> {
    feed: Feed<Chain<Cursor<Vec<u8>>, R>>,
    builder: Builder,
    /// Line of the document read last.
    line: u64,
}

impl JsonlReader<Box<dyn Read + Send>> {
    /// Reads a source.
    ///
    /// # Errors
    /// A source that cannot be read.
    pub fn new(source: Source, options: JsonlOptions) -> Result<Self, CorpusError> {
        let name = source.name().to_owned();
        Self::from_reader(source.into_stream(), name, options)
    }
}

impl<R: Read> JsonlReader<R> {
    /// Reads from any source; `name` is its path in messages. The source is read up to the first
    /// MiB at once to find out about its scheme; buffering is done here.
    ///
    /// # Errors
    /// A source that cannot be read.
    pub fn from_reader(
        mut source: R,
        name: impl Into<String>,
        options: JsonlOptions,
    ) -> Result<Self, CorpusError> {
        let name = name.into();
        let mut head = Vec::new();
        source
            .by_ref()
            .take(HEAD)
            .read_to_end(&mut head)
            .map_err(|error| CorpusError::read(name.as_ref(), error))?;
        let scheme = match options.scheme {
            Some(scheme) => scheme,
            None => told(&head, options.tag_names.as_deref().unwrap_or_default()),
        };
        let array = is_array(&head);
        let feed = Feed::new(Cursor::new(head).chain(source), array, name.clone());
        Ok(Self { feed, builder: Builder::new(name, options, scheme)?, line: 0 })
    }
}

/// The scheme of the tags at the start of a file.
fn told(head: &[u8], names: &[String]) -> Scheme {
    let mut feed = Feed::new(head, is_array(head), String::new());
    let mut guess = SchemeGuess::default();
    let mut untagged = 0;
    // The last document may be cut off, and is then no JSON.
    while let Ok(Some(_)) = feed.advance() {
        let Ok(record) = serde_json::from_slice::<Record<'_>>(feed.value()) else { break };
        let tokens =
            record.get(Key::Tokens).is_some_and(|tokens| tokens.first().is_some_and(is_text));
        let tags = record.get(Key::Tags).or_else(|| record.get(Key::Label));
        let Some(tags) = tags.filter(|_| tokens) else {
            untagged += 1;
            if untagged == UNTAGGED { break } else { continue }
        };
        for tag in tags {
            guess.push(match tag {
                Item::Text(text) => text.as_ref(),
                Item::Number(number) => {
                    let name = usize::try_from(*number).ok().and_then(|number| names.get(number));
                    name.map_or("-", String::as_str)
                }
                _ => "-",
            });
        }
        guess.end_sentence();
    }
    guess.scheme()
}

impl<R: Read> Fused for JsonlReader<R> {
    fn progress(&mut self) -> &mut Progress {
        &mut self.builder.progress
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        while let Some(place) = self.feed.advance()? {
            self.line = place.line;
            let value = self.feed.value();
            let record = match serde_json::from_slice::<Record<'_>>(value) {
                Ok(record) => record,
                Err(error) => {
                    let error = explain(&error, value, place, self.feed.is_lines());
                    let Progress { name, documents, .. } = &self.builder.progress;
                    return Err(error.at_path(name).in_document(*documents));
                }
            };
            if let Some(document) = self.builder.document(record, place)? {
                return Ok(Some(document));
            }
        }
        self.builder.note_others();
        if self.builder.progress.documents == 0 {
            let found = match self.builder.left_out {
                0 => "none".to_owned(),
                count => format!("none; {count} were rejected or ignored"),
            };
            return Err(self.builder.progress.empty("at least one document", &found));
        }
        Ok(None)
    }
}

impl<R: Read> CorpusReader for JsonlReader<R> {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        self.read_fused()
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.builder.progress.log.take()
    }
}

impl<R: Read + Send> FormatReader for JsonlReader<R> {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.builder.progress.log.counts()
    }

    fn documents_marked(&self) -> bool {
        true
    }

    fn line(&self) -> Option<u64> {
        (self.line > 0).then_some(self.line)
    }
}
