//! The rows of a file, as text.

use std::borrow::Cow;
use std::sync::Arc;

use parquet::errors::ParquetError;

use super::column::{Cell, Column};
use super::file::{ParquetFile, damaged};
use super::layout::Layout;
use crate::CorpusError;
use crate::io::{ALWAYS_FINE, MAX_RATIO};
use crate::text::MAX_LINE_BYTES;

/// A row.
pub(super) struct Row {
    pub(super) id: Option<String>,
    pub(super) text: Option<String>,
    pub(super) tokens: Vec<String>,
    /// Tags as they are spelled or named; `None`: a token without annotation.
    pub(super) tags: Vec<Option<Arc<str>>>,
}

/// The columns of a row group.
struct Group {
    tokens: Column,
    tags: Column,
    id: Option<Column>,
    text: Option<Column>,
}

/// The rows of a file, one row group after the other.
pub(super) struct Rows {
    file: ParquetFile,
    layout: Layout,
    names: Option<Vec<Arc<str>>>,
    group: Option<Group>,
    /// The row group after the open one.
    next: usize,
    /// Rows that were read.
    count: u64,
    /// Bytes of text that the rows came to.
    bytes: u64,
}

impl Rows {
    pub(super) fn new(file: ParquetFile, layout: Layout, names: Option<Vec<String>>) -> Self {
        let names = names.map(|names| names.into_iter().map(Arc::from).collect());
        Self { file, layout, names, group: None, next: 0, count: 0, bytes: 0 }
    }

    pub(super) const fn has_id(&self) -> bool {
        self.layout.id.is_some()
    }

    /// Goes back to the first row.
    pub(super) fn rewind(&mut self) {
        (self.group, self.next, self.count, self.bytes) = (None, 0, 0, 0);
    }

    /// The next row; `None` after the last.
    pub(super) fn next_row(&mut self) -> Result<Option<Row>, CorpusError> {
        loop {
            if self.group.is_none() {
                if self.next == self.file.metadata.num_row_groups() {
                    return Ok(None);
                }
                self.group = Some(self.open(self.next)?);
                self.next += 1;
            }
            if self.advance()? {
                self.count += 1;
                return self.row().map(Some);
            }
            self.group = None;
        }
    }

    fn open(&self, group: usize) -> Result<Group, CorpusError> {
        let schema = self.file.metadata.file_metadata().schema_descr();
        let column = |leaf: usize| {
            let pages = self.file.pages(group, leaf);
            let column = pages.and_then(|pages| Column::new(schema.column(leaf), pages));
            column.map_err(|error| self.damaged(leaf, &error))
        };
        let Layout { tokens, tags, id, text, .. } = self.layout;
        Ok(Group {
            tokens: column(tokens)?,
            tags: column(tags)?,
            id: id.map(column).transpose()?,
            text: text.map(column).transpose()?,
        })
    }

    fn damaged(&self, leaf: usize, error: &ParquetError) -> CorpusError {
        let schema = self.file.metadata.file_metadata().schema_descr();
        let path = schema.columns().get(leaf).map_or_else(String::new, |c| c.path().string());
        let expected = format!("a sound column {path:?} at row {}", self.count + 1);
        let error = damaged(&expected, error);
        match error.hint() {
            Some(_) => error,
            None => error.with_hint("the file may be cut off; fetch it again"),
        }
    }

    /// Moves all columns to the next row; false at the end of the row group.
    fn advance(&mut self) -> Result<bool, CorpusError> {
        let Some(group) = &mut self.group else { return Ok(false) };
        let Layout { tokens, tags, id, text, .. } = self.layout;
        let columns = [
            (Some(&mut group.tokens), Some(tokens)),
            (Some(&mut group.tags), Some(tags)),
            (group.id.as_mut(), id),
            (group.text.as_mut(), text),
        ];
        let mut more = None;
        let mut failed = None;
        for (column, leaf) in columns {
            let (Some(column), Some(leaf)) = (column, leaf) else { continue };
            match (column.advance(), more) {
                (Err(error), _) => failed = Some((leaf, error)),
                (Ok(here), None) => more = Some(here),
                (Ok(here), Some(before)) if here == before => {}
                (Ok(_), Some(_)) => {
                    let text = "fewer or more rows than in the others".to_owned();
                    failed = Some((leaf, ParquetError::General(text)));
                }
            }
            if failed.is_some() {
                break;
            }
        }
        match failed {
            Some((leaf, error)) => Err(self.damaged(leaf, &error)),
            None => Ok(more.unwrap_or(false)),
        }
    }

