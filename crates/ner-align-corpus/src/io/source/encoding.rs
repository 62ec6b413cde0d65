//! Bytes of one-byte encodings to UTF-8.

use std::io::{self, Read};
use std::str::FromStr;

use crate::{CorpusError, ErrorKind};

/// How the bytes of a text encode characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[default]
    Utf8,
    /// ISO 8859-1: each byte is the code point of its value.
    Latin1,
    /// Windows code page 1252, which has quotes, dashes and the euro sign where Latin-1 has
    /// control characters.
    Cp1252,
}

impl Encoding {
    /// A text in this encoding, read as UTF-8. One in UTF-8 is passed on as it is.
    pub fn reader<'a>(self, text: impl Read + 'a) -> Box<dyn Read + 'a> {
        match self {
            Self::Utf8 => Box::new(text),
            Self::Latin1 | Self::Cp1252 => Box::new(Transcoder::new(text, self)),
        }
    }
}

impl FromStr for Encoding {
    type Err = CorpusError;

    /// Reads `utf-8`, `latin-1` or `cp1252`, and their usual other names.
    fn from_str(name: &str) -> Result<Self, CorpusError> {
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Ok(Self::Utf8),
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" => Ok(Self::Latin1),
            "cp1252" | "windows-1252" => Ok(Self::Cp1252),
            _ => Err(CorpusError::new(
                ErrorKind::Usage,
                "unknown-encoding",
                "one of the encodings utf-8, latin-1, cp1252",
                format!("{name:?}"),
            )),
        }
    }
}

/// The characters of the bytes 0x80 to 0x9F in code page 1252; five bytes have no character.
const CP1252: [Option<char>; 32] = [
    Some('€'),
    None,
    Some('‚'),
    Some('ƒ'),
    Some('„'),
    Some('…'),
    Some('†'),
    Some('‡'),
    Some('ˆ'),
    Some('‰'),
    Some('Š'),
    Some('‹'),
    Some('Œ'),
    None,
    Some('Ž'),
    None,
    None,
    Some('‘'),
    Some('’'),
    Some('“'),
    Some('”'),
    Some('•'),
    Some('–'),
    Some('—'),
    Some('˜'),
    Some('™'),
    Some('š'),
    Some('›'),
    Some('œ'),
    None,
    Some('ž'),
    Some('Ÿ'),
];

/// Bytes read at a time.
const BLOCK: usize = 64 * 1024;

/// A stream of one-byte characters, read as UTF-8.
pub(super) struct Transcoder<R> {
    source: R,
    encoding: Encoding,
    block: Vec<u8>,
    /// UTF-8 that was not handed out yet, from `at` on.
    text: Vec<u8>,
    at: usize,
    read: u64,
}

impl<R: Read> Transcoder<R> {
    pub(super) fn new(source: R, encoding: Encoding) -> Self {
        Self { source, encoding, block: vec![0; BLOCK], text: Vec::new(), at: 0, read: 0 }
    }

    fn refill(&mut self) -> io::Result<()> {
        let count = self.source.read(&mut self.block)?;
        self.text.clear();
        self.at = 0;
        for (index, &byte) in self.block[..count].iter().enumerate() {
            let character = match (self.encoding, byte) {
                (Encoding::Cp1252, 0x80..=0x9F) => {
                    CP1252[usize::from(byte - 0x80)].ok_or_else(|| {
                        io::Error::new(
                            io::ErrorKind::InvalidData,
                            format!(
                                "byte 0x{byte:02X} at offset {}, which is no character of cp1252",
                                self.read + index as u64
                            ),
                        )
                    })?
                }
                _ => char::from(byte),
            };
            let mut buffer = [0; 4];
            self.text.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
        }
        self.read += count as u64;
        Ok(())
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.text.len() {
            self.refill()?;
        }
        let count = (&self.text[self.at..]).read(buffer)?;
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_the_characters_of_their_page() {
        for (encoding, bytes, expected) in [
            (Encoding::Latin1, &b"caf\xE9 \x80"[..], Some("café \u{80}")),
            (Encoding::Cp1252, b"caf\xE9 \x80 \x93x\x94", Some("café € “x”")),
            (Encoding::Cp1252, b"a\x81", None),
        ] {
            let mut text = String::new();
            let read = Transcoder::new(bytes, encoding).read_to_string(&mut text);
            assert_eq!(read.ok().map(|_| text.as_str()), expected, "{bytes:?}");
        }
    }
}
