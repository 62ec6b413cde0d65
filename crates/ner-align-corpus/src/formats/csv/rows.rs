//! Rows with their lines.

use std::io::Read;

use csv::{ReaderBuilder, StringRecord, Terminator};

use super::feed::Feed;
use crate::CorpusError;
use crate::text::Lines;
use crate::text::shorten;

/// The rows of a source.
#[derive(Debug)]
pub(super) struct Rows<R> {
    parser: csv::Reader<Feed<R>>,
    row: StringRecord,
    /// Columns of the header.
    width: usize,
    delimiter: u8,
    /// The row was given back, and is given out once more.
    held: bool,
    blank: bool,
    /// Fields may have several lines.
    lines_in_fields: bool,
}

/// A parser of our dialect.
pub(super) fn parser<R: Read>(source: R, delimiter: u8) -> csv::Reader<R> {
    ReaderBuilder::new()
        .has_headers(false)
        // Ragged rows have an error of their own, which says where.
        .flexible(true)
        .delimiter(delimiter)
        // What is read are checked lines, whose ends are all the same by now.
        .terminator(Terminator::Any(b'\n'))
        .from_reader(source)
}

impl<R: Read> Rows<R> {
    pub(super) fn new(lines: Lines<R>, delimiter: u8) -> Self {
        Self {
            parser: parser(Feed::new(lines), delimiter),
            row: StringRecord::new(),
            width: 0,
            delimiter,
            held: false,
            blank: false,
            lines_in_fields: false,
        }
    }

    /// Reads fields of several lines, as texts are.
    pub(super) const fn with_lines_in_fields(&mut self) {
        self.lines_in_fields = true;
    }

    /// The first row; the fields of those that follow are counted against it.
    pub(super) fn header(&mut self) -> Result<Option<&StringRecord>, CorpusError> {
        if !self.read()? {
            return Ok(None);
        }
        self.width = self.row.len();
        Ok(Some(&self.row))
    }

    /// Moves to the next row; false at the end.
    pub(super) fn advance(&mut self) -> Result<bool, CorpusError> {
        if std::mem::take(&mut self.held) {
            return Ok(true);
        }
        if !self.read()? {
            return Ok(false);
        }
        if self.row.len() != self.width {
            let shown: Vec<&str> = self.row.iter().take(12).collect();
            let found = format!("{} in {:?}", self.row.len(), shorten(&shown.join(", ")));
            let expected = format!("{} fields as in the header", self.width);
            let delimiter = char::from(self.delimiter).escape_debug();
            return Err(self
                .fault("ragged-row", &expected, found, Some(self.row.len()))
                .with_hint(format!(
                    "a field with {delimiter} or a quote in it must stand in quotes"
                )));
        }
        Ok(true)
    }

    fn read(&mut self) -> Result<bool, CorpusError> {
        self.parser.get_mut().start_row();
        let read = self.parser.read_record(&mut self.row);
        let feed = self.parser.get_mut();
        self.blank = feed.take_blank();
        let more = match (read, feed.take_error()) {
            (Ok(more), None) => more,
            (Err(_), Some(error)) | (Ok(_), Some(error)) => {
                return Err(error);
            }
            (Err(error), None) => {
                let found = error.to_string();
                return Err(self.fault("csv", "rows of fields", found, None));
            }
        };
        if !self.lines_in_fields && self.row.as_slice().contains('\n') {
            self.check_line_ends()?;
        }
        Ok(more)
    }

    /// A quote that is not closed makes one field of the rows that follow it.
    fn check_line_ends(&self) -> Result<(), CorpusError> {
        let delimiter = char::from(self.delimiter);
        for (column, field) in self.row.iter().enumerate() {
            let Some((_, after)) = field.split_once('\n') else { continue };
            if after.contains(delimiter) || after.contains('\n') {
                let expected = "a quote that is closed on its line";
                let found = format!("{:?}", shorten(field));
                return Err(self.fault("open-quote", expected, found, Some(column + 1)).with_hint(
                    "a quote at the start of a field stands doubled, in quotes: \"\"\"\"",
                ));
            }
        }
        Ok(())
    }

    /// Gives the row out once more at the next call.
    pub(super) const fn hold(&mut self) {
        self.held = true;
    }

    pub(super) fn field(&self, column: usize) -> &str {
        self.row.get(column).unwrap_or_default()
    }

    /// True if a blank line stands before the row.
    pub(super) const fn after_blank(&self) -> bool {
        self.blank
    }

    /// True if the row is one of delimiters only.
    pub(super) fn is_blank(&self) -> bool {
        self.row.iter().all(|field| field.trim().is_empty())
    }

    pub(super) fn name(&self) -> &str {
        self.parser.get_ref().name()
    }

    /// The line that the row starts on, counted from 1.
    pub(super) fn line(&self) -> u64 {
        self.parser.get_ref().line()
    }

    /// An error in this row; `column` counts from 1.
    pub(super) fn fault(
        &self,
        code: &'static str,
        expected: &str,
        found: impl Into<String>,
        column: Option<usize>,
    ) -> CorpusError {
        CorpusError::input(code, expected, found)
            .at_path(self.name())
            .at(self.line(), column.map(|column| column as u64))
    }
}
