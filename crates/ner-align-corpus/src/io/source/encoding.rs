//! The encodings of texts: their names, and which one a text seems to have.

use std::fmt;
use std::io::Read;
use std::str::FromStr;

use encoding_rs::REPLACEMENT;

use super::transcoder::{Decode, Transcoder};
use crate::{CorpusError, ErrorKind};

/// How the bytes of a text encode characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark. A text that starts with the mark of UTF-16 is read
    /// as that.
    #[default]
    Utf8,
    /// ISO 8859-1: each byte is the code point of its value.
    Latin1,
    /// Windows code page 1252, which has quotes, dashes and the euro sign where Latin-1 has
    /// control characters.
    Cp1252,
    /// Any other encoding of the [Encoding Standard](https://encoding.spec.whatwg.org), such as
    /// UTF-16, windows-1251, GBK, Shift_JIS and EUC-KR.
    Other(Standard),
}

/// An encoding of the [Encoding Standard](https://encoding.spec.whatwg.org).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standard(&'static encoding_rs::Encoding);

impl Standard {
    /// Its name in the standard.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

/// Names that Python and Windows have for encodings which the standard calls otherwise.
const ALIASES: [(&str, &str); 8] = [
    ("cp932", "shift_jis"),
    ("cp936", "gbk"),
    ("cp949", "euc-kr"),
    ("cp950", "big5"),
    ("uhc", "euc-kr"),
    ("utf-16-be", "utf-16be"),
    ("utf-16-le", "utf-16le"),
    ("utf-8-sig", "utf-8"),
];

impl Encoding {
    /// A text in this encoding, read as UTF-8. One in UTF-8 is passed on as it is.
    pub fn reader<'a>(self, text: impl Read + Send + 'a) -> Box<dyn Read + Send + 'a> {
        match self.decoder() {
            None => Box::new(text),
            Some(decoder) => Box::new(Transcoder::new(text, self.to_string(), decoder)),
        }
    }

    /// As [`Encoding::reader`], for a source that another thread may read.
    pub(super) fn stream(self, text: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        match self.decoder() {
            None => text,
            Some(decoder) => Box::new(Transcoder::new(text, self.to_string(), decoder)),
        }
    }

    /// The encoding whose mark a text starts with, if that is not UTF-8.
    pub(super) fn of_mark(start: &[u8]) -> Option<Self> {
        let (found, _) = encoding_rs::Encoding::for_bom(start)?;
        (found != encoding_rs::UTF_8).then_some(Self::Other(Standard(found)))
    }

    fn decoder(self) -> Option<Decode> {
        Some(match self {
            Self::Utf8 => return None,
            Self::Latin1 => Decode::Latin1,
            Self::Cp1252 => Decode::Cp1252,
            // A mark at the start is obeyed and taken away.
            Self::Other(Standard(encoding)) => Decode::Standard(encoding.new_decoder()),
        })
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "utf-8",
            Self::Latin1 => "latin-1",
            Self::Cp1252 => "cp1252",
            Self::Other(standard) => standard.name(),
        })
    }
}

impl FromStr for Encoding {
    type Err = CorpusError;

    /// Reads `utf-8`, `latin-1`, `cp1252`, their usual other names, and every label of the
    /// [Encoding Standard](https://encoding.spec.whatwg.org/#names-and-labels), in either case of
    /// letters.
    ///
    /// ```
    /// use std::io::Read;
    /// use ner_align_corpus::Encoding;
    /// let mut text = String::new();
    /// "cp1251".parse::<Encoding>()?.reader(&b"\xcc\xee\xf1\xea\xe2\xe0"[..]).read_to_string(&mut text)?;
    /// assert_eq!(text, "Москва");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn from_str(name: &str) -> Result<Self, CorpusError> {
        let lower = name.trim().to_ascii_lowercase();
        let dashed = lower.replace('_', "-");
        match dashed.as_str() {
            "utf-8" | "utf8" | "utf-8-sig" => return Ok(Self::Utf8),
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" => return Ok(Self::Latin1),
            "cp1252" | "windows-1252" => return Ok(Self::Cp1252),
            _ => {}
        }
        let alias = ALIASES.iter().find(|(alias, _)| *alias == dashed).map(|(_, label)| *label);
        let labels = [alias.unwrap_or(&lower), &dashed];
        let found =
            labels.iter().find_map(|label| encoding_rs::Encoding::for_label(label.as_bytes()));
        match found {
            Some(encoding) if encoding == encoding_rs::UTF_8 => Ok(Self::Utf8),
            Some(encoding) if encoding != REPLACEMENT => Ok(Self::Other(Standard(encoding))),
            _ => Err(CorpusError::new(
                ErrorKind::Usage,
                "unknown-encoding",
                "an encoding such as utf-8, utf-16, latin-1, cp1252, cp1251, gbk, shift_jis, euc-kr",
                format!("{name:?}"),
            )
            .with_hint("any label of https://encoding.spec.whatwg.org is read")),
        }
    }
}