    fn fault(&self, code: &'static str, expected: &str, found: impl Into<String>) -> CorpusError {
        let expected = format!("{expected} in row {}", self.count);
        CorpusError::input(code, expected, found)
    }

    /// The current row of the columns.
    fn row(&mut self) -> Result<Row, CorpusError> {
        let Some(group) = &self.group else {
            return Err(self.fault("damaged-parquet", "an open row group", "none"));
        };
        let mut bytes = 0;
        let mut tokens = Vec::new();
        // Many tokens or tags may be one and the same text of a dictionary.
        let mut weigh = |more: usize| {
            bytes += more;
            if bytes > MAX_LINE_BYTES {
                let expected = format!("at most {} MiB of text", MAX_LINE_BYTES >> 20);
                return Err(self.fault("row-too-long", &expected, "more"));
            }
            Ok(())
        };
        for cell in group.tokens.cells() {
            let token = self.text(cell, "token")?;
            weigh(token.len() + 1)?;
            tokens.push(token.into_owned());
        }
        let mut tags: Vec<Option<Arc<str>>> = Vec::new();
        for cell in group.tags.cells() {
            if let Cell::Bytes(text) = cell {
                weigh(text.len())?;
            }
            tags.push(self.tag(cell)?);
        }
        if tags.len() != tokens.len() {
            let found = format!("{} tags for {} tokens", tags.len(), tokens.len());
            return Err(self.fault("tag-count", "one tag a token", found));
        }
        let single = |column: &Option<Column>, what: &str| {
            let cell = column.as_ref().and_then(|column| column.cells().next());
            match cell {
                None | Some(Cell::Null) => Ok(None),
                Some(cell) => self.text(cell, what).map(|text| Some(text.into_owned())),
            }
        };
        let id = single(&group.id, "id")?.filter(|id| !id.is_empty());
        let text = single(&group.text, "text")?;
        bytes += text.as_ref().map_or(0, String::len) + 1;
        self.bytes += bytes as u64;
        if self.bytes > ALWAYS_FINE && self.bytes / MAX_RATIO > self.file.length() {
            let expected = format!("at most {MAX_RATIO} times the bytes of the file");
            return Err(self.fault("damaged-parquet", &expected, "more"));
        }
        Ok(Row { id, text, tokens, tags })
    }

    fn text<'a>(&self, cell: Cell<'a>, what: &str) -> Result<Cow<'a, str>, CorpusError> {
        match cell {
            Cell::Bytes(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
                let at = error.valid_up_to();
                let byte = bytes.get(at).copied().unwrap_or_default();
                let found = format!("byte 0x{byte:02X}");
                self.fault("invalid-utf8", &format!("UTF-8 text as the {what}"), found)
            }),
            Cell::Number(number) => Ok(Cow::Owned(number.to_string())),
            Cell::Null => Err(self.fault("null", &format!("a {what}"), "null")),
        }
    }

    fn tag(&self, cell: Cell<'_>) -> Result<Option<Arc<str>>, CorpusError> {
        match cell {
            Cell::Null | Cell::Number(super::MISSING | -1) => Ok(None),
            Cell::Bytes(_) => Ok(Some(self.text(cell, "tag")?.into())),
            Cell::Number(number) => {
                let Some(names) = &self.names else {
                    let found = format!("the number {number}");
                    return Err(self.fault("unnamed-tags", "names of tags", found).with_hint(
                        "name them in the order of their numbers with `tag_names: O,B-PER,I-PER`; \
                         the data set's features have the names",
                    ));
                };
                let name = usize::try_from(number).ok().and_then(|number| names.get(number));
                name.map(|name| Some(Arc::clone(name))).ok_or_else(|| {
                    let count = names.len();
                    let expected = format!("a number below that of the tag names, {count},");
                    self.fault("unnamed-tags", &expected, number.to_string())
                })
            }
        }
    }
}
