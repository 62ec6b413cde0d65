//! Rows to documents, one at a time.

use std::collections::BTreeMap;
use std::io::Read;

use ner_align_core::{CorpusReader, Document, Finding, Location, Scheme, Severity};

use super::layout::Layout;
use super::rows::Rows;
use super::{SENTENCE, sniff};
use crate::contract::CsvColumns;
use crate::contract::Delimiter;
use crate::formats::tagged::Partial;
use crate::formats::tagged::RowPlace;
use crate::formats::tagged::TagTable;
use crate::formats::tagged::is_default_name;
use crate::text::Lines;
use crate::text::shorten;
use crate::{CorpusError, DEFAULT_MAX_FINDINGS, FindingLog, FormatReader, ReadOptions, Source};

/// Bytes at the start of a source that its delimiter and its scheme are told from.
const HEAD: usize = 1 << 20;

/// Columns of the header that are named as not kept, one by one.
const MAX_OTHERS: usize = 64;

/// How a table is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvOptions {
    /// What parts the columns; [`Delimiter::Space`] is none.
    pub delimiter: Delimiter,
    /// The names of the columns.
    pub columns: CsvColumns,
    /// The scheme of the tags. `None`: the one that fits the first MiB best.
    pub scheme: Option<Scheme>,
    /// Without a column of documents, this many sentences make one; 0: all of them.
    pub sentences_per_document: usize,
    /// Findings kept; those beyond are only counted.
    pub max_findings: usize,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            delimiter: Delimiter::Auto,
            columns: CsvColumns::default(),
            scheme: None,
            sentences_per_document: 1,
            max_findings: DEFAULT_MAX_FINDINGS,
        }
    }
}

impl From<&ReadOptions> for CsvOptions {
    fn from(options: &ReadOptions) -> Self {
        Self {
            delimiter: options.delimiter,
            columns: options.columns.clone(),
            scheme: options.scheme,
            sentences_per_document: options.sentences_per_document,
            max_findings: options.max_findings,
        }
    }
}

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
    rows: Rows<R>,
    layout: Layout,
    scheme: Scheme,
    /// Sentences a document; `None`: documents end as their column says.
    group: Option<usize>,
    sparse_documents: bool,
    table: TagTable,
    log: FindingLog,
    /// The names in the columns, as of the last row.
    sentence_name: String,
    document_name: String,
    named_sentences: usize,
    document: usize,
    done: bool,
}

