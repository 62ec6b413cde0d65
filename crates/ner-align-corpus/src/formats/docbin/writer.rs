//! Documents to a `.spacy`.

use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};

use ner_align_core::{CorpusWriter, Document, TextOrigin};

use super::groups;
use super::shard::{Cell, ROW, Shard};
use crate::formats::outgoing::Destination;
use crate::formats::spacy_tokens::{Layout, Mark, check_aligned, check_words};
use crate::{CharMap, CorpusError, FormatWriter, Unwritable, WriteOptions};

/// Bytes of the largest field that msgpack can hold.
const LARGEST_FIELD: u64 = u32::MAX as u64;

/// No file holds more than this and one document, whatever its shard size: its tokens must stay
/// within [`LARGEST_FIELD`].
const LARGEST_SHARD: u64 = 2 << 30;

/// How a `.spacy` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocBinWriterOptions {
    /// What to do with empty words, which spaCy does not open.
    pub unwritable: Unwritable,
    /// Bytes before compression after which another file is started; more than 2 GiB count as
    /// 2 GiB.
    pub shard_size: u64,
}

ner_align_core::setters! { DocBinWriterOptions {
    with_unwritable: unwritable: Unwritable,
    with_shard_size: shard_size: u64,
} }

impl Default for DocBinWriterOptions {
    fn default() -> Self {
        (&WriteOptions::default()).into()
    }
}

impl From<&WriteOptions> for DocBinWriterOptions {
    fn from(options: &WriteOptions) -> Self {
        Self { unwritable: options.unwritable, shard_size: options.shard_size }
    }
}

/// Collects documents into shards.
#[derive(Debug)]
pub(super) struct Packer {
    pub(super) destination: Destination,
    /// Where tokens are kept until a shard is complete.
    folder: PathBuf,
    options: DocBinWriterOptions,
    pub(super) shard: Shard,
}

impl Packer {
    pub(super) fn new(name: String, folder: &Path, options: DocBinWriterOptions) -> Self {
        let shard = Shard::new(folder);
        let destination = Destination::new(name);
        Self { destination, folder: folder.to_owned(), options, shard }
    }

    /// True if the next document belongs into another file.
    pub(super) fn is_full(&self) -> bool {
        self.shard.documents() > 0
            && self.shard.unpacked() >= self.options.shard_size.min(LARGEST_SHARD)
    }

    /// The shard so far; an empty one takes its place.
    pub(super) fn take(&mut self) -> Shard {
        std::mem::replace(&mut self.shard, Shard::new(&self.folder))
    }

    /// Adds a document, or refuses it and leaves the shard as it was.
    pub(super) fn push(&mut self, document: &Document) -> Result<(), CorpusError> {
        check_aligned(document, &self.destination)?;
        let layout = Layout::new(document);
        let rows = (self.shard.tokens() + layout.tokens.len() as u64) * ROW;
        if rows > LARGEST_FIELD {
            return Err(self
                .destination
                .refuse(
                    "too-large",
                    "a file of at most 4 GiB of tokens",
                    format_args!("{rows} bytes"),
                )
                .with_hint("choose a smaller `shard_size`, and documents of fewer sentences"));
        }
        check_words(&layout, self.options.unwritable, &self.destination)?;
        let strings = self.strings(document, &layout)?;
        self.rows(document, &layout, &strings).map_err(|error| self.destination.failed(error))?;
        self.destination.documents += 1;
        Ok(())
    }

    /// The indices of the words and of the entities' types.
    fn strings(
        &mut self,
        document: &Document,
        layout: &Layout<'_>,
    ) -> Result<(Vec<u32>, Vec<u32>), CorpusError> {
        let words = layout.tokens.iter().map(|token| match token.text {
            "" => "\u{fffd}",
            text => text,
        });
        let labels = document.entities().iter().map(|entity| entity.label.as_str());
        let shard = &mut self.shard;
        let words: Result<Vec<u32>, &str> =
            words.map(|text| shard.string(text).ok_or(text)).collect();
        let labels: Result<Vec<u32>, &str> =
            labels.map(|text| shard.string(text).ok_or(text)).collect();
        match (words, labels) {
            (Ok(words), Ok(labels)) => Ok((words, labels)),
            (Err(text), _) | (_, Err(text)) => Err(self
                .destination
                .refuse(
                    "string-id",
                    "strings of different ids in spaCy",
                    format_args!("{text:?} with another's"),
                )
                .with_hint("choose another format such as jsonl")),
        }
    }

