//! The records of a file, each as its bytes, however they are laid out.

use std::collections::VecDeque;
use std::io::Read;

use serde_json::Value;

use super::columns::{is_element, rows_of};
use super::layout::Layout;
use crate::CorpusError;
use crate::formats::json_scanner::{Place, Scanner};
use crate::text::{Lines, MAX_LINE_BYTES};

/// Bytes of one object of columns.
const MAX_COLUMNS: usize = 256 << 20;

/// Hands out the bytes of one record at a time.
#[derive(Debug)]
pub(super) enum Feed<R> {
    Lines(Lines<R>),
    Scanned(Box<Scanned<R>>),
}

/// Records that are cut out of JSON.
#[derive(Debug)]
pub(super) struct Scanned<R> {
    scanner: Scanner<R>,
    layout: Layout,
    value: Vec<u8>,
    state: State,
    /// Keys that led here and are still open.
    open: usize,
    /// Rows that were made of columns.
    rows: VecDeque<Value>,
    place: Place,
    /// Records that are null.
    nulls: usize,
    /// Keys of the object that hold no records.
    others: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    /// After a record of the list.
    InList,
    /// After a value of the object.
    InObject,
    End,
}

impl<R: Read> Feed<R> {
    /// A feed of a source that is laid out so.
    pub(super) fn new(source: R, layout: Layout, name: String) -> Self {
        if layout == Layout::Lines {
            return Self::Lines(Lines::new(source, name));
        }
        let limit = if layout == Layout::Columns { MAX_COLUMNS } else { MAX_LINE_BYTES };
        Self::Scanned(Box::new(Scanned {
            scanner: Scanner::limited(source, name, "json", limit),
            layout,
            value: Vec::new(),
            state: State::Start,
            open: 0,
            rows: VecDeque::new(),
            place: Place { line: 1, column: 1 },
            nulls: 0,
            others: Vec::new(),
        }))
    }

    /// With records that take at most so much memory once they are read.
    pub(super) fn within(mut self, max_memory: u64) -> Self {
        if let Self::Scanned(scanned) = &mut self {
            scanned.scanner.limit_to(max_memory);
        }
        self
    }

    /// True for one record a line.
    pub(super) const fn is_lines(&self) -> bool {
        matches!(self, Self::Lines(_))
    }

    /// Goes to the next record, and says where it starts.
    pub(super) fn advance(&mut self) -> Result<Option<Place>, CorpusError> {
        match self {
            Self::Lines(lines) => loop {
                let Some(line) = lines.next_line()? else { return Ok(None) };
                if !line.trim().is_empty() {
                    return Ok(Some(Place { line: lines.number(), column: 1 }));
                }
            },
            Self::Scanned(scanned) => scanned.advance(),
        }
    }

    /// The record that was gone to last.
    pub(super) fn value(&self) -> &[u8] {
        match self {
            Self::Lines(lines) => lines.current().as_bytes(),
            Self::Scanned(scanned) => &scanned.value,
        }
    }

    /// What the file holds besides, and how often.
    pub(super) fn take_others(&mut self) -> Vec<(String, usize)> {
        let Self::Scanned(scanned) = self else { return Vec::new() };
        let mut others: Vec<(String, usize)> =
            std::mem::take(&mut scanned.others).into_iter().map(|key| (key, 1)).collect();
        if scanned.nulls > 0 {
            others.push(("null".to_owned(), std::mem::take(&mut scanned.nulls)));
        }
        others
    }
}

impl<R: Read> Scanned<R> {
    fn advance(&mut self) -> Result<Option<Place>, CorpusError> {
        loop {
            let found = match &self.layout {
                Layout::Columns => self.next_row()?,
                Layout::Values => self.next_value()?,
                Layout::Lists(_) => self.next_of_lists()?,
                Layout::Array | Layout::Lines => self.next_element()?,
            };
            if !found {
                return Ok(None);
            }
            if self.value != b"null" {
                return Ok(Some(self.place));
            }
            self.nulls += 1;
        }
    }

    /// Takes the value that comes next.
    fn take(&mut self) -> Result<bool, CorpusError> {
        self.scanner.peek_token()?;
        self.place = self.scanner.place();
        self.scanner.value(&mut self.value)?;
        Ok(true)
    }