/// What a row begins.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Begins {
    Nothing,
    Sentence,
    Document,
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
        let CsvOptions { delimiter, columns, scheme, sentences_per_document, max_findings } =
            options;
        let mut lines = Lines::new(source, name.into());
        let (head, whole) = lines.peek(HEAD)?;
        // The last line may be cut off.
        let head = if whole { head } else { head.rsplit_once('\n').map_or(head, |cut| cut.0) };
        let delimiter =
            sniff::delimiter(delimiter, head).map_err(|error| error.at_path("--delimiter"))?;
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
        let layout = Layout::of(&names, &columns)
            .map_err(|error| error.at_path(rows.name()).at(rows.line(), None))?;
        let told = sniff::look(&head, delimiter, layout);
        let mut log = FindingLog::new(max_findings);
        let others = names.iter().enumerate().filter(|(column, _)| !layout.holds(*column));
        for (column, name) in others.take(MAX_OTHERS) {
            let message =
                format!("expected words and tags, found {:?} too, not kept", shorten(name));
            let finding = Finding::new(Severity::Info, "not-kept", message).at(Location::file(
                rows.name().to_owned(),
            )
            .with_line(rows.line())
            .with_column(column as u64 + 1));
            log.push(finding);
        }
        let group = sentences_per_document;
        Ok(Self {
            rows,
            layout,
            scheme: scheme.unwrap_or(told.scheme),
            group: (layout.document.is_none() && group > 0).then_some(group),
            sparse_documents: told.sparse_documents,
            table: TagTable::default(),
            log,
            sentence_name: String::new(),
            document_name: String::new(),
            named_sentences: 0,
            document: 0,
            done: false,
        })
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        let mut partial = Partial::default();
        while self.rows.advance()? {
            if self.layout.sentence.is_none() && self.rows.after_blank() {
                partial.end_sentence();
            }
            if self.rows.is_blank() {
                if self.layout.sentence.is_none() {
                    partial.end_sentence();
                }
                continue;
            }
            let begins = self.begins()?;
            if begins != Begins::Nothing {
                partial.end_sentence();
            }
            let full = self.group.is_some_and(|group| partial.sentences == group);
            if full || (begins == Begins::Document && partial.sentences > 0) {
                self.rows.hold();
                break;
            }
            self.begin(begins, &mut partial);
            self.row(&mut partial);
        }
        partial.end_sentence();
        self.finish(partial)
    }

    /// What the row begins, as its names say.
    fn begins(&self) -> Result<Begins, CorpusError> {
        let name =
            |column: Option<usize>| column.map_or("", |column| self.rows.field(column).trim());
        if let Some(column) = self.layout.document {
            let document = name(Some(column));
            let another = document != self.document_name || self.sparse_documents;
            if !document.is_empty() && another {
                return Ok(Begins::Document);
            }
            if self.document_name.is_empty() {
                return Err(self.nameless("document", column));
            }
        }
        let Some(column) = self.layout.sentence else { return Ok(Begins::Nothing) };
        let sentence = name(Some(column));
        if !sentence.is_empty() && sentence != self.sentence_name {
            return Ok(Begins::Sentence);
        }
        if sentence.is_empty() && self.sentence_name.is_empty() {
            return Err(self.nameless("sentence", column));
        }
        Ok(Begins::Nothing)
    }

    fn nameless(&self, what: &str, column: usize) -> CorpusError {
        let found = "an empty field before the first one that is not";
        let expected = format!("the name of a {what} on its first row");
        self.rows
            .fault("no-name", &expected, found, Some(column + 1))
            .with_hint(format!("fill it in, or name another column with --columns {what}=NAME"))
    }

    /// Takes note of what the row begins.
    fn begin(&mut self, begins: Begins, partial: &mut Partial) {
        if begins == Begins::Nothing {
            return;
        }
        if let Some(column) = self.layout.sentence {
            let name = self.rows.field(column).trim();
            if !name.is_empty() {
                let numbered = name.strip_prefix(SENTENCE).unwrap_or(name);
                let number = numbered.trim().strip_suffix(".0").unwrap_or(numbered);
                self.named_sentences += usize::from(number.trim().parse::<u64>().is_err());
                name.clone_into(&mut self.sentence_name);
            }
        }
        if begins == Begins::Document
            && let Some(column) = self.layout.document
        {
            let name = self.rows.field(column).trim();
            let nameless = is_default_name(name, self.document);
            partial.builder.set_id((!nameless).then(|| name.to_owned()));
            name.clone_into(&mut self.document_name);
        }
    }

    /// Takes the row that was read last.
    fn row(&mut self, partial: &mut Partial) {
        let Layout { word: word_column, tag: tag_column, .. } = self.layout;
        let (word, text) = (self.rows.field(word_column), self.rows.field(tag_column).trim());
        let reading = self.table.read(text);
        let place = RowPlace {
            path: self.rows.name(),
            line: self.rows.line(),
            document: self.document,
            sentence: partial.sentences,
            token: partial.tags.len() - partial.start,
        };
        if word.is_empty() {
            self.log.push(place.empty_token(word_column));
        }
        if word.contains(['\n', '\r']) {
            let message = "expected a word on one line, found a line end in it, which is kept";
            let finding = Finding::new(Severity::Warning, "line-end-in-word", message)
                .with_text(shorten(word));
            self.log.push(place.of(finding, Some(word_column)));
        }
        if let Some(fault) = reading.fault {
            self.log.push(place.of(fault.finding(text), Some(tag_column)));
            partial.spellings.push((partial.tags.len(), text.into()));
        }
        if partial.tags.len() == partial.start {
            partial.builder.set_line(self.rows.line());
        }
        partial.builder.push_word(word);
        partial.tags.push(reading.tag.clone());
    }

    /// The document, or `None` if it has no words, which happens at the end only.
    fn finish(&mut self, partial: Partial) -> Result<Option<Document>, CorpusError> {
        if partial.tags.is_empty() {
            self.done = true;
            if self.document == 0 {
                let expected = "at least one row under the header";
                return Err(
                    CorpusError::input("empty-file", expected, "none").at_path(self.rows.name())
                );
            }
            if self.named_sentences > 0 {
                let count = self.named_sentences;
                let message =
                    format!("expected numbers of sentences, found {count} names, not kept");
                let finding = Finding::new(Severity::Info, "not-kept", message)
                    .at(Location::file(self.rows.name().to_owned()));
                self.log.push(finding);
            }
            return Ok(None);
        }
        let mut document = partial.builder.tagged(partial.tags, self.scheme).map_err(|error| {
            CorpusError::input("document", "one tag a word", error.to_string())
                .at_path(self.rows.name())
        })?;
        document.set_spellings(partial.spellings);
        self.document += 1;
        Ok(Some(document))
    }
}

impl<R: Read> CorpusReader for CsvReader<R> {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        if self.done {
            return Ok(None);
        }
        let next = self.next_document().map_err(|error| error.in_document(self.document));
        self.done |= next.is_err();
        next
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.log.take()
    }
}

impl<R: Read + Send> FormatReader for CsvReader<R> {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.log.counts()
    }

    fn documents_marked(&self) -> bool {
        self.layout.document.is_some()
    }
}
