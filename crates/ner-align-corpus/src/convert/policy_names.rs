//! The policies by name.

use std::str::FromStr;

use crate::{CorpusError, ErrorKind};

/// What to do with a span that matches no words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnMisaligned {
    /// The document is refused.
    Error,
    /// It is left out.
    Drop,
    /// It is left out, and the words it touches count as not annotated.
    Missing,
    /// It grows to whole words, and across gaps between its pieces.
    Expand,
    /// It shrinks to the words that are wholly within it.
    Contract,
    /// It loses the white space at its ends; one that still does not fit is an error.
    Trim,
}

/// What to do with entities that share words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnOverlap {
    /// The document is refused.
    Error,
    /// The longest stays; of equally long ones the first.
    Longest,
    /// The first stays; of those with the same first word the longest.
    First,
    /// All stay, where the format can hold them.
    Groups,
}

fn unknown(what: &str, names: &str, found: &str) -> CorpusError {
    let expected = format!("{what} {names}");
    CorpusError::new(ErrorKind::Usage, "unknown-policy", expected, format!("{found:?}"))
}

impl FromStr for OnMisaligned {
    type Err = CorpusError;

    fn from_str(name: &str) -> Result<Self, CorpusError> {
        Ok(match name {
            "error" => Self::Error,
            "drop" => Self::Drop,
            "missing" => Self::Missing,
            "expand" => Self::Expand,
            "contract" => Self::Contract,
            "trim" => Self::Trim,
            _ => {
                let names = "error, drop, missing, expand, contract, trim";
                return Err(unknown("one of the policies", names, name));
            }
        })
    }
}

impl FromStr for OnOverlap {
    type Err = CorpusError;

    fn from_str(name: &str) -> Result<Self, CorpusError> {
        Ok(match name {
            "error" => Self::Error,
            "longest" => Self::Longest,
            "first" => Self::First,
            "groups" => Self::Groups,
            _ => return Err(unknown("one of the policies", "error, longest, first, groups", name)),
        })
    }
}
