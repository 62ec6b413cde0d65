//! How a `.spacy` is read.

use crate::{DEFAULT_MAX_FINDINGS, ReadOptions};

/// How a `.spacy` is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocBinOptions {
    /// Make tokens of white space text between words.
    pub fold_white_space: bool,
    /// Findings kept; those beyond are only counted.
    pub max_findings: usize,
}

ner_align_core::setters! { DocBinOptions {
    with_fold_white_space: fold_white_space: bool,
    with_max_findings: max_findings: usize,
} }

impl Default for DocBinOptions {
    fn default() -> Self {
        Self { fold_white_space: false, max_findings: DEFAULT_MAX_FINDINGS }
    }
}

impl From<&ReadOptions> for DocBinOptions {
    fn from(options: &ReadOptions) -> Self {
        Self { fold_white_space: options.fold_white_space, max_findings: options.max_findings }
    }
}
