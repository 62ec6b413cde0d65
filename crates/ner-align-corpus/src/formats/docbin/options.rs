//! How a `.spacy` is read.

use crate::{DEFAULT_MAX_FINDINGS, DEFAULT_MAX_MEMORY, ReadOptions};

/// How a `.spacy` is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocBinOptions {
    /// Make tokens of white space text between words.
    pub fold_white_space: bool,
    /// Findings kept; those beyond are only counted.
    pub max_findings: usize,
    /// Bytes that a document, and what is kept of its file, may take.
    pub max_memory: u64,
}

ner_align_core::setters! { DocBinOptions {
    with_fold_white_space: fold_white_space: bool,
    with_max_findings: max_findings: usize,
    with_max_memory: max_memory: u64,
} }

impl Default for DocBinOptions {
    fn default() -> Self {
        Self {
            fold_white_space: false,
            max_findings: DEFAULT_MAX_FINDINGS,
            max_memory: DEFAULT_MAX_MEMORY,
        }
    }
}

impl From<&ReadOptions> for DocBinOptions {
    fn from(options: &ReadOptions) -> Self {
        Self {
            fold_white_space: options.fold_white_space,
            max_findings: options.max_findings,
            max_memory: options.max_memory,
        }
    }
}
