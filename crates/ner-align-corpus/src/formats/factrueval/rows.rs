//! Rows of numbers, separated by spaces.

use crate::CorpusError;
use crate::formats::standoff::number;
use crate::text::shorten;

/// The fields of a row, taken one by one.
#[derive(Debug)]
pub(super) struct Row<'a> {
    line: &'a str,
    rest: Option<&'a str>,
}

/// A row that ends early or whose field is not what it should be, without path and line.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) column: u64,
    expected: &'static str,
    found: String,
}

impl Fault {
    pub(super) fn into_error(self) -> CorpusError {
        CorpusError::input("factrueval", self.expected, self.found)
    }
}

impl<'a> Row<'a> {
    /// A row without its comment.
    pub(super) fn new(line: &'a str) -> Self {
        let line = line.split('#').next().unwrap_or_default().trim_end();
        Self { line, rest: Some(line) }
    }

    /// A row whose last field may hold anything.
    pub(super) const fn whole(line: &'a str) -> Self {
        Self { line, rest: Some(line) }
    }

    /// The next field.
    pub(super) fn next(&mut self) -> Option<&'a str> {
        let (field, rest) = match self.rest?.split_once(' ') {
            Some((field, rest)) => (field, Some(rest)),
            None => (self.rest?, None),
        };
        self.rest = rest;
        Some(field).filter(|field| !field.is_empty())
    }

    /// All that was not taken yet.
    pub(super) fn rest(&mut self) -> Option<&'a str> {
        self.rest.take()
    }

    /// The next field, which is a name.
    pub(super) fn name(&mut self, expected: &'static str) -> Result<&'a str, Fault> {
        self.next().ok_or_else(|| self.fault("", expected))
    }

    /// The next field, which is a number.
    pub(super) fn number(&mut self, expected: &'static str) -> Result<usize, Fault> {
        let field = self.name(expected)?;
        number(field).ok_or_else(|| self.fault(field, expected))
    }

    /// The field that was taken last is not what it should be.
    pub(super) fn fault(&self, field: &str, expected: &'static str) -> Fault {
        let rest = self.rest.map_or(0, |rest| rest.len() + 1);
        let start = self.line.len().saturating_sub(rest + field.len());
        let column = self.line.get(..start).map_or(0, |before| before.chars().count()) as u64 + 1;
        let found = if field.is_empty() {
            "the end of the row".to_owned()
        } else {
            format!("{:?}", shorten(field))
        };
        Fault { column, expected, found }
    }
}
