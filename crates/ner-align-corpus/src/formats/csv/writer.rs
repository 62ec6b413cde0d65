//! Documents to rows.

use std::borrow::Cow;
use std::fmt;
use std::io::Write;

use ner_align_core::{CorpusWriter, Document, Tag};

use super::SENTENCE;
use super::wide::is_empty;
use crate::formats::outgoing::{Destination, OutgoingTags, WordField};
use crate::formats::tagged::{default_name, is_default_name};
use crate::{CorpusError, FormatWriter, WriteOptions};

/// Writes one token a row, `Sentence #,Word,Tag`, sentences numbered on their first row; with
/// [`WriteOptions::mark_documents`] a column `Document` before them, filled on each document's
/// first row.
///
/// ```
/// use ner_align_core::{CorpusWriter, Document, Scheme, Tag};
/// use ner_align_corpus::WriteOptions;
/// use ner_align_corpus::formats::csv::CsvWriter;
/// let mut builder = Document::builder();
/// builder.push_word("Madrid");
/// builder.push_word("\"");
/// let document = builder.tagged(vec![Tag::parse("B-LOC")?, Tag::Outside], Scheme::Iob2)?;
/// let mut out = Vec::new();
/// let options = WriteOptions::default().with_mark_documents(false);
/// let mut writer = CsvWriter::new(&mut out, "out.csv", &options);
/// writer.write_document(&document)?;
/// writer.finish()?;
/// drop(writer);
/// assert_eq!(out, b"Sentence #,Word,Tag\nSentence: 1,Madrid,B-LOC\n,\"\"\"\",O\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct CsvWriter<W: Write> {
    target: csv::Writer<W>,
    destination: Destination,
    options: WriteOptions,
    /// The header is written.
    started: bool,
    sentences: usize,
}

impl<W: Write> fmt::Debug for CsvWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsvWriter").field("destination", &self.destination).finish_non_exhaustive()
    }
}

/// A line end or a NUL, which readers of lines stumble over even in quotes.
fn breaks(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\0')
}

/// Text that a reader, which trims it, gives back as it is.
fn is_plain(text: &str) -> bool {
    !text.contains(breaks) && text.trim() == text
}

impl<W: Write> CsvWriter<W> {
    /// Writes to any target; `name` is its path in messages.
    pub fn new(target: W, name: impl Into<String>, options: &WriteOptions) -> Self {
        Self {
            target: csv::WriterBuilder::new()
                .terminator(csv::Terminator::Any(b'\n'))
                .buffer_capacity(1 << 16)
                .from_writer(target),
            destination: Destination::new(name),
            options: options.clone(),
            started: false,
            sentences: 0,
        }
    }

    fn put(
        &mut self,
        document: &str,
        sentence: &str,
        word: &str,
        tag: &str,
    ) -> Result<(), CorpusError> {
        let fields = [document, sentence, word, tag];
        let fields = if self.options.mark_documents { &fields[..] } else { &fields[1..] };
        self.target.write_record(fields).map_err(|error| {
            let error = match error.into_kind() {
                csv::ErrorKind::Io(error) => error,
                other => std::io::Error::other(format!("{other:?}")),
            };
            self.destination.failed(error)
        })
    }

    /// The name on the document's first row.
    fn document_name(&self, document: &Document) -> Result<String, CorpusError> {
        match document.id().filter(|id| !id.is_empty()) {
            None => Ok(default_name(self.destination.documents)),
            Some(id)
                if is_plain(id)
                    && !is_empty(id)
                    && !is_default_name(id, self.destination.documents) =>
            {
                Ok(id.to_owned())
            }
            Some(id) => {
                let expected = "a name on one line, without space around it";
                Err(self.destination.refuse("unwritable-id", expected, format!("{id:?}")))
            }
        }
    }

    /// Words and tags as they are written.
    fn fields<'d>(
        &self,
        document: &'d Document,
    ) -> Result<Vec<(Cow<'d, str>, String)>, CorpusError> {
        let tags = OutgoingTags::new(document, self.options.scheme, self.options.repair)
            .map_err(|error| self.destination.untaggable(&error))?
            .told_by_reader();
        let field = WordField {
            expected: "a word without line end",
            excluded: breaks,
            may_be_empty: true,
            reserved_prefix: None,
        };
        let mut fields = Vec::with_capacity(document.len());
        for (index, word) in document.words().enumerate() {
            let mut text = tags.text(index).into_owned();
            if text.is_empty() && word.trim().is_empty() {
                // A row without a word and a tag is a blank one.
                text = Tag::Missing.display(tags.scheme).to_string();
            }
            if !is_plain(&text) {
                let expected = "a tag on one line, without space around it";
                return Err(self.destination.refuse(
                    "unwritable-label",
                    expected,
                    format!("{text:?}"),
                ));
            }
            let word = field.write(word, self.options.unwritable, &self.destination)?;
            fields.push((word, text));
        }
        Ok(fields)
    }
}

impl<W: Write> CorpusWriter for CsvWriter<W> {
    type Error = CorpusError;

    fn write_document(&mut self, document: &Document) -> Result<(), CorpusError> {
        if document.is_empty() {
            return Ok(());
        }
        // Everything is looked at first, so that a document that cannot be written leaves nothing
        // behind.
        let mut name = self.document_name(document)?;
        let fields = self.fields(document)?;
        if !self.started {
            self.put("Document", "Sentence #", "Word", "Tag")?;
            self.started = true;
        }
        for sentence in document.sentences() {
            self.sentences += 1;
            let mut number = format!("{SENTENCE}{}", self.sentences);
            for (word, tag) in fields.get(sentence.words.range()).unwrap_or_default() {
                self.put(&name, &number, word, tag)?;
                name.clear();
                number.clear();
            }
        }
        self.destination.documents += 1;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), CorpusError> {
        self.target.flush().map_err(|error| self.destination.failed(error))
    }
}

impl<W: Write + Send> FormatWriter for CsvWriter<W> {}
