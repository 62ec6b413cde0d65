//! Documents to rows of ten columns.

use std::fmt::Write as _;
use std::io::Write;

use ner_align_core::{CorpusWriter, Document, TextOrigin};

use super::columns::is_global;
use super::misc::escape;
use crate::formats::outgoing::{Destination, DocumentMark, OutgoingTags, WordField};
use crate::{CorpusError, FormatWriter, WriteOptions};

/// Writes words, what stands between them, and their tags under `name` in MISC; the columns of
/// grammar are empty.
///
/// ```
/// use ner_align_core::{CorpusWriter, Document, Scheme, Tag};
/// use ner_align_corpus::WriteOptions;
/// use ner_align_corpus::formats::conllu::ConlluWriter;
/// let mut builder = Document::builder();
/// builder.push_word("Oslo");
/// builder.set_space_after("");
/// builder.push_word("!");
/// let document = builder.tagged(vec![Tag::parse("B-LOC")?, Tag::Outside], Scheme::Iob2)?;
/// let mut out = Vec::new();
/// let options = WriteOptions::default().with_mark_documents(false);
/// ConlluWriter::new(&mut out, "out.conllu", &options).write_document(&document)?;
/// assert_eq!(
///     String::from_utf8(out)?,
///     "1\tOslo\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No|name=B-LOC\n2\t!\t_\t_\t_\t_\t_\t_\t_\tname=O\n\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ConlluWriter<W> {
    target: W,
    destination: Destination,
    options: WriteOptions,
    /// One document's text, so that a document that cannot be written leaves nothing behind.
    out: String,
}

impl<W: Write> ConlluWriter<W> {
    /// Writes to any target; `name` is its path in messages. Each document is one write.
    pub fn new(target: W, name: impl Into<String>, options: &WriteOptions) -> Self {
        let options = options.clone();
        Self { target, destination: Destination::new(name), options, out: String::new() }
    }

    fn mark(&mut self, document: &Document) -> Result<(), CorpusError> {
        match DocumentMark::of(document, &self.destination)? {
            DocumentMark::Nameless if self.options.mark_documents => {
                self.out.push_str("# newdoc\n");
            }
            DocumentMark::Comment | DocumentMark::Nameless => {}
            DocumentMark::Named(id) => {
                let _ = writeln!(self.out, "# newdoc id = {id}");
            }
        }
        Ok(())
    }

    fn form(&mut self, word: &str) -> Result<(), CorpusError> {
        let field = WordField {
            expected: "a word without tab and line end",
            excluded: |c: char| matches!(c, '\t' | '\n' | '\r' | '\0'),
            may_be_empty: false,
            reserved_prefix: None,
        };
        self.out.push_str(&field.write(word, self.options.unwritable, &self.destination)?);
        Ok(())
    }

    fn row(
        &mut self,
        document: &Document,
        (index, word): (usize, usize),
        tag: &str,
    ) -> Result<(), CorpusError> {
        let _ = write!(self.out, "{}\t", index + 1);
        self.form(document.word(word))?;
        self.out.push_str("\t_\t_\t_\t_\t_\t_\t_\t");
        let words = document.word_bytes();
        let between = |from: usize, to: usize| document.text().get(from..to).unwrap_or_default();
        let end = words.get(word).map_or(0, |span| span.end);
        let exact = document.origin() == TextOrigin::Source;
        if let Some(first) = words.first().filter(|first| word == 0 && exact && first.start > 0) {
            self.out.push_str("SpacesBefore=");
            escape(between(0, first.start), &mut self.out);
            self.out.push('|');
        }
        // Nothing after the last word is what a reader takes nothing for.
        let (after, usual) = match words.get(word + 1) {
            Some(next) => (between(end, next.start), " "),
            None => (between(end, document.text().len()), ""),
        };
        match after {
            after if !exact || after == usual => {}
            "" => self.out.push_str("SpaceAfter=No|"),
            after => {
                self.out.push_str("SpacesAfter=");
                escape(after, &mut self.out);
                self.out.push('|');
            }
        }
        if tag.contains(['\t', '\n', '\r', '\0', '|']) {
            let expected = "a tag without tab, line end and |";
            return Err(self.destination.refuse("unwritable-label", expected, format!("{tag:?}")));
        }
        self.out.push_str("name=");
        self.out.push_str(tag);
        self.out.push('\n');
        Ok(())
    }
}

impl<W: Write> CorpusWriter for ConlluWriter<W> {
    type Error = CorpusError;

    fn write_document(&mut self, document: &Document) -> Result<(), CorpusError> {
        if document.is_empty() {
            return Ok(());
        }
        let tags = OutgoingTags::new(document, self.options.scheme, self.options.repair)
            .map_err(|error| self.destination.untaggable(&error))?
            .told_by_reader();
        self.out.clear();
        self.mark(document)?;
        for sentence in document.sentences() {
            // The columns of the source are not those written here.
            for comment in sentence.comments.iter().filter(|comment| !is_global(comment)) {
                if !comment.starts_with('#') {
                    self.out.push_str("# ");
                }
                self.out.push_str(&comment.replace(['\n', '\r', '\0'], " "));
                self.out.push('\n');
            }
            for (index, word) in sentence.words.range().enumerate() {
                self.row(document, (index, word), &tags.text(word))?;
            }
            self.out.push('\n');
        }
        self.destination.put(&mut self.target, self.out.as_bytes())
    }

    fn finish(&mut self) -> Result<(), CorpusError> {
        self.destination.flush(&mut self.target)
    }
}

impl<W: Write + Send> FormatWriter for ConlluWriter<W> {}
