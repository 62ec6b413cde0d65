//! Documents to lines of items.

use std::io::Write;

use ner_align_core::{CorpusWriter, Document, Scheme, Tag};

use super::parts::Parts;
use crate::{CorpusError, FormatWriter, Unwritable, WriteOptions};

/// Writes `word|TAG` items, a sentence a line.
///
/// ```
/// use ner_align_core::{CorpusWriter, Document, Scheme, Tag};
/// use ner_align_corpus::WriteOptions;
/// use ner_align_corpus::iob_lines::IobLinesWriter;
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
    name: String,
    scheme: Option<Scheme>,
    unwritable: Unwritable,
    repair: bool,
    /// One document's text, so that a document that cannot be written leaves nothing behind.
    out: String,
    /// What a reader will take the items for.
    parts: Parts,
    documents: usize,
}

impl<W: Write> IobLinesWriter<W> {
    /// Writes to any target; `name` is its path in messages. Each document is one write.
    pub fn new(target: W, name: impl Into<String>, options: &WriteOptions) -> Self {
        Self {
            target,
            name: name.into(),
            scheme: options.scheme,
            unwritable: options.unwritable,
            repair: options.repair,
            out: String::new(),
            parts: Parts::default(),
            documents: 0,
        }
    }

    fn refuse(
        &self,
        code: &'static str,
        expected: &str,
        found: impl std::fmt::Display,
    ) -> CorpusError {
        CorpusError::input(code, expected, format!("{found} in document {}", self.documents))
            .at_path(&self.name)
            .in_document(self.documents)
    }

    fn item(
        &mut self,
        word: &str,
        tag: &Tag,
        spelling: Option<&str>,
        scheme: Scheme,
    ) -> Result<(), CorpusError> {
        let blank = |c: char| c.is_whitespace() || c == '\0';
        let start = self.out.len();
        match self.unwritable {
            Unwritable::Error if word.contains(blank) => {
                let expected = "a word without white space";
                let error = self.refuse("unwritable-word", expected, format!("{word:?}"));
                return Err(error
                    .with_hint("choose a format of text, such as jsonl, or --replace-unwritable"));
            }
            Unwritable::Replace if word.is_empty() => self.out.push('\u{fffd}'),
            Unwritable::Replace => self.out.push_str(&word.replace(blank, "\u{fffd}")),
            Unwritable::Error => self.out.push_str(word),
        }
        self.out.push('|');
        let text = match spelling {
            Some(spelling) => spelling.to_owned(),
            None => tag.display(scheme).to_string(),
        };
        if text.contains(|c: char| blank(c) || c == '|') {
            let expected = "a tag without white space and |";
            return Err(self.refuse("unwritable-label", expected, format!("{text:?}")));
        }
        self.out.push_str(&text);
        self.parts.add(&self.out[start..]);
        Ok(())
    }
}

impl<W: Write> CorpusWriter for IobLinesWriter<W> {
    type Error = CorpusError;

    fn write_document(&mut self, document: &Document) -> Result<(), CorpusError> {
        let own = document.tags().map(|(_, scheme)| scheme);
        let scheme = self.scheme.or(own).unwrap_or(Scheme::Iob2);
        let as_read = !self.repair && own == Some(scheme);
        let tags =
            if self.repair { document.encode_tags(scheme) } else { document.tags_in(scheme) };
        let tags = tags.map_err(|error| {
            self.refuse("untaggable", "entities that tags can hold", error)
                .with_hint("choose a format of spans such as jsonl, or a policy with --on-overlap")
        })?;
        self.out.clear();
        for sentence in document.sentences() {
            for word in sentence.words.range() {
                if word > sentence.words.start {
                    self.out.push(' ');
                }
                let spelling = if as_read { document.spelling(word) } else { None };
                let tag = tags.get(word).unwrap_or(&Tag::Missing);
                self.item(document.word(word), tag, spelling, scheme)?;
            }
            self.out.push('\n');
        }
        self.target
            .write_all(self.out.as_bytes())
            .map_err(|error| CorpusError::io(self.name.as_ref(), "a writable target", error))?;
        self.documents += 1;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), CorpusError> {
        if self.parts.has_pos() {
            let expected = "words of which few hold one |";
            let found = "so many that they would be read as word|POS";
            return Err(CorpusError::input("unwritable-word", expected, found)
                .at_path(&self.name)
                .with_hint("choose another format, such as conll"));
        }
        self.target
            .flush()
            .map_err(|error| CorpusError::io(self.name.as_ref(), "a writable target", error))
    }
}

impl<W: Write> FormatWriter for IobLinesWriter<W> {}
