//! Rows to documents, one at a time.

use std::collections::BTreeMap;
use std::fmt;

use ner_align_core::{CorpusReader, Document, Finding, Location, Scheme, SchemeDetector, Severity};

use super::features;
use super::file::ParquetFile;
use super::layout::Layout;
use super::rows::{Row, Rows};
use crate::formats::tagged::TagTable;
use crate::formats::tagged::is_default_name;
use crate::text::{shorten, words};
use crate::{CorpusError, DEFAULT_MAX_FINDINGS, FindingLog, FormatReader, ReadOptions, Source};

/// Rows at the start of a file that its scheme is told from.
const HEAD: usize = 5_000;

/// Columns that are named as not kept, one by one.
const MAX_OTHERS: usize = 64;

/// How Parquet is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParquetOptions {
    /// The scheme of the tags. `None`: the one that fits the first 5,000 rows best.
    pub scheme: Option<Scheme>,
    /// The names of tags that are given as numbers, from 0. `None`: those in the file's metadata.
    pub tag_names: Option<Vec<String>>,
    /// Without a column `id`, this many rows make a document; 0: all of them.
    pub sentences_per_document: usize,
    /// Findings kept; those beyond are only counted.
    pub max_findings: usize,
}

impl Default for ParquetOptions {
    fn default() -> Self {
        Self {
            scheme: None,
            tag_names: None,
            sentences_per_document: 1,
            max_findings: DEFAULT_MAX_FINDINGS,
        }
    }
}

impl From<&ReadOptions> for ParquetOptions {
    fn from(options: &ReadOptions) -> Self {
        Self {
            scheme: options.scheme,
            tag_names: options.tag_names.clone(),
            sentences_per_document: options.sentences_per_document,
            max_findings: options.max_findings,
        }
    }
}

/// Reads rows of tokens and tags; see [the module](super) for the format.
///
/// Memory holds a page of each column, and one document, at a time.
pub struct ParquetReader {
    rows: Rows,
    scheme: Scheme,
    /// Rows a document; `None`: documents end as their ids say.
    group: Option<usize>,
    table: TagTable,
    log: FindingLog,
    /// The row that begins the next document.
    held: Option<Row>,
    unkept_texts: usize,
    empty_rows: usize,
    document: usize,
    done: bool,
}

impl fmt::Debug for ParquetReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetReader").field("name", &self.rows.name()).finish_non_exhaustive()
    }
}

impl ParquetReader {
    /// Reads a source. One that is no plain file, such as a stream, is first written to a temporary
    /// file, since the end of it is needed before its start.
    ///
    /// # Errors
    /// A source that cannot be read or is no Parquet, whose columns are others, or whose tags are
    /// numbers without names.
    pub fn new(source: Source, options: ParquetOptions) -> Result<Self, CorpusError> {
        let file = ParquetFile::open(source)?;
        let layout = Layout::of(file.metadata.file_metadata().schema_descr())
            .map_err(|error| error.at_path(&file.name))?;
        let mut log = FindingLog::new(options.max_findings);
        for name in layout.others.iter().take(MAX_OTHERS) {
            let message = format!("expected tokens and tags, found {name:?} too, not kept");
            let finding = Finding::new(Severity::Info, "not-kept", message)
                .at(Location::file(file.name.clone()));
            log.push(finding);
        }
        let marked = layout.id.is_some();
        let metadata = file.metadata.file_metadata().key_value_metadata();
        let names = options.tag_names.or_else(|| features::names(metadata, &layout.tags_name));
        let mut rows = Rows::new(file, layout, names);
        let scheme = match options.scheme {
            Some(scheme) => scheme,
            None => {
                let scheme = told(&mut rows);
                rows.rewind();
                scheme
            }
        };
        let group = options.sentences_per_document;
        Ok(Self {
            rows,
            scheme,
            group: (!marked && group > 0).then_some(group),
            table: TagTable::default(),
            log,
            held: None,
            unkept_texts: 0,
            empty_rows: 0,
            document: 0,
            done: false,
        })
    }

    fn next_row(&mut self) -> Result<Option<Row>, CorpusError> {
        if let Some(row) = self.held.take() {
            return Ok(Some(row));
        }
        while let Some(row) = self.rows.next_row()? {
            if !row.tokens.is_empty() {
                return Ok(Some(row));
            }
            self.empty_rows += 1;
        }
        Ok(None)
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        let mut of_one = Vec::new();
        while let Some(row) = self.next_row()? {
            let full = self.group == Some(of_one.len());
            let other = self.rows.has_id()
                && of_one.last().is_some_and(|last: &Row| last.id.is_none() || last.id != row.id);
            if full || other {
                self.held = Some(row);
                break;
            }
            of_one.push(row);
        }
        if of_one.is_empty() {
            return self.at_end();
        }
        let document = self.document(of_one)?;
        self.document += 1;
        Ok(Some(document))
    }

