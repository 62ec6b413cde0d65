//! How columns are read.

use ner_align_core::Scheme;

use crate::contract::{CsvColumns, Delimiter};
use crate::{DEFAULT_MAX_FINDINGS, DEFAULT_MAX_MEMORY, ReadOptions};

/// How columns are read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConllOptions {
    /// What separates the columns.
    pub delimiter: Delimiter,
    /// The column of the word, from 0; negative counts from the end. `None`: the one that a header
    /// names, the second where the first one counts the words or has the tag, else the first.
    pub token_column: Option<i64>,
    /// The column of the tag, from 0; negative counts from the end, row by row. `None`: the one that
    /// a header names, else the last, or one that holds tags where the last one does not.
    pub tag_column: Option<i64>,
    /// Further columns of tags, counted in the same way. Their entities are read beside those of the
    /// first column, and may overlap them.
    pub more_tag_columns: Vec<i64>,
    /// The names of columns, where a header has them. They yield to the numbers above.
    pub columns: CsvColumns,
    /// The names of tags that the column gives as numbers, from 0.
    pub tag_names: Option<Vec<String>>,
    /// The scheme of the tags. `None`: the one that fits the first MiB best.
    pub scheme: Option<Scheme>,
    /// Where no document is marked, this many sentences make one; 0: all of them.
    pub sentences_per_document: usize,
    /// Findings kept; those beyond are only counted.
    pub max_findings: usize,
    /// Bytes that a document, and what is kept of its file, may take.
    pub max_memory: u64,
}

ner_align_core::setters! { ConllOptions {
    with_delimiter: delimiter: Delimiter,
    with_token_column: token_column: Option<i64>,
    with_tag_column: tag_column: Option<i64>,
    with_more_tag_columns: more_tag_columns: Vec<i64>,
    with_columns: columns: CsvColumns,
    with_tag_names: tag_names: Option<Vec<String>>,
    with_scheme: scheme: Option<Scheme>,
    with_sentences_per_document: sentences_per_document: usize,
    with_max_findings: max_findings: usize,
    with_max_memory: max_memory: u64,
} }

impl Default for ConllOptions {
    fn default() -> Self {
        Self {
            delimiter: Delimiter::Auto,
            token_column: None,
            tag_column: None,
            more_tag_columns: Vec::new(),
            columns: CsvColumns::default(),
            tag_names: None,
            scheme: None,
            sentences_per_document: 1,
            max_findings: DEFAULT_MAX_FINDINGS,
            max_memory: DEFAULT_MAX_MEMORY,
        }
    }
}

impl From<&ReadOptions> for ConllOptions {
    fn from(options: &ReadOptions) -> Self {
        Self {
            delimiter: options.delimiter,
            token_column: options.token_column,
            tag_column: options.tag_column,
            more_tag_columns: options.more_tag_columns.clone(),
            columns: options.columns.clone(),
            tag_names: options.tag_names.clone(),
            scheme: options.scheme,
            sentences_per_document: options.sentences_per_document,
            max_findings: options.max_findings,
            max_memory: options.max_memory,
        }
    }
}
