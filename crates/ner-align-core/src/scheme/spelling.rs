//! How a scheme spells tags.

use std::fmt;

use super::Scheme;
use crate::{Prefix, Tag};

impl Prefix {
    /// The letter that `scheme` writes.
    #[must_use]
    pub const fn letter(self, scheme: Scheme) -> char {
        match (self, scheme) {
            (Self::Begin, _) => 'B',
            (Self::Inside, _) => 'I',
            (Self::End, Scheme::Biluo) => 'L',
            (Self::End, _) => 'E',
            (Self::Single, Scheme::Biluo) => 'U',
            (Self::Single, _) => 'S',
        }
    }
}

impl Tag {
    /// The tag in the spelling of `scheme`.
    #[must_use]
    pub const fn display(&self, scheme: Scheme) -> TagDisplay<'_> {
        TagDisplay { tag: self, scheme }
    }
}

/// A tag in the spelling of a scheme; see [`Tag::display`].
#[derive(Debug, Clone, Copy)]
pub struct TagDisplay<'a> {
    tag: &'a Tag,
    scheme: Scheme,
}

impl fmt::Display for TagDisplay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tag {
            Tag::Missing => f.write_str("-"),
            Tag::Outside => f.write_str("O"),
            Tag::Entity { prefix, label } => write!(f, "{}-{label}", prefix.letter(self.scheme)),
        }
    }
}
