//! JSON lines to documents, one at a time.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Chain, Cursor, Read};

use ner_align_core::{CorpusReader, Document, Finding};

use serde::Deserialize;

use super::JsonlOptions;
use super::document::{Builder, Told};
use super::ends::EndsGuess;
use super::explain::{explain, explain_unread};
use super::feed::Feed;
use super::label_names::name_of;
use super::layout::{Layout, Start};
use super::model::{Key, Record};
use super::part::{Fault, Part};
use super::shapes::Annotation;
use super::spans::Item;
use super::spans::is_text;
use crate::formats::progress::{Fused, Progress};
use crate::formats::tagged::{SchemeGuess, TagStyle};
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
    /// Documents of the last line that were not handed out yet.
    pending: VecDeque<Document>,
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
        let start = Start::of(&head, (head.len() as u64) < HEAD);
        let mut options = options;
        options.tag_names = options.tag_names.or(start.tag_names);
        let told = told(&head, &start.layout, &options);
        let feed = Feed::new(Cursor::new(head).chain(source), start.layout, name.clone())
            .within(options.max_memory);
        let builder = Builder::new(name, options, told)?;
        Ok(Self { feed, builder, pending: VecDeque::new(), line: 0 })
    }
}

/// What the start of a file says of its tags, and of the ends of its spans of words.
fn told(head: &[u8], layout: &Layout, options: &JsonlOptions) -> Told {
    let mut ends = EndsGuess::default();
    let mut guess = SchemeGuess::default();
    look(head, layout, options, &mut guess, &mut ends);
    let style = guess.style();
    if style != TagStyle::default() {
        guess = SchemeGuess::default().in_style(style);
        look(head, layout, options, &mut guess, &mut EndsGuess::default());
    }
    Told { scheme: guess.scheme(), style, ends }
}

/// Adds the tags at the start of a file, and what its spans of words say of their ends.
fn look(
    head: &[u8],
    layout: &Layout,
    options: &JsonlOptions,
    guess: &mut SchemeGuess,
    ends: &mut EndsGuess,
) {
    let names = options.tag_names.as_deref().unwrap_or_default();
    let mut feed = Feed::new(head, layout.clone(), String::new());
    let mut untagged = 0;
    // The last document may be cut off, and is then no JSON.
    while let Ok(Some(_)) = feed.advance() {
        let Ok(part) = Part::of(feed.value(), &options.columns) else { break };
        let tagged = match &part {
            Part::Words(words) => {
                ends.observe(words);
                match &words.annotation {
                    Annotation::Tags(tags) => {
                        tags.iter().for_each(|tag| guess.push(&text_of(tag, names)));
                        true
                    }
                    _ => false,
                }
            }
            Part::Record(record) => push_tags(record, names, guess),
            Part::Tree(_) => false,
        };
        if tagged {
            guess.end_sentence();
        } else {
            untagged += 1;
            if untagged == UNTAGGED {
                break;
            }
        }
    }
}

/// Adds the tags of a record; false if it has none.
fn push_tags(record: &Record<'_>, names: &[String], guess: &mut SchemeGuess) -> bool {
    let tokens = record.get(Key::Tokens).is_some_and(|tokens| tokens.first().is_some_and(is_text));
    let tags = record.get(Key::Tags).or_else(|| record.get(Key::Label));
    let Some(tags) = tags.filter(|_| tokens) else { return false };
    for tag in tags {
        guess.push(match tag {
            Item::Text(text) => text.as_ref(),
            Item::Number(number) => {
                let name = u64::try_from(*number).ok().and_then(|number| name_of(names, number));
                name.unwrap_or("-")
            }
            _ => "-",
        });
    }
    true
}

/// A tag as text.
fn text_of<'t>(tag: &'t serde_json::Value, names: &'t [String]) -> std::borrow::Cow<'t, str> {
    let number = || tag.as_u64().and_then(|number| name_of(names, number));
    tag.as_str().or_else(number).unwrap_or("-").into()
}

impl<R: Read> Fused for JsonlReader<R> {
    fn progress(&mut self) -> &mut Progress {
        &mut self.builder.progress
    }

    fn line_of(&self, _: &Document, _: usize) -> Option<u64> {
        (self.line > 0).then_some(self.line)
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        loop {
            if let Some(document) = self.pending.pop_front() {
                return Ok(Some(document));
            }
            let Some(place) = self.feed.advance()? else { break };
            self.line = place.line;
            let value = self.feed.value();
            let part = Part::of(value, &self.builder.columns).map_err(|fault| {
                let error = match fault {
                    Fault::Json(error) => explain(&error, value, place, self.feed.is_lines()),
                    Fault::Unread(unread) => {
                        explain_unread(&unread).at(place.line, Some(place.column))
                    }
                };
                let Progress { name, documents, .. } = &self.builder.progress;
                error.at_path(name).in_document(*documents)
            })?;
            let documents = match part {
                Part::Record(record) => self.builder.documents(record, place)?,
                Part::Tree(tree) => {
                    let record = Record::deserialize(&tree).map_err(|error| {
                        let expected = "a document of JSON";
                        self.builder.fault(place, "json", expected, &error.to_string())
                    })?;
                    self.builder.documents(record, place)?
                }
                Part::Words(words) => match words.answer.as_deref() {
                    Some(answer @ ("reject" | "ignore")) => {
                        self.builder.leave_out(answer, place);
                        Vec::new()
                    }
                    _ => vec![self.builder.words_document(&words, place)?],
                },
            };
            self.pending.extend(documents);
        }
        for (key, count) in self.feed.take_others() {
            (0..count).for_each(|_| self.builder.count_key(key.clone()));
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
