//! Spans of a source that do not match words.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{CharSpan, Label};

/// Why a span of characters does not match words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Misalignment {
    /// It starts or ends within a word.
    InsideWord,
    /// It starts or ends with white space, or contains nothing else.
    WhitespaceEdge,
    /// Its end is before its start.
    Reversed,
    /// It contains no character.
    Empty,
    /// It ends past the end of the text.
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

/// A span as its source gives it. It need not match words or even be inside the text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SourceSpan {
    /// One piece, or several if the span is discontinuous, in the source's order. Half-open, in
    /// code points of the text, as the source gives them and without any check.
    pub pieces: Vec<CharSpan>,
    /// The type.
    pub label: Label,
    /// Why it does not match words.
    pub reason: Misalignment,
}

impl SourceSpan {
    /// A span with these pieces, half-open and in code points of the text.
    #[must_use]
    pub const fn new(pieces: Vec<CharSpan>, label: Label, reason: Misalignment) -> Self {
        Self { pieces, label, reason }
    }
}
