//! Rows to documents, one at a time.

use std::collections::BTreeMap;
use std::fmt;

use ner_align_core::{CorpusReader, Document, Finding, Location, Scheme, Severity};

use super::features;
use super::file::ParquetFile;
use super::layout::Layout;
use super::options::ParquetOptions;
use super::rows::{Row, Rows};
use crate::formats::progress::{Fused, Progress};
use crate::formats::tagged::{SchemeGuess, TagStyle, TagTable, TagTexts, is_default_name};
use crate::text::{shorten, words};
use crate::{CorpusError, FormatReader, Source};

/// Rows at the start of a file that show its scheme.
const HEAD: usize = 5_000;

/// Columns that are named as not kept, one by one.
const MAX_OTHERS: usize = 64;

/// Reads rows of tokens and tags; see [the module](super) for the format.
///
/// Memory holds a page of each column, and one document, at a time.
pub struct ParquetReader {
    rows: Rows,
    scheme: Scheme,
    /// Rows a document; `None`: documents end as their ids say.
    group: Option<usize>,
    table: TagTable,
    progress: Progress,
    /// The row that begins the next document.
    held: Option<Row>,
    unkept_texts: usize,
    empty_rows: usize,
}

impl fmt::Debug for ParquetReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetReader").field("name", &self.progress.name).finish_non_exhaustive()
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
        let file = ParquetFile::open(source, options.max_memory)?;
        let layout = Layout::of(file.metadata.file_metadata().schema_descr(), &options.columns)
            .map_err(|error| error.at_path(&file.name))?;
        let mut progress =
            Progress::new(file.name.clone(), options.max_findings).within(options.max_memory);
        for name in layout.others.iter().take(MAX_OTHERS) {
            let message = format!("expected tokens and tags, found {name:?} too, not kept");
            progress.note(Finding::new(Severity::Info, "not-kept", message));
        }
        let marked = layout.id.is_some();
        let metadata = file.metadata.file_metadata().key_value_metadata();
        let names = options.tag_names.or_else(|| features::names(metadata, &layout.tags_name));
        let mut rows = Rows::new(file, layout, names);
        let (told, style) = told(&mut rows);
        let scheme = options.scheme.unwrap_or(told);
        progress.note_style(style);
        let group = options.sentences_per_document;
        Ok(Self {
            rows,
            scheme,
            group: (!marked && group > 0).then_some(group),
            table: TagTable::of_style(style),
            progress,
            held: None,
            unkept_texts: 0,
            empty_rows: 0,
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

    fn document(&mut self, mut rows: Vec<Row>) -> Result<Document, CorpusError> {
        let mut tags = TagTexts::default();
        for (sentence, row) in rows.iter().enumerate() {
            for (token, text) in row.tags.iter().enumerate() {
                let text = text.as_deref().unwrap_or("-");
                if let Some(fault) = tags.push(&mut self.table, text) {
                    let place = Location::default().with_sentence(sentence).with_token(token);
                    self.progress.note_in_document(fault.finding(text).at(place));
                }
            }
        }
        let id = rows.first_mut().and_then(|row| row.id.take());
        let id = id.filter(|id| !is_default_name(id, self.progress.documents));
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
        tags.set_on(&mut document, self.scheme)
            .map_err(|error| CorpusError::input("document", "one tag a word", error.to_string()))?;
        document.set_id(id);
        Ok(document)
    }

    /// The document over the row's text, if the text contains the tokens.
    fn exact(&mut self, row: &mut Row) -> Option<Document> {
        let text = row.text.take()?;
        let found = words::locate(&text, row.tokens.iter().map(String::as_str))
            .and_then(|words| Document::from_text(text.as_str(), words).ok());
        if found.is_none() {
            let message = format!(
                "expected a text with the tokens in it, found {:?}, read as the tokens",
                shorten(&text)
            );
            let finding = Finding::new(Severity::Warning, "text-without-tokens", message);
            self.progress.note_in_document(finding);
        }
        let mut document = found?;
        // A row is a sentence.
        document.set_sentence_starts(&[]);
        Some(document)
    }

    fn at_end(&mut self) -> Result<Option<Document>, CorpusError> {
        if self.progress.documents == 0 {
            let found = if self.empty_rows > 0 { "rows without tokens" } else { "none" };
            return Err(self.progress.empty("at least one row with tokens", found));
        }
        let counts = [
            ("empty-row", self.empty_rows, "rows without tokens, left out"),
            ("not-kept", self.unkept_texts, "texts of rows that are part of a document, not kept"),
        ];
        for (code, count, what) in counts.into_iter().filter(|(_, count, _)| *count > 0) {
            let message = format!("expected tokens and tags, found {count} {what}");
            self.progress.note(Finding::new(Severity::Info, code, message));
        }
        Ok(None)
    }
}

/// The scheme of the first rows, and how their tags are spelled. Their faults are reported when they are
/// read again.
fn told(rows: &mut Rows) -> (Scheme, TagStyle) {
    let mut look = |mut guess: SchemeGuess| {
        for _ in 0..HEAD {
            let Ok(Some(row)) = rows.next_row() else { break };
            row.tags.iter().for_each(|text| guess.push(text.as_deref().unwrap_or("-")));
            guess.end_sentence();
        }
        rows.rewind();
        guess
    };
    let mut guess = look(SchemeGuess::default());
    let style = guess.style();
    if style != TagStyle::default() {
        guess = look(SchemeGuess::default().in_style(style));
    }
    (guess.scheme(), style)
}

impl Fused for ParquetReader {
    fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        let mut of_one = Vec::new();
        let (mut words, mut text) = (0, 0);
        while let Some(row) = self.next_row()? {
            let full = self.group == Some(of_one.len());
            let other = self.rows.has_id()
                && of_one.last().is_some_and(|last: &Row| last.id.is_none() || last.id != row.id);
            if full || other {
                self.held = Some(row);
                break;
            }
            words += row.tokens.len();
            text += row.tokens.iter().map(String::len).sum::<usize>();
            text += row.text.as_ref().map_or(0, String::len);
            text += row.tags.iter().flatten().map(|tag| tag.len()).sum::<usize>();
            self.progress.weigh(words, text)?;
            of_one.push(row);
        }
        if of_one.is_empty() {
            return self.at_end();
        }
        self.document(of_one).map(Some)
    }
}

impl CorpusReader for ParquetReader {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        let next = self.read_fused();
        next.map_err(|e| e.at_path(&self.progress.name).in_document(self.progress.documents))
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.progress.log.take()
    }
}

impl FormatReader for ParquetReader {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.progress.log.counts()
    }

    fn documents_marked(&self) -> bool {
        self.rows.has_id()
    }
}
