//! Documents to columns.

use std::io::Write;

use ner_align_core::{CorpusWriter, Document, Scheme, Sentence, Tag};

use crate::formats::outgoing::{Destination, DocumentMark, OutgoingTags, WordField};
use crate::formats::tagged::{DOCSTART, is_blank, looks_like_tag};
use crate::{CorpusError, FormatWriter, Unwritable, WriteOptions};

/// How columns are written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConllWriterOptions {
    /// The scheme of the tags; `None`: each document's own, IOB2 where it has none.
    pub scheme: Option<Scheme>,
    /// Start each document with a `-DOCSTART-` line, which carries its name. Without it the
    /// documents of what is written run into each other.
    pub mark_documents: bool,
    /// What to do with words that a row cannot hold: an empty one, one with a tab or a line end,
    /// one that reads as a document mark.
    pub unwritable: Unwritable,
    /// Write tags anew from the entities instead of as they were spelled.
    pub repair: bool,
}

ner_align_core::setters! { ConllWriterOptions {
    with_scheme: scheme: Option<Scheme>,
    with_mark_documents: mark_documents: bool,
    with_unwritable: unwritable: Unwritable,
    with_repair: repair: bool,
} }

impl Default for ConllWriterOptions {
    fn default() -> Self {
        Self { scheme: None, mark_documents: true, unwritable: Unwritable::Error, repair: false }
    }
}

impl From<&WriteOptions> for ConllWriterOptions {
    fn from(options: &WriteOptions) -> Self {
        Self {
            scheme: options.scheme,
            mark_documents: options.mark_documents,
            unwritable: options.unwritable,
            repair: options.repair,
        }
    }
}

/// Writes word, tab, tag; a blank line after each sentence; comments before it.
///
/// ```
/// use ner_align_core::{CorpusWriter, Document, Scheme, Tag};
/// use ner_align_corpus::formats::conll::{ConllWriter, ConllWriterOptions};
/// let mut builder = Document::builder();
/// builder.push_word("Madrid");
/// let document = builder.tagged(vec![Tag::parse("B-LOC")?], Scheme::Iob2)?;
/// let options =
///     ConllWriterOptions::default().with_scheme(Some(Scheme::Biluo)).with_mark_documents(false);
/// let mut out = Vec::new();
/// let mut writer = ConllWriter::new(&mut out, "out.tsv", options);
/// writer.write_document(&document)?;
/// writer.finish()?;
/// assert_eq!(out, b"Madrid\tU-LOC\n\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ConllWriter<W> {
    target: W,
    destination: Destination,
    options: ConllWriterOptions,
    /// One document's text, so that a document that cannot be written leaves nothing behind.
    out: String,
    /// The next row is the first that a reader could take for names of columns: those before it, if
    /// any, start with `#`.
    heads: bool,
}

impl<W: Write> ConllWriter<W> {
    /// Writes to any target; `name` is its path in messages. Each document is one write.
    pub fn new(target: W, name: impl Into<String>, options: ConllWriterOptions) -> Self {
        Self {
            target,
            destination: Destination::new(name),
            options,
            out: String::new(),
            heads: true,
        }
    }

    /// The target, with everything written.
    pub fn into_inner(self) -> W {
        self.target
    }

    fn mark(&mut self, document: &Document) -> Result<(), CorpusError> {
        match DocumentMark::of(document, &self.destination)? {
            DocumentMark::Comment => {}
            DocumentMark::Nameless => self.out.push_str("-DOCSTART- -X- O O\n\n"),
            DocumentMark::Named(id) => {
                self.out.push_str("-DOCSTART- (");
                self.out.push_str(id);
                self.out.push_str(")\n\n");
            }
        }
        Ok(())
    }