/// The encoding that most likely makes text of these bytes, which are no UTF-8, as its name in
/// [`Encoding::from_str`]; `None` where none does.
pub(crate) fn guess(bytes: &[u8], is_all: bool) -> Option<&'static str> {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, is_all);
    let found = detector.guess(None, chardetng::Utf8Detection::Deny);
    let (text, broken) = found.decode_without_bom_handling(bytes);
    // The last character may be cut off where there is more.
    let broken = broken && (is_all || text.trim_end_matches('\u{fffd}').contains('\u{fffd}'));
    let control = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    (!broken && !text.contains(control)).then(|| found.name())
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// Gives out one byte at a time: every character is cut.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(&mut buffer[..1])
        }
    }

    #[test]
    fn bytes_become_the_characters_of_their_page() {
        // The bytes are those of Python's codecs.
        for (name, bytes, expected) in [
            ("latin1", &b"caf\xE9 \x80"[..], Ok("café \u{80}")),
            ("cp1252", b"caf\xE9 \x80 \x93x\x94", Ok("café € “x”")),
            ("cp1252", b"a\x81", Err("byte 0x81 at offset 1, no character of cp1252")),
            ("CP1251", b"\xCC\xEE\xF1\xEA\xE2\xE0", Ok("Москва")),
            ("koi8_r", b"\xED\xCF\xD3\xCB\xD7\xC1", Ok("Москва")),
            ("gb2312", b"\xB1\xB1\xBE\xA9", Ok("北京")),
            ("cp936", b"\xB1\xB1\xBE\xA9", Ok("北京")),
            ("Shift_JIS", b"\x93\x8C\x8B\x9E", Ok("東京")),
            ("euc_jp", b"\xC5\xEC\xB5\xFE", Ok("東京")),
            ("cp949", b"\xBC\xAD\xBF\xEF", Ok("서울")),
            ("big5", b"\xA5\x5F\xA8\xCA", Ok("北京")),
            ("utf-16", b"\xFF\xFEa\0\x3D\xD8\0\xDE", Ok("a😀")),
            ("UTF-16", b"\xFE\xFF\0a\xD8\x3D\xDE\0", Ok("a😀")),
            ("utf_16_be", b"\0a\0b", Ok("ab")),
            ("utf-8-sig", "\u{feff}né".as_bytes(), Ok("\u{feff}né")),
            ("gbk", b"a\xB1", Err("bytes at offset 1, no character of GBK")),
            ("euc-kr", b"ab\xFF c", Err("byte 0xFF at offset 2, no character of EUC-KR")),
        ] {
            let encoding: Encoding = name.parse().unwrap();
            for cut in [false, true] {
                let source: Box<dyn Read + Send> =
                    if cut { Box::new(Trickle(bytes)) } else { Box::new(bytes) };
                let mut text = String::new();
                let read = encoding.reader(source).read_to_string(&mut text);
                match (read, expected) {
                    (Ok(_), Ok(expected)) => assert_eq!(text, expected, "{name}"),
                    // Where the character is cut, less of it is known.
                    (Err(error), Err(expected)) => {
                        assert!(cut || error.to_string() == expected, "{error}");
                    }
                    (read, _) => panic!("{name} {bytes:?}: {read:?}"),
                }
            }
        }
        for name in ["", "utf-7", "latin", "replacement", "cp437"] {
            assert_eq!(name.parse::<Encoding>().unwrap_err().code(), "unknown-encoding", "{name}");
        }
    }

    #[test]
    fn the_encoding_is_guessed_from_text() {
        for (name, text, expected) in [
            ("cp1251", "Мария Иванова живёт в Москве и работает на заводе", "windows-1251"),
            ("koi8-r", "Мария Иванова живёт в Москве и работает на заводе", "KOI8-U"),
            ("gbk", "王小明今天在北京大学见到了李老师，他们谈了很久", "GBK"),
            ("shift_jis", "山田さんは東京で働いています。昨日、大阪に行きました", "Shift_JIS"),
            ("euc-kr", "김철수는 서울에서 일한다. 어제 부산에 갔다", "EUC-KR"),
            ("big5", "王小明今天在台北大學見到了李老師，他們談了很久", "Big5"),
            ("cp1252", "José García vive en Málaga y trabaja allí", "windows-1252"),
        ] {
            let encoding = encoding_rs::Encoding::for_label(name.as_bytes()).unwrap();
            let (bytes, _, _) = encoding.encode(text);
            assert_eq!(guess(&bytes, true), Some(expected), "{name}");
        }
        assert_eq!(guess(b"\x00\xFF\x01\x02\x80\x81", true), None);
    }
}
