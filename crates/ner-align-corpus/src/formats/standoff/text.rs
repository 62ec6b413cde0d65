//! Texts in files of their own.

use std::io::Read;
use std::path::Path;

use ner_align_core::ByteSpan;

use crate::io::guess;
use crate::text::other_encoding;
use crate::text::words::WordSplitter;
use crate::{CorpusError, Encoding, Source};

/// Bytes of one text.
const MAX_TEXT: u64 = 64 << 20;

/// The byte order mark.
const MARK: char = '\u{feff}';

/// Reads a whole text, to which offsets refer, so that nothing in it changes: a byte order mark is a
/// character, and CR LF are two.
pub(crate) fn read_text(path: &Path, encoding: Encoding) -> Result<String, CorpusError> {
    let stream = Source::open(path, encoding)?.into_stream();
    let mut bytes = Vec::new();
    stream
        .take(MAX_TEXT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| CorpusError::read(path, error))?;
    if bytes.len() as u64 > MAX_TEXT {
        let expected = format!("a text of at most {} MiB", MAX_TEXT >> 20);
        return Err(CorpusError::input("text-too-long", expected, "more").at_path(path.display()));
    }
    let (code, valid, found, hint) = match String::from_utf8(bytes) {
        Ok(text) => match text.find('\0') {
            None => return Ok(text),
            Some(nul) => {
                let hint = other_encoding(None);
                (
                    "binary",
                    text.get(..nul).unwrap_or_default().to_owned(),
                    "a NUL byte".to_owned(),
                    hint,
                )
            }
        },
        Err(error) => {
            let bytes = error.as_bytes();
            let valid = error.utf8_error().valid_up_to();
            let byte = bytes.get(valid).copied().unwrap_or_default();
            let valid = String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default());
            let hint = other_encoding(guess(bytes, true));
            ("invalid-utf8", valid.into_owned(), format!("byte 0x{byte:02X}"), hint)
        }
    };
    let line = valid.matches('\n').count() as u64 + 1;
    let column = valid.rsplit('\n').next().map_or(0, |line| line.chars().count()) as u64 + 1;
    Err(CorpusError::input(code, "UTF-8 text", found)
        .at_path(path.display())
        .at(line, Some(column))
        .with_hint(hint))
}

/// The words of a text of its own file; a byte order mark is part of none.
pub(crate) fn split_words(text: &str, splitter: &WordSplitter) -> Vec<ByteSpan> {
    let Some(rest) = text.strip_prefix(MARK) else { return splitter.split(text) };
    let mark = MARK.len_utf8();
    let words = splitter.split(rest).into_iter();
    words.map(|word| ByteSpan::new(word.start + mark, word.end + mark)).collect()
}

/// A number of ASCII digits alone.
pub(crate) fn number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}
