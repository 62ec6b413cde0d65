//! Checked lines as the bytes that the csv parser asks for.

use std::io::{self, Read};

use crate::CorpusError;
use crate::text::{Lines, MAX_LINE_BYTES};

/// Hands out one line at each call, so that the parser never runs ahead of the row it gives out.
#[derive(Debug)]
pub(super) struct Feed<R> {
    lines: Lines<R>,
    /// What of the current line was handed out; `None`: all of it.
    at: Option<usize>,
    /// Bytes of the row being read.
    row: usize,
    /// The line that the row being read starts on.
    first: u64,
    /// A blank line was handed out since the last row.
    blank: bool,
    /// Why reading stopped; the parser carries errors of reading without their place.
    error: Option<CorpusError>,
}

impl<R: Read> Feed<R> {
    pub(super) const fn new(lines: Lines<R>) -> Self {
        Self { lines, at: None, row: 0, first: 0, blank: false, error: None }
    }

    /// The name of the source.
    pub(super) fn name(&self) -> &str {
        self.lines.name()
    }

    /// The line that the row starts on, counted from 1.
    pub(super) const fn line(&self) -> u64 {
        self.first
    }

    /// A row is about to be read.
    pub(super) fn start_row(&mut self) {
        self.row = 0;
    }

    /// Whether blank lines stood before the row that was read last.
    pub(super) fn take_blank(&mut self) -> bool {
        std::mem::take(&mut self.blank)
    }

    /// Why reading stopped.
    pub(super) fn take_error(&mut self) -> Option<CorpusError> {
        self.error.take()
    }

    fn advance(&mut self) -> Result<bool, CorpusError> {
        let Some(line) = self.lines.next_line()? else { return Ok(false) };
        let length = line.len();
        if self.row == 0 {
            self.blank |= length == 0;
            self.first = self.lines.number();
        }
        self.row += length;
        if self.row > MAX_LINE_BYTES {
            let expected = format!("rows of at most {} MiB", MAX_LINE_BYTES >> 20);
            return Err(CorpusError::input("row-too-long", expected, "a longer one")
                .at_path(self.lines.name())
                .at(self.first, None)
                .with_hint("a quote may not be closed; quotes within a field are doubled"));
        }
        Ok(true)
    }
}

impl<R: Read> Read for Feed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let at = match self.at {
            Some(at) => at,
            None => match self.advance() {
                Ok(true) => 0,
                Ok(false) => return Ok(0),
                Err(error) => {
                    self.error = Some(error);
                    return Err(io::ErrorKind::InvalidData.into());
                }
            },
        };
        let rest = self.lines.current().as_bytes().get(at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        let Some(end) = buffer.get_mut(count) else {
            // The line's end follows once there is room for it.
            self.at = Some(at + count);
            return Ok(count);
        };
        *end = b'\n';
        self.at = None;
        Ok(count + 1)
    }
}
