//! Rows to documents, one at a time.

mod word_rows;

use std::collections::BTreeMap;
use std::io::Read;

use ner_align_core::{CorpusReader, Document, Finding, Location, Scheme, Severity};

use super::layout::Layout;
use super::options::CsvOptions;
use super::rows::Rows;
use super::sniff;
use super::sniff::Told;
use super::wide::Wide;
use crate::contract::{OffsetUnit, OnSurfaceMismatch};
use crate::formats::progress::{Fused, Progress};
use crate::formats::tagged::{TagTable, TaggedBuilder, unnamed_tags};
use crate::text::words::WordSplitter;
use crate::text::{Lines, shorten};
use crate::{CorpusError, FormatReader, Source};
use word_rows::Begins;

/// Bytes at the start of a source that show its delimiter and its scheme.
const HEAD: usize = 1 << 20;

/// Columns of the header that are named as not kept, one by one.
const MAX_OTHERS: usize = 64;

/// Reads one token a row under a header; see [the module](super) for the format.
///
/// ```
/// use ner_align_core::CorpusReader;
/// use ner_align_corpus::formats::csv::{CsvOptions, CsvReader};
/// let text = "Sentence #,Word,POS,Tag\nSentence: 1,Oslo,NNP,B-geo\n,\"\"\"\",``,O\n";
/// let mut reader = CsvReader::from_reader(text.as_bytes(), "ner.csv", CsvOptions::default())?;
/// let document = reader.read_document()?.unwrap();
/// assert_eq!((document.text(), document.entities().len()), ("Oslo \"", 1));
/// assert_eq!(reader.take_findings()[0].code, "not-kept"); // the column POS
/// # Ok::<(), ner_align_corpus::CorpusError>(())
/// ```
#[derive(Debug)]
pub struct CsvReader<R> {
    pub(super) rows: Rows<R>,
    pub(super) layout: Layout,
    /// A row is a sentence or a text.
    wide: Option<Wide>,
    pub(super) splitter: WordSplitter,
    pub(super) offsets: OffsetUnit,
    pub(super) on_surface_mismatch: OnSurfaceMismatch,
    pub(super) tag_names: Option<Vec<String>>,
    pub(super) scheme: Scheme,
    /// Sentences a document; `None`: documents end as their column says.
    pub(super) group: Option<usize>,
    pub(super) sparse_documents: bool,
    pub(super) table: TagTable,
    pub(super) progress: Progress,
    /// The names in the columns, as of the last row.
    pub(super) sentence_name: String,
    pub(super) document_name: String,
    pub(super) named_sentences: usize,
}

impl CsvReader<Box<dyn Read + Send>> {
    /// Reads a source.
    ///
    /// # Errors
    /// A source that cannot be read, or whose header lacks a column.
    pub fn new(source: Source, options: CsvOptions) -> Result<Self, CorpusError> {
        let name = source.name().to_owned();
        Self::from_reader(source.into_stream(), name, options)
    }
}

