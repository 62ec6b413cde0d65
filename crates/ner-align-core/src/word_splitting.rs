//! Named ways to split raw text into words.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// How to split raw text into words.
///
/// A model is trained on words of one kind, so its folder records this choice and prediction uses
/// it again. `Display`, `FromStr` and serde use the name, or `regex:PATTERN`. `ner-align-corpus`
/// implements the splitting.
///
/// ```
/// use ner_align_core::WordSplitting;
/// let words: WordSplitting = r"regex:\w+|\S".parse()?;
/// assert_eq!(words.to_string(), r"regex:\w+|\S");
/// assert_eq!(WordSplitting::default().to_string(), "unicode");
/// # Ok::<(), ner_align_core::UnknownWordSplitting>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum WordSplitting {
    /// Unicode words, with punctuation, clitics and elisions split off. Each Han, Hiragana and
    /// Katakana character and each grapheme of Thai, Lao, Khmer and Burmese is a word.
    #[default]
    Unicode,
    /// Each grapheme that is not white space.
    Char,
    /// Each run of characters without white space.
    Whitespace,
    /// Each match of a regular expression.
    Regex(String),
}

/// A name that is not a [`WordSplitting`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected unicode, char, whitespace or regex:PATTERN, found {0:?}")]
pub struct UnknownWordSplitting(pub String);

impl UnknownWordSplitting {
    /// What to do about it, where that is known.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        Some(r"a regular expression follows regex: at once, as in regex:\w+")
    }
}

impl fmt::Display for WordSplitting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unicode => f.write_str("unicode"),
            Self::Char => f.write_str("char"),
            Self::Whitespace => f.write_str("whitespace"),
            Self::Regex(pattern) => write!(f, "regex:{pattern}"),
        }
    }
}

impl FromStr for WordSplitting {
    type Err = UnknownWordSplitting;

    /// # Errors
    /// [`UnknownWordSplitting`] for another name or an empty pattern. The pattern is not compiled
    /// here, so an invalid one is accepted.
    fn from_str(text: &str) -> Result<Self, UnknownWordSplitting> {
        Ok(match text {
            "unicode" => Self::Unicode,
            "char" => Self::Char,
            "whitespace" => Self::Whitespace,
            _ => match text.strip_prefix("regex:").filter(|pattern| !pattern.is_empty()) {
                Some(pattern) => Self::Regex(pattern.to_owned()),
                None => return Err(UnknownWordSplitting(text.to_owned())),
            },
        })
    }
}

impl Serialize for WordSplitting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WordSplitting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for text in ["unicode", "char", "whitespace", "regex:a b|:"] {
            assert_eq!(text.parse::<WordSplitting>().unwrap().to_string(), text);
        }
        for text in ["", "Unicode", "regex:", "regex", "words"] {
            assert_eq!(text.parse::<WordSplitting>(), Err(UnknownWordSplitting(text.to_owned())));
        }
    }
}
