//! Documents to lines of items.

use std::io::Write;

use ner_align_core::{CorpusWriter, Document, Scheme};

use super::parts::Parts;
use crate::formats::outgoing::{Destination, OutgoingTags, WordField};
use crate::{CorpusError, FormatWriter, Unwritable, WriteOptions};

/// Writes `word|TAG` items, a sentence a line.
///
/// ```
/// use ner_align_core::{CorpusWriter, Document, Scheme, Tag};
/// use ner_align_corpus::WriteOptions;
/// use ner_align_corpus::formats::iob_lines::IobLinesWriter;
/// let mut builder = Document::builder();
/// builder.push_word("Madrid");
/// let document = builder.tagged(vec![Tag::parse("B-LOC")?], Scheme::Iob2)?;
/// let mut out = Vec::new();
/// let mut writer = IobLinesWriter::new(&mut out, "out.iob", &WriteOptions::default());
/// writer.write_document(&document)?;
/// writer.finish()?;
/// assert_eq!(out, b"Madrid|B-LOC\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct IobLinesWriter<W> {
    target: W,
    destination: Destination,
    scheme: Option<Scheme>,
    unwritable: Unwritable,
    repair: bool,
    /// One document's text, so that a document that cannot be written leaves nothing behind.
    out: String,
    /// What a reader will take the items for.
    parts: Parts,
}

impl<W: Write> IobLinesWriter<W> {
    /// Writes to any target; `name` is its path in messages. Each document is one write.
    pub fn new(target: W, name: impl Into<String>, options: &WriteOptions) -> Self {
        Self {
            target,
            destination: Destination::new(name),
            scheme: options.scheme,
            unwritable: options.unwritable,
            repair: options.repair,
            out: String::new(),
            parts: Parts::default(),
        }
    }

    fn item(&mut self, word: &str, tag: &str) -> Result<(), CorpusError> {
        let blank = |c: char| c.is_whitespace() || c == '\0';
        let start = self.out.len();
        let field = WordField {
            expected: "a word without white space",
            excluded: blank,
            may_be_empty: true,
            reserved_prefix: None,
        };
        self.out.push_str(&field.write(word, self.unwritable, &self.destination)?);
        self.out.push('|');
        if tag.contains(|c: char| blank(c) || c == '|') {
            let expected = "a tag without white space and |";
            return Err(self.destination.refuse("unwritable-label", expected, format!("{tag:?}")));
        }
        self.out.push_str(tag);
        self.parts.add(&self.out[start..]);
        Ok(())
    }
}

impl<W: Write> CorpusWriter for IobLinesWriter<W> {
    type Error = CorpusError;

    fn write_document(&mut self, document: &Document) -> Result<(), CorpusError> {
        let tags = OutgoingTags::new(document, self.scheme, self.repair)
            .map_err(|error| self.destination.untaggable(&error))?
            .told_by_reader();
        self.out.clear();
        for sentence in document.sentences() {
            for word in sentence.words.range() {
                if word > sentence.words.start {
                    self.out.push(' ');
                }
                self.item(document.word(word), &tags.text(word))?;
            }
            self.out.push('\n');
        }
        self.destination.put_lines(&mut self.target, self.out.as_bytes())
    }

    fn finish(&mut self) -> Result<(), CorpusError> {
        if self.parts.has_pos() {
            let expected = "words of which few hold one |";
            let found = "so many that they would be read as word|POS";
            return Err(CorpusError::input("unwritable-word", expected, found)
                .at_path(&self.destination.name)
                .with_hint("choose another format, such as conll"));
        }
        self.destination.flush(&mut self.target)
    }
}

impl<W: Write + Send> FormatWriter for IobLinesWriter<W> {}
