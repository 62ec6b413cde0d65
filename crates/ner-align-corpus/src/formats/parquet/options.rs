//! How Parquet is read.

use ner_align_core::Scheme;

use crate::contract::CsvColumns;
use crate::{DEFAULT_MAX_FINDINGS, DEFAULT_MAX_MEMORY, ReadOptions};

/// How Parquet is read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParquetOptions {
    /// The scheme of the tags. `None`: the one that fits the first 5,000 rows best.
    pub scheme: Option<Scheme>,
    /// The names of the columns.
    pub columns: CsvColumns,
    /// The names of tags that are given as numbers, from 0. `None`: those in the file's metadata.
    pub tag_names: Option<Vec<String>>,
    /// Without a column `id`, this many rows make a document; 0: all of them.
    pub sentences_per_document: usize,
    /// Findings kept; those beyond are only counted.
    pub max_findings: usize,
    /// Bytes that a document, and what is kept of its file, may take.
    pub max_memory: u64,
}

ner_align_core::setters! { ParquetOptions {
    with_scheme: scheme: Option<Scheme>,
    with_columns: columns: CsvColumns,
    with_tag_names: tag_names: Option<Vec<String>>,
    with_sentences_per_document: sentences_per_document: usize,
    with_max_findings: max_findings: usize,
    with_max_memory: max_memory: u64,
} }

impl Default for ParquetOptions {
    fn default() -> Self {
        Self {
            scheme: None,
            columns: CsvColumns::default(),
            tag_names: None,
            sentences_per_document: 1,
            max_findings: DEFAULT_MAX_FINDINGS,
            max_memory: DEFAULT_MAX_MEMORY,
        }
    }
}

impl From<&ReadOptions> for ParquetOptions {
    fn from(options: &ReadOptions) -> Self {
        Self {
            scheme: options.scheme,
            columns: options.columns.clone(),
            tag_names: options.tag_names.clone(),
            sentences_per_document: options.sentences_per_document,
            max_findings: options.max_findings,
            max_memory: options.max_memory,
        }
    }
}
