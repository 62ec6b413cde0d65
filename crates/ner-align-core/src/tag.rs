//! Tags of words.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Label;

/// The position of a word within its entity.
///
/// `E` (IOE, IOBES) and `L` (BILUO) are two letters for one prefix, and so are `S` and `U`. The
/// scheme decides which letter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Prefix {
    /// `B`: the first word.
    Begin,
    /// `I`: inside.
    Inside,
    /// `E` or `L`: the last word.
    End,
    /// `S` or `U`: the only word.
    Single,
}

impl Prefix {
    /// All prefixes in the order of class ids.
    pub const ALL: [Self; 4] = [Self::Begin, Self::Inside, Self::End, Self::Single];

    /// The prefix with this letter in any scheme; `None` for other letters.
    #[must_use]
    pub const fn from_letter(letter: u8) -> Option<Self> {
        Some(match letter {
            b'B' => Self::Begin,
            b'I' => Self::Inside,
            b'E' | b'L' => Self::End,
            b'S' | b'U' => Self::Single,
            _ => return None,
        })
    }
}

/// The annotation of one word.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tag {
    /// The word is not annotated (`-` in spaCy). Unlike [`Tag::Outside`] it is neither trained on
    /// nor scored.
    Missing,
    /// The word is in no entity (`O`).
    Outside,
    /// The word is in an entity.
    Entity {
        /// Position within the entity.
        prefix: Prefix,
        /// The entity's type.
        label: Label,
    },
}

/// Why a string is not a tag.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TagError {
    /// The string is empty.
    #[error("empty tag")]
    Empty,
    /// The string has a prefix but no type, such as `B-` or `I`.
    #[error("tag {0:?} has no entity type")]
    NoType(String),
    /// The string has no known prefix, such as `TIM` or `X-PER`.
    #[error("tag {0:?} has no known prefix (one of B-, I-, E-, L-, S-, U-)")]
    UnknownPrefix(String),
}

impl TagError {
    /// What to do about it, where that is known.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Empty => {
                Some("write O for a word outside entities, - for one without annotation")
            }
            Self::NoType(_) | Self::UnknownPrefix(_) => {
                Some("a tag is O, - for missing, or a prefix and a type: B-PER")
            }
        }
    }
}

impl Tag {
    /// A tag inside an entity.
    #[must_use]
    pub const fn entity(prefix: Prefix, label: Label) -> Self {
        Self::Entity { prefix, label }
    }

    /// The entity's type, if the word is in one.
    #[must_use]
    pub const fn label(&self) -> Option<&Label> {
        match self {
            Self::Entity { label, .. } => Some(label),
            _ => None,
        }
    }

    /// The position within the entity, if the word is in one.
    #[must_use]
    pub const fn prefix(&self) -> Option<Prefix> {
        match self {
            Self::Entity { prefix, .. } => Some(*prefix),
            _ => None,
        }
    }

    /// Splits a tag's text into prefix and type without allocating; `O` gives `Ok(None)`. Does not
    /// accept `-`, the missing tag, as [`Tag::parse`] does.
    ///
    /// # Errors
    /// [`TagError`] if the text is not a tag of any scheme.
    pub fn split(text: &str) -> Result<Option<(Prefix, &str)>, TagError> {
        let bytes = text.as_bytes();
        match bytes {
            [] => Err(TagError::Empty),
            [b'O'] => Ok(None),
            [letter] if Prefix::from_letter(*letter).is_some() => {
                Err(TagError::NoType(text.to_owned()))
            }
            [letter, b'-'] if Prefix::from_letter(*letter).is_some() => {
                Err(TagError::NoType(text.to_owned()))
            }
            [letter, b'-', ..] => match Prefix::from_letter(*letter) {
                Some(prefix) => Ok(Some((prefix, &text[2..]))),
                None => Err(TagError::UnknownPrefix(text.to_owned())),
            },
            _ => Err(TagError::UnknownPrefix(text.to_owned())),
        }
    }

    /// Reads a tag of any scheme: `O`, `-` (missing), or a prefix letter, a hyphen and a type.
    ///
    /// ```
    /// use ner_align_core::{Prefix, Tag};
    /// let tag = Tag::parse("B-WORK-OF-ART")?;
    /// assert_eq!(tag.prefix(), Some(Prefix::Begin));
    /// assert_eq!(tag.label().unwrap().as_str(), "WORK-OF-ART");
    /// assert_eq!(Tag::parse("-")?, Tag::Missing);
    /// assert!(Tag::parse("B-").is_err());
    /// # Ok::<(), ner_align_core::TagError>(())
    /// ```
    ///
    /// # Errors
    /// [`TagError`] if the text is not a tag of any scheme.
    pub fn parse(text: &str) -> Result<Self, TagError> {
        if text == "-" {
            return Ok(Self::Missing);
        }
        match Self::split(text)? {
            None => Ok(Self::Outside),
            Some((prefix, name)) => match Label::new(name) {
                Some(label) => Ok(Self::Entity { prefix, label }),
                None => Err(TagError::NoType(text.to_owned())),
            },
        }
    }
}

impl FromStr for Tag {
    type Err = TagError;

    /// As [`Tag::parse`].
    fn from_str(text: &str) -> Result<Self, TagError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scheme;

    #[test]
    fn what_is_a_tag_and_what_is_not() {
        for (text, expected) in [
            ("O", Ok("O")),
            ("-", Ok("-")),
            ("B-PER", Ok("B-PER")),
            ("L-PER", Ok("L-PER")),
            ("U-é", Ok("U-é")),
            ("I--", Ok("I--")),
            ("", Err(TagError::Empty)),
            ("B-", Err(TagError::NoType("B-".into()))),
            ("I", Err(TagError::NoType("I".into()))),
            ("TIM", Err(TagError::UnknownPrefix("TIM".into()))),
            ("X-PER", Err(TagError::UnknownPrefix("X-PER".into()))),
            ("o", Err(TagError::UnknownPrefix("o".into()))),
            ("é-PER", Err(TagError::UnknownPrefix("é-PER".into()))),
        ] {
            let got = Tag::parse(text).map(|tag| tag.display(Scheme::Biluo).to_string());
            assert_eq!(got, expected.map(str::to_owned), "{text:?}");
        }
    }
}