    /// A comment must read as one again: one line, `# ` first, no tag in its last column.
    fn comment(&mut self, comment: &str) {
        if !comment.starts_with("# ") {
            self.out.push_str("# ");
        }
        for line_end_or_tab in comment.chars() {
            let blank = matches!(line_end_or_tab, '\n' | '\r' | '\t' | '\0');
            self.out.push(if blank { ' ' } else { line_end_or_tab });
        }
        self.out.push('\n');
    }

    fn row(
        &mut self,
        word: &str,
        tags: &OutgoingTags<'_>,
        index: usize,
    ) -> Result<(), CorpusError> {
        let breaks = |c: char| matches!(c, '\t' | '\n' | '\r' | '\0');
        // An empty word is a row that starts with a tab.
        let field = WordField {
            expected: "a word without tab and line end",
            excluded: breaks,
            may_be_empty: true,
            reserved_prefix: Some(DOCSTART),
        };
        self.out.push_str(&field.write(word, self.options.unwritable, &self.destination)?);
        self.out.push('\t');
        let tag = tags.tag(index);
        // A tag of white space alone would leave a row that looks blank, or one without a tag.
        let bad = |name: &str| name.contains(breaks) || name.ends_with(' ') || is_blank(name);
        if let Some(label) = tag.label().filter(|label| bad(label.as_str())) {
            let found = format!("{:?}", label.as_str());
            return Err(self.destination.refuse(
                "unwritable-label",
                "a label that is seen, without tab and line end",
                found,
            ));
        }
        // An empty tag after a word with spaces would leave a row that looks parted by spaces. What is
        // no tag would make a comment of a row that begins so, a header of the first one, and tags of
        // words that look like them.
        let mistaken = || self.heads || word.starts_with('#') || looks_like_tag(word);
        let illegible = |spelling: &&str| {
            (is_blank(spelling) && word.contains(' '))
                || (Tag::parse(spelling).is_err() && mistaken())
        };
        match tags.spelling(index).filter(|spelling| !illegible(spelling)) {
            Some(spelling) => self.out.push_str(spelling),
            None => self.tag(tag, tags.scheme),
        }
        self.out.push('\n');
        Ok(())
    }

    fn tag(&mut self, tag: &Tag, scheme: Scheme) {
        match tag {
            Tag::Outside => self.out.push('O'),
            Tag::Missing => self.out.push('-'),
            Tag::Entity { prefix, label } => {
                self.out.push(prefix.letter(scheme));
                self.out.push('-');
                self.out.push_str(label.as_str());
            }
        }
    }

    fn sentence(
        &mut self,
        document: &Document,
        sentence: &Sentence,
        tags: &OutgoingTags<'_>,
    ) -> Result<(), CorpusError> {
        for comment in &sentence.comments {
            self.comment(comment);
        }
        for word in sentence.words.range() {
            self.row(document.word(word), tags, word)?;
            if self.heads {
                self.heads = document.word(word).starts_with('#');
            }
        }
        self.out.push('\n');
        Ok(())
    }
}

impl<W: Write> CorpusWriter for ConllWriter<W> {
    type Error = CorpusError;

    fn write_document(&mut self, document: &Document) -> Result<(), CorpusError> {
        if document.is_empty() {
            return Ok(());
        }
        let tags = OutgoingTags::new(document, self.options.scheme, self.options.repair)
            .map_err(|error| self.destination.untaggable(&error))?
            .told_by_reader();
        self.out.clear();
        if self.destination.documents == 0 && document.word(0).starts_with('\u{feff}') {
            // A reader takes away the first of these as a byte order mark.
            self.out.push('\u{feff}');
        }
        if self.options.mark_documents {
            self.mark(document)?;
        }
        for sentence in document.sentences() {
            self.sentence(document, sentence, &tags)?;
        }
        self.destination.put(&mut self.target, self.out.as_bytes())
    }

    fn finish(&mut self) -> Result<(), CorpusError> {
        self.destination.flush(&mut self.target)
    }
}

impl<W: Write + Send> FormatWriter for ConllWriter<W> {}
