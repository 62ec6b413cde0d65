//! Where another tool would stop.

use thiserror::Error;

use super::Tool;

/// Tags that the tool refuses or fails on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CompatError {
    /// Not the same number of sentences on both sides.
    #[error("{tool}: {gold} gold sentences, {predicted} predicted")]
    Sentences {
        /// The tool.
        tool: Tool,
        /// Number of gold sentences.
        gold: usize,
        /// Number of predicted sentences.
        predicted: usize,
    },
    /// No sentences, which seqeval does not accept as a list of lists.
    #[error("{tool}: no sentences")]
    NoSentences {
        /// The tool.
        tool: Tool,
    },
    /// Not the same number of words on both sides.
    #[error("{tool}: sentence {sentence}: {gold} gold tags, {predicted} predicted")]
    Words {
        /// The tool.
        tool: Tool,
        /// Index of the sentence.
        sentence: usize,
        /// Number of gold tags.
        gold: usize,
        /// Number of predicted tags.
        predicted: usize,
    },
    /// A tag that the tool stops at.
    #[error("{tool}: sentence {sentence}, word {word}: expected {expected}, found {found:?}")]
    Tag {
        /// The tool.
        tool: Tool,
        /// Index of the sentence.
        sentence: usize,
        /// Index of the word.
        word: usize,
        /// What the tool takes there.
        expected: &'static str,
        /// The tag.
        found: String,
    },
    /// Tags from which seqeval guesses no scheme.
    #[error("seqeval-strict: expected prefixes of a scheme that seqeval has, found {found}")]
    Detect {
        /// The prefix letters.
        found: String,
    },
    /// A scheme that seqeval does not have.
    #[error("seqeval-strict: expected one of iob1, iob2, ioe1, ioe2, iobes, biluo, found {found}")]
    Scheme {
        /// The requested scheme.
        found: ner_align_core::Scheme,
    },
    /// A name that is not a tool's.
    #[error(
        "expected one of seqeval, seqeval-strict, conlleval, nervaluate, spacy, found {found:?}"
    )]
    UnknownTool {
        /// The name.
        found: String,
    },
}

impl CompatError {
    /// What to do about it, where that is known.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Sentences { .. } => Some("give the same sentences in the same order"),
            Self::Words { .. } => Some("give one tag for each word on both sides"),
            Self::Detect { .. } => Some("name the scheme"),
            _ => None,
        }
    }
}