    fn rows(
        &mut self,
        document: &Document,
        layout: &Layout<'_>,
        (words, labels): &(Vec<u32>, Vec<u32>),
    ) -> std::io::Result<()> {
        let marked = document.sentences_marked();
        let label = |index: usize| labels.get(index).copied().unwrap_or_default();
        for (index, (token, word)) in layout.tokens.iter().zip(words).enumerate() {
            let (iob, label) = match token.mark {
                Mark::Missing => (0, 0),
                Mark::Outside => (2, 0),
                Mark::Begin(entity) => (3, label(entity)),
                Mark::Inside(entity) => (1, label(entity)),
            };
            let start = match (token.starts, marked) {
                (true, true) => 1,
                (false, true) => 2,
                // Where no sentence is known, spaCy says so of all words but the first.
                (_, false) => u32::from(index == 0),
            };
            self.shard.push_token(Cell { word: *word, label, iob, start, space: token.space })?;
        }
        let groups = match layout.overlapping {
            true => {
                let text = text_of(document, layout);
                let map = CharMap::new(&text);
                let mut bytes = Vec::with_capacity(layout.tokens.len());
                let mut at = 0;
                for token in &layout.tokens {
                    bytes.push((at, at + token.text.len()));
                    at += token.text.len() + usize::from(token.space);
                }
                let char = |byte: Option<usize>| map.char_of(byte.unwrap_or_default());
                let spans = document.entities().iter().zip(labels).map(|(entity, label)| {
                    let span = layout.span(entity.span);
                    let start = char(bytes.get(span.start).map(|bytes| bytes.0));
                    let end = char(bytes.get(span.end - 1).map(|bytes| bytes.1));
                    (self.shard.id(*label), [span.start, span.end, start, end])
                });
                groups::pack(spans)?
            }
            false => Vec::new(),
        };
        let unknown_spaces = document.origin() == TextOrigin::Rebuilt;
        self.shard.end_document(layout.tokens.len(), unknown_spaces, &groups)
    }
}

/// The text that spaCy sees, which differs where words were rebuilt or replaced.
fn text_of<'a>(document: &'a Document, layout: &Layout<'_>) -> Cow<'a, str> {
    if document.origin() == TextOrigin::Source {
        return Cow::Borrowed(document.text());
    }
    let mut text = String::with_capacity(document.text().len() + 1);
    for token in &layout.tokens {
        text.push_str(token.text);
        text.push_str(if token.space { " " } else { "" });
    }
    Cow::Owned(text)
}

/// Writes one `.spacy` to a stream, compressed once all documents are there; see
/// [`DocBinFiles`](super::DocBinFiles) for corpora that need several files.
#[derive(Debug)]
pub struct DocBinWriter<W> {
    target: W,
    packer: Packer,
    done: bool,
}

impl<W: Write> DocBinWriter<W> {
    /// Writes to any target; `name` is its path in messages.
    pub fn new(target: W, name: impl Into<String>, options: DocBinWriterOptions) -> Self {
        let packer = Packer::new(name.into(), &std::env::temp_dir(), options);
        Self { target, packer, done: false }
    }
}

impl<W: Write> CorpusWriter for DocBinWriter<W> {
    type Error = CorpusError;

    fn write_document(&mut self, document: &Document) -> Result<(), CorpusError> {
        if self.packer.is_full() {
            let found = format!("more than {}", self.packer.options.shard_size);
            let expected = "a corpus of at most the shard size's bytes, since a stream is one file";
            return Err(self
                .packer
                .destination
                .refuse("too-large", expected, found)
                .with_hint("write to a path, or choose a larger `shard_size`"));
        }
        self.packer.push(document)
    }

    fn finish(&mut self) -> Result<(), CorpusError> {
        if !std::mem::replace(&mut self.done, true) {
            let shard = self.packer.take();
            shard.write(&mut self.target).map_err(|error| self.packer.destination.failed(error))?;
        }
        Ok(())
    }
}

impl<W: Write + Send> FormatWriter for DocBinWriter<W> {}
