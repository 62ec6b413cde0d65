//! Columns to documents, one at a time.

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use ner_align_core::{CorpusReader, Document, Finding, Scheme, Severity};

use super::brackets::Brackets;
use super::hash_lines;
use super::layout::{self, Annotation, Layout};
use super::options::ConllOptions;
use super::sniff;
use crate::contract::Delimiter;
mod levels;
mod rows;

use self::levels::{Levels, missing_with_levels};
use self::rows::Line;
use crate::formats::progress::{Fused, Progress};
use crate::formats::tagged::{
    DOCSTART, TagStyle, TagTable, TaggedBuilder, document_id, is_blank, scheme_and_style,
};
use crate::text::{Lines, shorten};
use crate::{CorpusError, FormatReader, Source};

/// Bytes at the start of a source that show its columns, scheme and document marks.
const HEAD: usize = 1 << 20;

/// Reads one token a line; see [the module](super) for the format.
///
/// Memory holds one document and a block of the source at a time.
///
/// ```
/// use ner_align_core::CorpusReader;
/// use ner_align_corpus::formats::conll::{ConllOptions, ConllReader};
/// let text = "EU\tB-ORG\nrejects\tO\n\nIn\tO\nMay\tTIM\n";
/// let mut reader = ConllReader::from_reader(text.as_bytes(), "train.tsv", ConllOptions::default())?;
/// let first = reader.read_document()?.unwrap();
/// assert_eq!((first.text(), first.entities().len()), ("EU rejects", 1));
/// let second = reader.read_document()?.unwrap();
/// assert_eq!(second.entities()[0].label.as_str(), "TIM");
/// let findings = reader.take_findings();
/// assert_eq!((findings[0].code.as_str(), findings[0].location.line), ("tag-without-prefix", Some(5)));
/// assert!(reader.read_document()?.is_none());
/// # Ok::<(), ner_align_corpus::CorpusError>(())
/// ```
#[derive(Debug)]
pub struct ConllReader<R> {
    lines: Lines<R>,
    delimiter: Delimiter,
    layout: Layout,
    tag_names: Vec<String>,
    scheme: Scheme,
    /// Sentences a document where none is marked; `None`: documents end at their marks.
    group: Option<usize>,
    /// Where the word is in the first and the tag in the last column: what parts them, a tab or a space.
    pairs: Option<u8>,
    marked: bool,
    tabs: bool,
    table: TagTable,
    progress: Progress,
    fields: Vec<Range<usize>>,
    /// Number of columns of the first row, 0 before it.
    width: usize,
    /// The name that the mark just read gives to the document that follows it.
    next_id: Option<String>,
    comments: Vec<String>,
    /// A comment in another form than the usual one was met.
    other_comments: bool,
    /// The number of the sentence being read, where a column has it.
    sentence_number: String,
    brackets: Brackets,
    levels: Levels,
    /// Words and bytes of the document read last.
    last_size: (usize, usize),
}

/// The scheme and the spelling of tags that have numbers.
fn named_scheme(names: &[String]) -> (Scheme, TagStyle) {
    scheme_and_style(usize::MAX, |guess| {
        for name in names {
            guess.push(name);
            guess.end_sentence();
        }
    })
}

impl ConllReader<Box<dyn Read + Send>> {
    /// Reads a source, and looks through its file, if it has one, for document marks.
    ///
    /// # Errors
    /// A source that cannot be read.
    pub fn new(source: Source, options: ConllOptions) -> Result<Self, CorpusError> {
        let file = source.plain_file().map(Path::to_owned);
        let name = source.name().to_owned();
        let mut reader = Self::from_reader(source.into_stream(), name, options)?;
        // The head says nothing of marks further on. A stream cannot be read twice; there the
        // first mark, if it is that late, is met when it comes.
        if reader.group.is_some()
            && let Some(file) = file
            && sniff::file_has_marks(&file)?
        {
            reader.marked = true;
            reader.group = None;
        }
        Ok(reader)
    }
}

impl<R: Read> ConllReader<R> {
    /// Reads from any source; `name` is its path in messages. The source is read up to the first
    /// MiB at once to find out about its columns and its scheme; buffering is done here.
    ///
    /// # Errors
    /// A source that cannot be read.
    pub fn from_reader(
        source: R,
        name: impl Into<String>,
        options: ConllOptions,
    ) -> Result<Self, CorpusError> {
        let mut lines = Lines::new(source, name.into());
        let name = lines.name().to_owned();
        let (head, whole) = lines.peek(HEAD)?;
        // The last line may be cut off.
        let head = if whole { head } else { head.rsplit_once('\n').map_or(head, |cut| cut.0) };
        let mut progress = Progress::new(name, options.max_findings).within(options.max_memory);
        let (layout, findings) =
            layout::decide(head, &options).map_err(|error| error.at_path(&progress.name))?;
        findings.into_iter().for_each(|finding| progress.note(finding));
        let bracketed = matches!(layout.annotation, Annotation::Brackets | Annotation::Ontonotes);
        let (scheme, style) = match layout.annotation {
            Annotation::Tags => sniff::scheme(head, options.delimiter, &layout),
            _ if bracketed => (Scheme::Iob2, TagStyle::default()),
            _ => named_scheme(options.tag_names.as_deref().unwrap_or_default()),
        };
        progress.note_style(style);
        let tabs = match options.delimiter {
            Delimiter::Auto => sniff::has_tabs(head),
            Delimiter::Tab => true,
            Delimiter::Space | Delimiter::Char(_) => false,
        };
        let keyed = |line| hash_lines::hipe_document(line).is_some();
        let marked = sniff::has_marks(head.as_bytes(), true)
            || hash_lines::has_begin(head)
            || layout.hipe && sniff::lines(head).any(keyed);
        let plain = layout.annotation == Annotation::Tags;
        Ok(Self {
            lines,
            delimiter: options.delimiter,
            tag_names: options.tag_names.unwrap_or_default(),
            scheme: options.scheme.filter(|_| !bracketed).unwrap_or(scheme),
            group: (!marked && options.sentences_per_document > 0)
                .then_some(options.sentences_per_document),
            pairs: (plain
                && options.more_tag_columns.is_empty()
                && (layout.token, layout.tag) == (0, -1))
                .then_some(options.delimiter)
                .and_then(|delimiter| match delimiter {
                    Delimiter::Auto => Some(if tabs { b'\t' } else { b' ' }),
                    Delimiter::Tab => Some(b'\t'),
                    Delimiter::Space => Some(b' '),
                    Delimiter::Char(_) => None,
                }),
            marked,
            tabs,
            table: TagTable::of_style(style).unannotated(layout.annotation == Annotation::Nothing),
            layout,
            progress,
            fields: Vec::new(),
            width: 0,
            next_id: None,
            comments: Vec::new(),
            other_comments: false,
            sentence_number: String::new(),
            brackets: Brackets::default(),
            levels: Levels::new(options.more_tag_columns),
            last_size: (0, 0),
        })
    }

