//! JSON, cut into values without being held as a whole.

use std::io::{ErrorKind, Read};

use crate::CorpusError;

/// Bytes asked of the source at a time.
const BLOCK: usize = 64 * 1024;

/// Bytes of one value, where it is only looked at.
const MAX_VALUE: usize = 256 << 20;

/// What a value in memory takes, at most, for each byte of JSON.
const AMPLIFIED: u64 = 16;

/// A place in a file; line and column count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u64,
    /// In code points.
    pub(crate) column: u64,
}

/// Hands out tokens of JSON: punctuation, keys, and whole values as bytes.
#[derive(Debug)]
pub(crate) struct Scanner<R> {
    source: R,
    name: String,
    block: Vec<u8>,
    at: usize,
    place: Place,
    /// The code of its errors.
    code: &'static str,
    /// Bytes of one value.
    limit: usize,
}

impl<R: Read> Scanner<R> {
    pub(crate) const fn new(source: R, name: String) -> Self {
        Self::limited(source, name, "spacy-json", MAX_VALUE)
    }

    /// With values that take at most so much memory once they are read.
    pub(crate) fn within(mut self, max_memory: u64) -> Self {
        self.limit_to(max_memory);
        self
    }

    /// Refuses values that take more memory than this once they are read.
    pub(crate) fn limit_to(&mut self, max_memory: u64) {
        let bytes = usize::try_from(max_memory / AMPLIFIED).unwrap_or(usize::MAX);
        self.limit = self.limit.min(bytes);
    }

    /// A scanner whose errors have this code, and which refuses values of more than `limit` bytes.
    pub(crate) const fn limited(source: R, name: String, code: &'static str, limit: usize) -> Self {
        let place = Place { line: 1, column: 1 };
        Self { source, name, block: Vec::new(), at: 0, place, code, limit }
    }

    pub(crate) const fn place(&self) -> Place {
        self.place
    }

    /// An error at a place.
    pub(crate) fn fault(&self, place: Place, expected: &str, found: &str) -> CorpusError {
        CorpusError::input(self.code, expected, found)
            .at_path(&self.name)
            .at(place.line, Some(place.column))
    }

    /// An error at the next byte.
    pub(crate) fn unexpected(&mut self, expected: &str) -> CorpusError {
        let found = match self.peek() {
            Err(error) => return error,
            Ok(None) => "the end of the file".to_owned(),
            Ok(Some(byte)) if byte.is_ascii_graphic() => format!("{:?}", char::from(byte)),
            Ok(Some(byte)) => format!("byte 0x{byte:02X}"),
        };
        self.fault(self.place, expected, &found)
    }

    fn peek(&mut self) -> Result<Option<u8>, CorpusError> {
        if self.at == self.block.len() {
            self.block.resize(BLOCK, 0);
            self.at = 0;
            let read = loop {
                match self.source.read(&mut self.block) {
                    Ok(read) => break read,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => {
                        self.block.clear();
                        return Err(CorpusError::read(self.name.as_ref(), error));
                    }
                }
            };
            self.block.truncate(read);
        }
        Ok(self.block.get(self.at).copied())
    }

    const fn advance(&mut self, byte: u8) {
        self.at += 1;
        match byte {
            b'\n' => self.place = Place { line: self.place.line + 1, column: 1 },
            // The later bytes of a character.
            0x80..=0xBF => {}
            _ => self.place.column += 1,
        }
    }

    /// The next byte that is no white space, which stays.
    pub(crate) fn peek_token(&mut self) -> Result<Option<u8>, CorpusError> {
        loop {
            match self.peek()? {
                Some(byte @ (b' ' | b'\t' | b'\n' | b'\r')) => self.advance(byte),
                other => return Ok(other),
            }
        }
    }

    /// Passes a byte order mark at the start.
    pub(crate) fn skip_mark(&mut self) -> Result<(), CorpusError> {
        for expected in [0xEF, 0xBB, 0xBF] {
            match self.peek()? {
                Some(byte) if byte == expected => self.at += 1,
                _ => break,
            }
        }
        Ok(())
    }

    /// Takes the next token if it is this byte.
    pub(crate) fn take(&mut self, wanted: u8) -> Result<bool, CorpusError> {
        let found = self.peek_token()? == Some(wanted);
        if found {
            self.advance(wanted);
        }
        Ok(found)
    }

    /// Takes this byte; the error says `what` was expected in its place.
    pub(crate) fn expect(&mut self, wanted: u8, what: &str) -> Result<(), CorpusError> {
        if self.take(wanted)? { Ok(()) } else { Err(self.unexpected(what)) }
    }

