//! Lines of a UTF-8 text, streamed: checked block by block, handed out without copying.

use std::io::{self, Read};

use memchr::memchr;

use crate::CorpusError;
use crate::io::guess;

/// Bytes read from the source at a time.
const BLOCK: usize = 256 * 1024;

/// A longer line means that the file has another format.
pub(crate) const MAX_LINE_BYTES: usize = 16 * 1024 * 1024;

/// Why the text ends before its source does.
#[derive(Debug, Clone, Copy)]
enum Stop {
    /// This byte starts no UTF-8 character.
    Byte(u8),
    /// The source ends within a character.
    CutOff,
    /// A NUL, which no text holds.
    Nul,
}

/// The byte order mark.
const MARK: &str = "\u{feff}";

/// The lines of a UTF-8 text, without `\n` and `\r\n`, one at a time. The first line that is not blank loses a leading
/// byte order mark: scripts that put blank lines first push the mark behind them.
#[derive(Debug)]
pub struct Lines<R> {
    source: R,
    name: String,
    /// What has been read, checked, and not handed out yet, from `at` on.
    text: String,
    at: usize,
    /// The line handed out last.
    current: std::ops::Range<usize>,
    /// No line end in `text[at..scanned]`.
    scanned: usize,
    block: Vec<u8>,
    /// Bytes of the block read last, where the text stops in it.
    known: usize,
    /// The first bytes of `block` are the start of a character whose end was not read yet.
    cut: usize,
    stop: Option<Stop>,
    ended: bool,
    /// A line that is not blank was handed out.
    started: bool,
    number: u64,
    magic: [u8; 4],
}

impl<R: Read> Lines<R> {
    /// The lines of a source, which is called `name` in messages.
    pub fn new(source: R, name: String) -> Self {
        Self {
            source,
            name,
            text: String::new(),
            at: 0,
            current: 0..0,
            scanned: 0,
            block: Vec::new(),
            known: 0,
            cut: 0,
            stop: None,
            ended: false,
            started: false,
            number: 0,
            magic: [0; 4],
        }
    }

    /// The name of the source, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of the line that [`Lines::next_line`] gave out last, counted from 1.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The next line. The borrow ends before the next call.
    ///
    /// # Errors
    /// Bytes that are not UTF-8, a NUL, a line of more than 16 MiB, a source that cannot be read.
    pub fn next_line(&mut self) -> Result<Option<&str>, CorpusError> {
        let (end, next) = loop {
            if let Some(offset) = memchr(b'\n', &self.text.as_bytes()[self.scanned..]) {
                let end = self.scanned + offset;
                break (end, end + 1);
            }
            self.scanned = self.text.len();
            if let Some(stop) = self.stop {
                return Err(self.unreadable(stop));
            }
            if self.ended {
                if self.at == self.text.len() {
                    return Ok(None);
                }
                break (self.text.len(), self.text.len());
            }
            if self.text.len() - self.at > MAX_LINE_BYTES {
                let error = CorpusError::input(
                    "line-too-long",
                    format!("lines of at most {} MiB", MAX_LINE_BYTES >> 20),
                    "a longer one",
                )
                .with_format_hint("the file seems to have another format; name it with `format`");
                return Err(error.at_path(&self.name).at(self.number + 1, None));
            }
            self.fill()?;
        };
        let cr = end > self.at && self.text.as_bytes().get(end - 1) == Some(&b'\r');
        self.current = self.at..end - usize::from(cr);
        self.at = next;
        self.scanned = next;
        self.number += 1;
        if !self.started {
            self.start();
        }
        Ok(Some(self.current()))
    }

    /// Makes [`Lines::next_line`] give out once more what it gave out last. Call it at most once after it.
    pub(crate) const fn hold(&mut self) {
        self.at = self.current.start;
        self.scanned = self.at;
        self.number -= 1;
    }

    /// True if the next line, or the end, is known without a look at the source.
    #[must_use]
    pub fn has_line(&self) -> bool {
        self.ended
            || self.stop.is_some()
            || memchr(b'\n', &self.text.as_bytes()[self.scanned..]).is_some()
    }

    /// Looks for a byte order mark in the current line, which may be the first.
    fn start(&mut self) {
        let line = self.current();
        let mark = if line.starts_with(MARK) { MARK.len() } else { 0 };
        self.started = !line.trim().is_empty();
        self.current.start += mark;
    }

    /// The line that [`Lines::next_line`] gave out last.
    pub fn current(&self) -> &str {
        &self.text[self.current.clone()]
    }

    /// At least the first `bytes` bytes of what was not handed out yet, or all of it, and whether
    /// it is all.
    ///
    /// # Errors
    /// A source that cannot be read.
    pub fn peek(&mut self, bytes: usize) -> Result<(&str, bool), CorpusError> {
        while self.text.len() - self.at < bytes && !self.ended && self.stop.is_none() {
            self.fill()?;
        }
        let text = &self.text[self.at..];
        Ok((text.strip_prefix(MARK).unwrap_or(text), self.ended))
    }

