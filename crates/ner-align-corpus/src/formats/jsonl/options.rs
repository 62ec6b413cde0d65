//! How JSON lines are read and written.

use ner_align_core::{Scheme, WordSplitting};

use super::JsonlShape;
use crate::contract::{CsvColumns, OffsetUnit, OnSurfaceMismatch};
use crate::{DEFAULT_MAX_FINDINGS, DEFAULT_MAX_MEMORY, ReadOptions, WriteOptions};

/// How JSON lines are read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JsonlOptions {
    /// The scheme of `ner_tags`. `None`: the one that fits the first MiB best.
    pub scheme: Option<Scheme>,
    /// The names of tags that are given as numbers, from 0; -100 is a word without annotation.
    pub tag_names: Option<Vec<String>>,
    /// How text without tokens is split into words.
    pub words: WordSplitting,
    /// The names of keys, where they are not the usual ones.
    pub columns: CsvColumns,
    /// What offsets count.
    pub offsets: OffsetUnit,
    /// What becomes of a span whose own copy of its text is not what stands at its offsets.
    pub on_surface_mismatch: OnSurfaceMismatch,
    /// Findings kept; those beyond are only counted.
    pub max_findings: usize,
    /// Bytes that a document, and what is kept of its file, may take.
    pub max_memory: u64,
}

ner_align_core::setters! { JsonlOptions {
    with_scheme: scheme: Option<Scheme>,
    with_tag_names: tag_names: Option<Vec<String>>,
    with_words: words: WordSplitting,
    with_columns: columns: CsvColumns,
    with_offsets: offsets: OffsetUnit,
    with_on_surface_mismatch: on_surface_mismatch: OnSurfaceMismatch,
    with_max_findings: max_findings: usize,
    with_max_memory: max_memory: u64,
} }

impl Default for JsonlOptions {
    fn default() -> Self {
        Self {
            scheme: None,
            tag_names: None,
            words: WordSplitting::default(),
            columns: CsvColumns::default(),
            offsets: OffsetUnit::default(),
            on_surface_mismatch: OnSurfaceMismatch::default(),
            max_findings: DEFAULT_MAX_FINDINGS,
            max_memory: DEFAULT_MAX_MEMORY,
        }
    }
}

impl From<&ReadOptions> for JsonlOptions {
    fn from(options: &ReadOptions) -> Self {
        Self {
            scheme: options.scheme,
            tag_names: options.tag_names.clone(),
            words: options.words.clone(),
            columns: options.columns.clone(),
            offsets: options.offsets,
            on_surface_mismatch: options.on_surface_mismatch,
            max_findings: options.max_findings,
            max_memory: options.max_memory,
        }
    }
}

/// How JSON lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct JsonlWriterOptions {
    /// The shape of a document.
    pub shape: JsonlShape,
    /// The scheme of tags; `None`: each document's own, IOB2 where it has none.
    pub scheme: Option<Scheme>,
    /// Write tags anew from the entities instead of as they were spelled.
    pub repair: bool,
    /// What offsets count; `None`: what the tool of the shape counts.
    pub offsets: Option<OffsetUnit>,
}

ner_align_core::setters! { JsonlWriterOptions {
    with_shape: shape: JsonlShape,
    with_scheme: scheme: Option<Scheme>,
    with_repair: repair: bool,
    with_offsets: offsets: Option<OffsetUnit>,
} }

impl From<&WriteOptions> for JsonlWriterOptions {
    fn from(options: &WriteOptions) -> Self {
        Self {
            shape: options.shape.unwrap_or_default(),
            scheme: options.scheme,
            repair: options.repair,
            offsets: options.offsets,
        }
    }
}
