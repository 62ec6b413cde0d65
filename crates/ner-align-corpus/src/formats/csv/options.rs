//! How a table is read.

use ner_align_core::{Scheme, WordSplitting};

use crate::contract::{CsvColumns, Delimiter, OffsetUnit, OnSurfaceMismatch};
use crate::{DEFAULT_MAX_FINDINGS, DEFAULT_MAX_MEMORY, ReadOptions};

/// How a table is read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CsvOptions {
    /// What separates the columns; [`Delimiter::Space`] is refused.
    pub delimiter: Delimiter,
    /// The names of the columns.
    pub columns: CsvColumns,
    /// The names of tags that are given as numbers, from 0.
    pub tag_names: Option<Vec<String>>,
    /// How a text with spans is split.
    pub words: WordSplitting,
    /// What the offsets of spans count.
    pub offsets: OffsetUnit,
    /// What becomes of a span whose own copy of its text is not what stands at its offsets.
    pub on_surface_mismatch: OnSurfaceMismatch,
    /// The scheme of the tags. `None`: the one that fits the first MiB best.
    pub scheme: Option<Scheme>,
    /// Without a column of documents, this many sentences make one; 0: all of them.
    pub sentences_per_document: usize,
    /// Findings kept; those beyond are only counted.
    pub max_findings: usize,
    /// Bytes that a document, and what is kept of its file, may take.
    pub max_memory: u64,
}

ner_align_core::setters! { CsvOptions {
    with_delimiter: delimiter: Delimiter,
    with_columns: columns: CsvColumns,
    with_tag_names: tag_names: Option<Vec<String>>,
    with_words: words: WordSplitting,
    with_offsets: offsets: OffsetUnit,
    with_on_surface_mismatch: on_surface_mismatch: OnSurfaceMismatch,
    with_scheme: scheme: Option<Scheme>,
    with_sentences_per_document: sentences_per_document: usize,
    with_max_findings: max_findings: usize,
    with_max_memory: max_memory: u64,
} }

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            delimiter: Delimiter::Auto,
            columns: CsvColumns::default(),
            tag_names: None,
            words: WordSplitting::default(),
            offsets: OffsetUnit::default(),
            on_surface_mismatch: OnSurfaceMismatch::default(),
            scheme: None,
            sentences_per_document: 1,
            max_findings: DEFAULT_MAX_FINDINGS,
            max_memory: DEFAULT_MAX_MEMORY,
        }
    }
}

impl From<&ReadOptions> for CsvOptions {
    fn from(options: &ReadOptions) -> Self {
        Self {
            delimiter: options.delimiter,
            columns: options.columns.clone(),
            tag_names: options.tag_names.clone(),
            words: options.words.clone(),
            offsets: options.offsets,
            on_surface_mismatch: options.on_surface_mismatch,
            scheme: options.scheme,
            sentences_per_document: options.sentences_per_document,
            max_findings: options.max_findings,
            max_memory: options.max_memory,
        }
    }
}