    fn document(&mut self, mut rows: Vec<Row>) -> Result<Document, CorpusError> {
        let misfit = |error: &dyn fmt::Display| {
            CorpusError::input("document", "one tag a word", error.to_string())
        };
        let (mut tags, mut spellings) = (Vec::new(), Vec::new());
        for (sentence, row) in rows.iter().enumerate() {
            for (token, text) in row.tags.iter().enumerate() {
                let text = text.as_deref().unwrap_or("-");
                let reading = self.table.read(text);
                if let Some(fault) = reading.fault {
                    let finding =
                        fault.finding(text).at(Location::file(self.rows.name().to_owned())
                            .with_document(self.document)
                            .with_sentence(sentence)
                            .with_token(token));
                    self.log.push(finding);
                    spellings.push((tags.len(), text.into()));
                }
                tags.push(reading.tag.clone());
            }
        }
        let id = rows.first_mut().and_then(|row| row.id.take());
        let id = id.filter(|id| !is_default_name(id, self.document));
        let exact = match rows.as_mut_slice() {
            [row] => self.exact(row),
            more => {
                self.unkept_texts += more.iter().filter(|row| row.text.is_some()).count();
                None
            }
        };
        let mut document = exact.unwrap_or_else(|| {
            let mut builder = Document::builder();
            for row in &rows {
                row.tokens.iter().for_each(|token| builder.push_word(token));
                builder.end_sentence();
            }
            builder.untagged()
        });
        document.set_tags(tags, self.scheme).map_err(|error| misfit(&error))?;
        document.set_spellings(spellings);
        document.set_id(id);
        Ok(document)
    }

    /// The document over the row's text, if its tokens lie in it.
    fn exact(&mut self, row: &mut Row) -> Option<Document> {
        let text = row.text.take()?;
        let found = words::locate(&text, row.tokens.iter().map(String::as_str))
            .and_then(|words| Document::from_text(text.as_str(), words).ok());
        if found.is_none() {
            let message = format!(
                "expected a text with the tokens in it, found {:?}, read as the tokens",
                shorten(&text)
            );
            let finding = Finding::new(Severity::Warning, "text-without-tokens", message)
                .at(Location::file(self.rows.name().to_owned()).with_document(self.document));
            self.log.push(finding);
        }
        let mut document = found?;
        // A row is a sentence.
        document.set_sentence_starts(&[]);
        Some(document)
    }

    fn at_end(&mut self) -> Result<Option<Document>, CorpusError> {
        if self.document == 0 {
            let found = if self.empty_rows > 0 { "rows without tokens" } else { "none" };
            return Err(CorpusError::input("empty-file", "at least one row with tokens", found)
                .at_path(self.rows.name()));
        }
        let counts = [
            ("empty-row", self.empty_rows, "rows without tokens, left out"),
            ("not-kept", self.unkept_texts, "texts of rows that are part of a document, not kept"),
        ];
        for (code, count, what) in counts.into_iter().filter(|(_, count, _)| *count > 0) {
            let message = format!("expected tokens and tags, found {count} {what}");
            let finding = Finding::new(Severity::Info, code, message)
                .at(Location::file(self.rows.name().to_owned()));
            self.log.push(finding);
        }
        Ok(None)
    }
}

/// The scheme of the first rows. What is wrong with them is told when they are read again.
fn told(rows: &mut Rows) -> Scheme {
    let mut detector = SchemeDetector::default();
    let mut table = TagTable::default();
    for _ in 0..HEAD {
        let Ok(Some(row)) = rows.next_row() else { break };
        let mut tags = Vec::with_capacity(row.tags.len());
        for text in row.tags {
            let reading = table.read(text.as_deref().unwrap_or("-"));
            if reading.biluo {
                detector.saw_biluo_letter();
            }
            tags.push(reading.tag.clone());
        }
        detector.observe(&tags);
    }
    detector.scheme()
}

impl CorpusReader for ParquetReader {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        if self.done {
            return Ok(None);
        }
        let next = self
            .next_document()
            .map_err(|error| error.at_path(self.rows.name()).in_document(self.document));
        self.done = !matches!(next, Ok(Some(_)));
        next
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.log.take()
    }
}

impl FormatReader for ParquetReader {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.log.counts()
    }

    fn documents_marked(&self) -> bool {
        self.rows.has_id()
    }
}