    /// The scheme that the tags are read in.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The document, or `None` if it has no words, which happens at the end only.
    fn finish(&mut self, tagged: TaggedBuilder) -> Result<Option<Document>, CorpusError> {
        if tagged.is_empty() {
            return self.at_end();
        }
        let mut document = tagged.build(self.scheme).map_err(|e| e.at_path(&self.progress.name))?;
        if matches!(self.layout.annotation, Annotation::Brackets | Annotation::Ontonotes) {
            let brackets = std::mem::take(&mut self.brackets);
            brackets.set_on(&mut document).map_err(|error| {
                CorpusError::input("document", "entities that fit", error.to_string())
                    .at_path(&self.progress.name)
            })?;
        }
        if !self.levels.columns.is_empty() {
            let refuse = |error: ner_align_core::DocumentError| {
                CorpusError::input("document", "entities that fit", error.to_string())
                    .at_path(&self.progress.name)
            };
            let missing = self.levels.set_on(&mut document, self.scheme).map_err(refuse)?;
            if missing > 0 {
                self.progress.note_in_document(missing_with_levels(missing));
            }
        }
        self.last_size = (document.len(), document.text().len());
        Ok(Some(document))
    }

    /// There is no further word.
    fn at_end(&mut self) -> Result<Option<Document>, CorpusError> {
        if self.progress.documents == 0 {
            let found =
                if self.lines.number() == 0 { "an empty file" } else { "a file without tokens" };
            return Err(self.progress.empty("at least one row with a token", found));
        }
        for comment in self.comments.drain(..) {
            let message = "expected a sentence after the comment, found the end of the file";
            let finding = Finding::new(Severity::Info, "trailing-comment", message);
            self.progress.note(finding.with_text(shorten(&comment)));
        }
        Ok(None)
    }
}

impl<R: Read> Fused for ConllReader<R> {
    fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    fn line_of(&self, document: &Document, word: usize) -> Option<u64> {
        // A word is a row.
        let sentences = document.sentences();
        let sentence =
            sentences.get(sentences.partition_point(|sentence| sentence.words.end <= word))?;
        Some(sentence.line? + (word - sentence.words.start) as u64)
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        // Documents are about as long as the one before.
        let (words, bytes) = self.last_size;
        let mut tagged = TaggedBuilder::with_capacity(words, bytes);
        tagged.builder.set_id(self.next_id.take());
        while let Some(line) = self.lines.next_line()? {
            if is_blank(line) {
                self.end_sentence(&mut tagged);
                if self.group == Some(tagged.sentences()) {
                    break;
                }
                continue;
            }
            let mark = if line.starts_with(DOCSTART) {
                Some(document_id(line).map(str::to_owned))
            } else if line.starts_with('#') {
                match self.hash_line(&mut tagged)? {
                    Line::Row => None,
                    Line::Comment => continue,
                    Line::Mark(id) => Some(id),
                }
            } else if self.layout.header.as_deref() == Some(line) {
                continue;
            } else {
                None
            };
            let Some(id) = mark else {
                if self.layout.sentence.is_some() && self.begins_sentence(&tagged) {
                    self.end_sentence(&mut tagged);
                    if self.group == Some(tagged.sentences()) {
                        self.lines.hold();
                        break;
                    }
                }
                self.row(&mut tagged)?;
                continue;
            };
            let docstart = self.lines.current().starts_with(DOCSTART);
            self.marked = true;
            self.group = None;
            if tagged.is_empty() {
                // A comment may name the document that `-DOCSTART-` began.
                if id.is_some() || docstart {
                    tagged.builder.set_id(id);
                }
                continue;
            }
            self.next_id = id;
            break;
        }
        self.end_sentence(&mut tagged);
        self.finish(tagged)
    }
}

impl<R: Read> CorpusReader for ConllReader<R> {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        self.read_fused()
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.progress.log.take()
    }
}

impl<R: Read + Send> FormatReader for ConllReader<R> {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.progress.log.counts()
    }

    fn documents_marked(&self) -> bool {
        self.marked
    }
}
