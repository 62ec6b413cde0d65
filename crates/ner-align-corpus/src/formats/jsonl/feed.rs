//! The documents of a file, each as its bytes: one a line, or the elements of one array.

use std::io::Read;

use crate::CorpusError;
use crate::formats::json_scanner::{Place, Scanner};
use crate::text::{Lines, MAX_LINE_BYTES};

/// Hands out the bytes of one document at a time.
#[derive(Debug)]
pub(super) enum Feed<R> {
    Lines(Lines<R>),
    Array { scanner: Scanner<R>, value: Vec<u8>, started: bool, ended: bool },
}

impl<R: Read> Feed<R> {
    /// A feed of a source, which is one array or lines.
    pub(super) fn new(source: R, array: bool, name: String) -> Self {
        if array {
            let scanner = Scanner::limited(source, name, "json", MAX_LINE_BYTES);
            return Self::Array { scanner, value: Vec::new(), started: false, ended: false };
        }
        Self::Lines(Lines::new(source, name))
    }

    /// True for one document a line.
    pub(super) const fn is_lines(&self) -> bool {
        matches!(self, Self::Lines(_))
    }

    /// Goes to the next document, and says where it starts.
    pub(super) fn advance(&mut self) -> Result<Option<Place>, CorpusError> {
        match self {
            Self::Lines(lines) => loop {
                let Some(line) = lines.next_line()? else { return Ok(None) };
                if !line.trim().is_empty() {
                    return Ok(Some(Place { line: lines.number(), column: 1 }));
                }
            },
            Self::Array { scanner, value, started, ended } => {
                if *ended {
                    return Ok(None);
                }
                let more = if *started {
                    scanner.more(b']')?
                } else {
                    scanner.skip_mark()?;
                    scanner.expect(b'[', "an array of documents")?;
                    !scanner.take(b']')?
                };
                *started = true;
                if !more {
                    *ended = true;
                    if scanner.peek_token()?.is_some() {
                        return Err(scanner.unexpected("the end of the file"));
                    }
                    return Ok(None);
                }
                scanner.peek_token()?;
                let place = scanner.place();
                scanner.value(value)?;
                Ok(Some(place))
            }
        }
    }

    /// The document that was gone to last.
    pub(super) fn value(&self) -> &[u8] {
        match self {
            Self::Lines(lines) => lines.current().as_bytes(),
            Self::Array { value, .. } => value,
        }
    }
}

/// True if a source that starts like this is an array of documents; one of a text and its annotation is a document itself.
pub(super) fn is_array(head: &[u8]) -> bool {
    let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head);
    let mut signs = head.iter().filter(|byte| !byte.is_ascii_whitespace());
    signs.next() == Some(&b'[') && signs.next() != Some(&b'"')
}