impl<R: Read> CsvReader<R> {
    /// Reads from any source; `name` is its path in messages.
    ///
    /// # Errors
    /// A source that cannot be read, or whose header lacks a column.
    pub fn from_reader(
        source: R,
        name: impl Into<String>,
        options: CsvOptions,
    ) -> Result<Self, CorpusError> {
        let CsvOptions {
            delimiter,
            columns,
            tag_names,
            words,
            offsets,
            on_surface_mismatch,
            scheme,
            sentences_per_document,
            max_findings,
            max_memory,
        } = options;
        let mut lines = Lines::new(source, name.into());
        let (head, whole) = lines.peek(HEAD)?;
        // The last line may be cut off.
        let head = if whole { head } else { head.rsplit_once('\n').map_or(head, |cut| cut.0) };
        let delimiter = sniff::delimiter(delimiter, head)?;
        let head = head.to_owned();
        let mut rows = Rows::new(lines, delimiter);
        let header: Vec<String> = match rows.header()? {
            Some(row) => row.iter().map(str::to_owned).collect(),
            None => {
                return Err(CorpusError::input("empty-file", "a header", "an empty file")
                    .at_path(rows.name()));
            }
        };
        let names: Vec<&str> = header.iter().map(String::as_str).collect();
        if names.iter().any(|name| name.contains('\r')) {
            let expected = "lines that end in LF or CRLF";
            return Err(rows
                .fault("bare-cr", expected, "CR alone", None)
                .with_hint("convert the line ends, for example with tr '\\r' '\\n'"));
        }
        let wide = Wide::of(&head, whole, delimiter, &columns);
        let layout = match wide {
            Some(Wide { text, annotation, .. }) => Layout::of_words(text, annotation),
            None => Layout::of(&names, &columns)
                .map_err(|error| error.at_path(rows.name()).at(rows.line(), None))?,
        };
        let told = match wide {
            Some(wide) => {
                let names = tag_names.as_deref();
                let (scheme, style) = sniff::look_wide(&head, delimiter, wide, names);
                Told { scheme, style, number: None, sparse_documents: false }
            }
            None => sniff::look(&head, delimiter, layout),
        };
        if let Some(number) = told.number.as_deref().filter(|_| tag_names.is_none()) {
            let column = Some(layout.tag as u64 + 1);
            return Err(unnamed_tags(number).at_path(rows.name()).at(rows.line() + 1, column));
        }
        let mut progress = Progress::new(rows.name().to_owned(), max_findings).within(max_memory);
        progress.note_style(told.style);
        if let Some(wide) = wide {
            rows.with_lines_in_fields();
            progress.note(wide.finding(&names));
        }
        let others = names.iter().enumerate().filter(|(column, _)| {
            !layout.holds(*column) && wide.is_none_or(|wide| wide.id != Some(*column))
        });
        for (column, name) in others.take(MAX_OTHERS) {
            let message =
                format!("expected words and tags, found {:?} too, not kept", shorten(name));
            let place = Location::default().with_line(rows.line()).with_column(column as u64 + 1);
            progress.note(Finding::new(Severity::Info, "not-kept", message).at(place));
        }
        let group = sentences_per_document;
        Ok(Self {
            rows,
            layout,
            wide,
            splitter: WordSplitter::new(&words)?,
            offsets,
            on_surface_mismatch,
            tag_names,
            scheme: scheme.unwrap_or(told.scheme),
            group: (layout.document.is_none() && group > 0).then_some(group),
            sparse_documents: told.sparse_documents,
            table: TagTable::of_style(told.style),
            progress,
            sentence_name: String::new(),
            document_name: String::new(),
            named_sentences: 0,
        })
    }

    /// Refuses a document that grows too large.
    pub(super) fn weigh(&self, tagged: &TaggedBuilder) -> Result<(), CorpusError> {
        let (words, text) = tagged.size();
        self.progress.weigh(words, text).map_err(|error| error.at(self.rows.line(), None))
    }

    /// The document, or `None` if it has no words, which happens at the end only.
    fn finish(&mut self, tagged: TaggedBuilder) -> Result<Option<Document>, CorpusError> {
        if tagged.is_empty() {
            if self.progress.documents == 0 {
                return Err(self.progress.empty("at least one row under the header", "none"));
            }
            if self.named_sentences > 0 {
                let count = self.named_sentences;
                let message =
                    format!("expected numbers of sentences, found {count} names, not kept");
                self.progress.note(Finding::new(Severity::Info, "not-kept", message));
            }
            return Ok(None);
        }
        let document = tagged.build(self.scheme);
        document.map(Some).map_err(|error| error.at_path(&self.progress.name))
    }
}

impl<R: Read> Fused for CsvReader<R> {
    fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        if let Some(wide) = self.wide {
            return self.next_wide(wide);
        }
        let mut tagged = TaggedBuilder::default();
        while self.rows.advance()? {
            if self.layout.sentence.is_none() && self.rows.after_blank() {
                tagged.end_sentence();
            }
            if self.rows.is_blank() {
                if self.layout.sentence.is_none() {
                    tagged.end_sentence();
                }
                continue;
            }
            let begins = self.begins()?;
            if begins != Begins::Nothing {
                tagged.end_sentence();
            }
            let full = self.group == Some(tagged.sentences());
            if full || (begins == Begins::Document && tagged.sentences() > 0) {
                self.rows.hold();
                break;
            }
            self.begin(begins, &mut tagged);
            self.row(&mut tagged)?;
            self.weigh(&tagged)?;
        }
        self.finish(tagged)
    }
}

impl<R: Read> CorpusReader for CsvReader<R> {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        self.read_fused().map_err(|error| error.in_document(self.progress.documents))
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.progress.log.take()
    }
}

impl<R: Read + Send> FormatReader for CsvReader<R> {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.progress.log.counts()
    }

    fn documents_marked(&self) -> bool {
        self.layout.document.is_some()
    }
}