    fn end(&mut self) -> Result<bool, CorpusError> {
        self.state = State::End;
        if self.scanner.peek_token()?.is_some() {
            return Err(self.scanner.unexpected("the end of the file"));
        }
        Ok(false)
    }

    fn next_value(&mut self) -> Result<bool, CorpusError> {
        if self.state == State::Start {
            self.scanner.skip_mark()?;
            self.state = State::InList;
        }
        if self.scanner.peek_token()?.is_none() { Ok(false) } else { self.take() }
    }

    fn next_element(&mut self) -> Result<bool, CorpusError> {
        let more = match self.state {
            State::End => return Ok(false),
            State::Start => {
                self.scanner.skip_mark()?;
                self.scanner.expect(b'[', "an array of documents")?;
                !self.scanner.take(b']')?
            }
            State::InList | State::InObject => self.scanner.more(b']')?,
        };
        self.state = State::InList;
        if more { self.take() } else { self.end() }
    }

    fn next_row(&mut self) -> Result<bool, CorpusError> {
        if self.state == State::Start {
            self.scanner.skip_mark()?;
            self.take()?;
            self.state = State::InList;
            let columns = serde_json::from_slice::<Value>(&self.value)
                .map_err(|error| self.scanner.broken(self.place, &self.value, &error))?;
            let rows = columns
                .as_object()
                .and_then(rows_of)
                .ok_or_else(|| self.scanner.fault(self.place, "columns of one length", "others"))?;
            self.rows = rows.into();
            self.end()?;
        }
        let Some(row) = self.rows.pop_front() else { return Ok(false) };
        self.value.clear();
        serde_json::to_writer(&mut self.value, &row)
            .map_err(|error| self.scanner.broken(self.place, &[], &error))?;
        Ok(true)
    }

    fn next_of_lists(&mut self) -> Result<bool, CorpusError> {
        let Layout::Lists(path) = &self.layout else { return Ok(false) };
        let path = path.clone();
        let mut more = match self.state {
            State::End => return Ok(false),
            State::Start => {
                self.scanner.skip_mark()?;
                self.scanner.expect(b'{', "an object with a list of documents")?;
                !self.scanner.take(b'}')?
            }
            State::InList => {
                if self.scanner.more(b']')? {
                    return self.take();
                }
                self.scanner.more(b'}')?
            }
            State::InObject => self.scanner.more(b'}')?,
        };
        loop {
            while !more {
                if self.open == 0 {
                    return self.end();
                }
                self.open -= 1;
                more = self.scanner.more(b'}')?;
            }
            self.state = State::InObject;
            let key = self.scanner.key()?;
            let next = self.scanner.peek_token()?;
            if next == Some(b'{') && path.get(self.open) == Some(&key) {
                self.scanner.expect(b'{', "an object")?;
                self.open += 1;
                more = !self.scanner.take(b'}')?;
                continue;
            }
            let here = self.open == path.len();
            if here && next == Some(b'[') {
                if self.list(&key)? {
                    return Ok(true);
                }
            } else if here && next == Some(b'{') && key.bytes().all(|byte| byte.is_ascii_digit()) {
                return self.take();
            } else {
                self.scanner.skip_value()?;
                self.others.push(format!("{key:?}"));
            }
            more = self.scanner.more(b'}')?;
        }
    }

    /// Goes to the first record of a list; false if it holds none, and was passed.
    fn list(&mut self, key: &str) -> Result<bool, CorpusError> {
        self.scanner.expect(b'[', "a list")?;
        if self.scanner.take(b']')? {
            return Ok(false);
        }
        loop {
            self.take()?;
            if self.value == b"null" {
                self.nulls += 1;
            } else if serde_json::from_slice::<Value>(&self.value).is_ok_and(|v| is_element(&v)) {
                self.state = State::InList;
                return Ok(true);
            } else {
                break;
            }
            if !self.scanner.more(b']')? {
                return Ok(false);
            }
        }
        while self.scanner.more(b']')? {
            self.scanner.skip_value()?;
        }
        self.others.push(format!("{key:?}"));
        Ok(false)
    }
}
