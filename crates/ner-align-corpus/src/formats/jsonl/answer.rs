//! What an annotator said of a document.

/// What an annotator said of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing, or that it is right as a whole.
    Whole,
    /// Only that its spans are right.
    SpansRight,
    /// Only that its spans are none.
    SpansWrong,
}