    /// After a value in an array or an object: true at a comma, false at the `end`, which is taken.
    pub(crate) fn more(&mut self, end: u8) -> Result<bool, CorpusError> {
        if self.take(b',')? {
            return Ok(true);
        }
        let expected = if end == b']' { "a comma or ]" } else { "a comma or }" };
        self.expect(end, expected)?;
        Ok(false)
    }

    /// A key and the colon after it.
    pub(crate) fn key(&mut self) -> Result<String, CorpusError> {
        if self.peek_token()? != Some(b'"') {
            return Err(self.unexpected("a key in quotes"));
        }
        let (place, mut bytes) = (self.place, Vec::new());
        self.value(&mut bytes)?;
        let key =
            serde_json::from_slice(&bytes).map_err(|error| self.broken(place, &bytes, &error))?;
        self.expect(b':', "a colon after the key")?;
        Ok(key)
    }

    /// Copies one value, whatever it is; that it is well formed is left to whoever reads it. What
    /// is not an array, an object or a string ends at punctuation.
    pub(crate) fn value(&mut self, into: &mut Vec<u8>) -> Result<(), CorpusError> {
        into.clear();
        self.walk(Some(into))
    }

    /// Passes over one value.
    pub(crate) fn skip_value(&mut self) -> Result<(), CorpusError> {
        self.walk(None)
    }

    fn walk(&mut self, mut into: Option<&mut Vec<u8>>) -> Result<(), CorpusError> {
        match self.peek_token()? {
            None | Some(b',' | b':' | b']' | b'}') => return Err(self.unexpected("a value")),
            _ => {}
        }
        let start = self.place;
        let (mut depth, mut in_string, mut escaped) = (0_u64, false, false);
        let mut length = 0;
        loop {
            let Some(byte) = self.peek()? else {
                if depth == 0 && !in_string && length > 0 {
                    return Ok(());
                }
                let expected = "the end of the value that starts here";
                return Err(self.fault(start, expected, "the end of the file"));
            };
            if in_string {
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b'"' => in_string = false,
                    _ => {}
                }
            } else {
                match byte {
                    b'"' => in_string = true,
                    b'[' | b'{' => depth += 1,
                    b']' | b'}' if depth > 0 => depth -= 1,
                    b']' | b'}' | b',' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => {
                        return Ok(());
                    }
                    _ => {}
                }
            }
            self.advance(byte);
            if let Some(into) = into.as_deref_mut() {
                length += 1;
                if length > self.limit {
                    let expected = format!("a document of at most {} MiB", self.limit >> 20);
                    return Err(self.fault(start, &expected, "more").with_hint(
                        "cut it into several documents, or allow more with `max_memory`",
                    ));
                }
                into.push(byte);
            } else {
                length = 1;
            }
            if depth == 0 && !in_string && matches!(byte, b'"' | b']' | b'}') {
                return Ok(());
            }
        }
    }

    /// What `serde_json` has to say about a value that starts at `place`.
    pub(crate) fn broken(
        &self,
        place: Place,
        value: &[u8],
        error: &serde_json::Error,
    ) -> CorpusError {
        let expected = match error.classify() {
            serde_json::error::Category::Data => "a paragraph of spaCy's JSON",
            _ => "well-formed JSON",
        };
        self.fault(place_of(error, value, place), expected, &message_of(error))
    }
}

/// Where in its file a value that starts at `place` is at fault.
pub(crate) fn place_of(error: &serde_json::Error, value: &[u8], place: Place) -> Place {
    let line = error.line().max(1);
    let before = value.get(line_start(error, value)..offset_of(error, value)).unwrap_or_default();
    let column = before.iter().filter(|byte| !matches!(byte, 0x80..=0xBF)).count().max(1) as u64;
    let column = if line == 1 { place.column + column - 1 } else { column };
    Place { line: place.line + line as u64 - 1, column }
}

/// Bytes of a value up to the end of the part that is at fault.
pub(crate) fn offset_of(error: &serde_json::Error, value: &[u8]) -> usize {
    (line_start(error, value) + error.column()).min(value.len())
}

/// Bytes of a value before the line that is at fault.
fn line_start(error: &serde_json::Error, value: &[u8]) -> usize {
    let lines = value.split_inclusive(|byte| *byte == b'\n');
    lines.take(error.line().max(1) - 1).map(<[u8]>::len).sum()
}

/// The message of an error without the place at its end.
pub(crate) fn message_of(error: &serde_json::Error) -> String {
    let mut message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    if message.ends_with(&place) {
        message.truncate(message.len() - place.len());
    }
    message
}
