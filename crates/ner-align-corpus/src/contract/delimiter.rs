//! The delimiter between the columns of a row.

use std::str::FromStr;

use crate::{CorpusError, ErrorKind};

/// The delimiter between columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delimiter {
    /// A tab where the row has one, runs of spaces elsewhere.
    #[default]
    Auto,
    /// Every single tab; fields may be empty or hold spaces.
    Tab,
    /// Runs of spaces and tabs.
    Space,
    /// Every single occurrence of this character.
    Char(char),
}

impl FromStr for Delimiter {
    type Err = CorpusError;

    /// Reads `auto`, `tab`, `space`, or the character itself.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut characters = text.chars();
        match (text, characters.next(), characters.next()) {
            ("auto", ..) => Ok(Self::Auto),
            ("tab" | "\\t" | "\t", ..) => Ok(Self::Tab),
            ("space" | " ", ..) => Ok(Self::Space),
            (_, Some(character), None) if !matches!(character, '\n' | '\r') => {
                Ok(Self::Char(character))
            }
            _ => Err(CorpusError::new(
                ErrorKind::Usage,
                "unknown-delimiter",
                "the delimiter auto, tab, space or one character",
                format!("{text:?}"),
            )),
        }
    }
}
