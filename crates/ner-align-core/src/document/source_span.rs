//! Spans of a source that are no run of words.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{CharSpan, Label};

/// Why a span of characters is no run of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Misalignment {
    /// It starts or ends within a word.
    InsideWord,
    /// It starts or ends with white space, or covers nothing else.
    WhitespaceEdge,
    /// Its end lies before its start.
    Reversed,
    /// It covers no character.
    Empty,
    /// It reaches past the end of the text.
    OutOfRange,
    /// It has several pieces.
    Discontinuous,
}

impl Misalignment {
    /// A stable name, as in findings: `inside-word`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InsideWord => "inside-word",
            Self::WhitespaceEdge => "whitespace-edge",
            Self::Reversed => "reversed",
            Self::Empty => "empty",
            Self::OutOfRange => "out-of-range",
            Self::Discontinuous => "discontinuous",
        }
    }
}

impl fmt::Display for Misalignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A span as its source gives it, which may lie anywhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceSpan {
    /// One piece, or several where the span is discontinuous, in the source's order. Half-open,
    /// in code points of the text; nothing is promised about where they lie.
    pub pieces: Vec<CharSpan>,
    /// The type.
    pub label: Label,
    /// Why it is no entity.
    pub reason: Misalignment,
}