    /// Reads one block and checks it.
    fn fill(&mut self) -> Result<(), CorpusError> {
        self.text.drain(..self.at);
        self.scanned -= self.at;
        self.at = 0;
        self.current = 0..0;
        self.block.resize(BLOCK, 0);
        let read = loop {
            match self.source.read(&mut self.block[self.cut..]) {
                Ok(read) => break read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(CorpusError::read(self.name.as_ref(), error));
                }
            }
        };
        let bytes = &self.block[..self.cut + read];
        if read == 0 {
            self.ended = true;
            self.stop = (self.cut > 0).then_some(Stop::CutOff);
            return Ok(());
        }
        let (valid, mut stop, cut) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, None, 0),
            Err(error) => {
                let (valid, rest) = bytes.split_at(error.valid_up_to());
                let valid = std::str::from_utf8(valid).unwrap_or_default();
                match error.error_len() {
                    Some(_) => (valid, rest.first().copied().map(Stop::Byte), 0),
                    None => (valid, None, rest.len()),
                }
            }
        };
        let valid = match memchr(0, valid.as_bytes()) {
            Some(nul) => {
                stop = Some(Stop::Nul);
                &valid[..nul]
            }
            None => valid,
        };
        self.stop = stop;
        if self.number == 0 && self.text.len() < self.magic.len() {
            let known = bytes.len().min(self.magic.len());
            self.magic[..known].copy_from_slice(&bytes[..known]);
        }
        self.text.push_str(valid);
        let end = bytes.len();
        self.known = end;
        self.block.copy_within(end - cut..end, 0);
        self.cut = cut;
        Ok(())
    }

    /// The error for the place where the text stops being text.
    fn unreadable(&self, stop: Stop) -> CorpusError {
        let (code, found) = match stop {
            Stop::Byte(byte) => ("invalid-utf8", format!("byte 0x{byte:02X}")),
            Stop::CutOff => ("invalid-utf8", "the end of the file within a character".to_owned()),
            Stop::Nul => ("binary", "a NUL byte".to_owned()),
        };
        let hint = match self.magic {
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
                "the file is UTF-16: name its encoding with `encoding: utf-16`"
            }
            [0x1F, 0x8B, ..] => "the file is compressed with gzip: unpack it first",
            [b'P', b'K', 3, 4] => "the file is a zip archive or an office document",
            [b'P', b'A', b'R', b'1'] => "the file is Parquet: read it with `format: parquet`",
            [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..] => {
                "the file may be spaCy's DocBin: read it with `format: docbin`"
            }
            _ => {
                let guessed = matches!(stop, Stop::Byte(_))
                    .then(|| guess(&self.block[..self.known], self.known < BLOCK))
                    .flatten();
                &other_encoding(guessed)
            }
        };
        let column = self.text[self.at..].chars().count() as u64 + 1;
        CorpusError::input(code, "UTF-8 text", found)
            .at_path(&self.name)
            .at(self.number + 1, Some(column))
            .with_hint(hint)
    }
}

/// What to do about a text that is no UTF-8, where an encoding that makes text of it may be known.
pub(crate) fn other_encoding(guessed: Option<&str>) -> String {
    match guessed {
        Some(name) => format!(
            "as {name} the bytes are text: name the encoding with `encoding: {name}`, or convert the file to UTF-8"
        ),
        None => "the file is binary or in another encoding: convert it to UTF-8, or name its \
                 encoding with `encoding`"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives out one byte at a time: every character and line end is cut at every place.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(&mut buffer[..1])
        }
    }

    fn all<R: Read>(source: R) -> Result<Vec<String>, String> {
        let mut lines = Lines::new(source, "f".to_owned());
        let mut out = Vec::new();
        while let Some(line) = lines.next_line().map_err(|error| error.to_string())? {
            out.push(line.to_owned());
        }
        assert_eq!(lines.number(), out.len() as u64);
        Ok(out)
    }

    #[test]
    fn lines_and_faults_do_not_depend_on_how_the_source_is_cut() {
        type Case = (&'static [u8], Result<&'static [&'static str], &'static str>);
        let cases: [Case; 13] = [
            (b"", Ok(&[])),
            (b"a", Ok(&["a"])),
            (b"a\n", Ok(&["a"])),
            (b"a\r\n\r\nb\r", Ok(&["a", "", "b"])),
            ("\u{feff}é\n\u{feff}".as_bytes(), Ok(&["é", "\u{feff}"])),
            ("\n \n\u{feff}\u{feff}é\n".as_bytes(), Ok(&["", " ", "\u{feff}é"])),
            ("\u{feff}".as_bytes(), Ok(&[""])),
            (b"\n\n", Ok(&["", ""])),
            ("ю\tO\n𝒜".as_bytes(), Ok(&["ю\tO", "𝒜"])),
            (b"ab\nc\xFFd", Err("f:2:2: expected UTF-8 text, found byte 0xFF")),
            (b"\xFF", Err("f:1:1: expected UTF-8 text, found byte 0xFF")),
            (b"a\0", Err("f:1:2: expected UTF-8 text, found a NUL byte")),
            (
                b"a\n\xE2\x82",
                Err("f:2:1: expected UTF-8 text, found the end of the file within a character"),
            ),
        ];
        for (bytes, expected) in cases {
            let expected = expected
                .map(|lines| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
                .map_err(str::to_owned);
            assert_eq!(all(bytes), expected, "{bytes:?}");
            assert_eq!(all(Trickle(bytes)), expected, "{bytes:?} byte by byte");
        }
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let error = all(io::repeat(b'a')).unwrap_err();
        assert_eq!(error, "f:1: expected lines of at most 16 MiB, found a longer one");
    }
}
