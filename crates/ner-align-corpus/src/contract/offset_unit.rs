//! What the offsets of spans count.

use std::fmt;
use std::str::FromStr;

use crate::text::shorten;
use crate::{CorpusError, ErrorKind};

/// What the offsets of spans count, from 0 at the start of the text.
///
/// | value | `"né 😀\r\nOslo"`: `Oslo` stands at | used by |
/// |---|---|---|
/// | `code-points` | 6..10 | Python: spaCy, Prodigy, brat, Hugging Face |
/// | `utf16` | 7..11 | JavaScript and Java: web editors, UIMA, CoreNLP |
/// | `bytes` | 10..14 | Go, Rust, C: bytes of UTF-8 |
/// | `crlf-as-one` | 5..9 | Python with universal line ends: CR LF is one character |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum OffsetUnit {
    /// Unicode code points.
    #[default]
    CodePoints,
    /// Units of UTF-16: a character beyond U+FFFF counts as two.
    Utf16,
    /// Bytes of UTF-8.
    Bytes,
    /// Code points, where CR LF is one.
    CrLfAsOne,
}

impl OffsetUnit {
    /// All units.
    pub const ALL: [Self; 4] = [Self::CodePoints, Self::Utf16, Self::Bytes, Self::CrLfAsOne];

    /// The name used on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CodePoints => "code-points",
            Self::Utf16 => "utf16",
            Self::Bytes => "bytes",
            Self::CrLfAsOne => "crlf-as-one",
        }
    }

    /// In words, for messages.
    #[must_use]
    pub const fn what(self) -> &'static str {
        match self {
            Self::CodePoints => "code points",
            Self::Utf16 => "units of UTF-16, as JavaScript and Java do",
            Self::Bytes => "bytes of UTF-8",
            Self::CrLfAsOne => "CR LF as one character",
        }
    }

    /// How much a character counts that comes after `before`.
    pub(crate) fn weight(self, character: char, before: char) -> usize {
        match self {
            Self::CodePoints => 1,
            Self::Utf16 => character.len_utf16(),
            Self::Bytes => character.len_utf8(),
            Self::CrLfAsOne => usize::from(!(before == '\r' && character == '\n')),
        }
    }
}

impl fmt::Display for OffsetUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for OffsetUnit {
    type Err = CorpusError;

    /// Reads a name; `chars` is another one of `code-points`, `utf-16` and `utf-8` of the units of
    /// these.
    fn from_str(name: &str) -> Result<Self, CorpusError> {
        match name {
            "code-points" | "codepoints" | "chars" => Ok(Self::CodePoints),
            "utf16" | "utf-16" => Ok(Self::Utf16),
            "bytes" | "utf8" | "utf-8" => Ok(Self::Bytes),
            "crlf-as-one" => Ok(Self::CrLfAsOne),
            _ => Err(CorpusError::new(
                ErrorKind::Usage,
                "unknown-offsets",
                "one of the units code-points, utf16, bytes, crlf-as-one",
                format!("{:?}", shorten(name)),
            )),
        }
    }
}

/// What becomes of a span whose own copy of its text is not what stands at its offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum OnSurfaceMismatch {
    /// The document is refused.
    #[default]
    Error,
    /// The offsets count, with a finding.
    Offsets,
    /// The span is left out, with a finding.
    Drop,
}

impl FromStr for OnSurfaceMismatch {
    type Err = CorpusError;

    /// Reads `error`, `offsets` or `drop`.
    fn from_str(name: &str) -> Result<Self, CorpusError> {
        match name {
            "error" => Ok(Self::Error),
            "offsets" => Ok(Self::Offsets),
            "drop" => Ok(Self::Drop),
            _ => Err(CorpusError::new(
                ErrorKind::Usage,
                "unknown-policy",
                "one of the policies error, offsets, drop",
                format!("{:?}", shorten(name)),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for unit in OffsetUnit::ALL {
            assert_eq!(unit.to_string().parse::<OffsetUnit>().ok(), Some(unit));
        }
        assert_eq!("graphemes".parse::<OffsetUnit>().unwrap_err().code(), "unknown-offsets");
        assert_eq!("keep".parse::<OnSurfaceMismatch>().unwrap_err().code(), "unknown-policy");
    }
}
