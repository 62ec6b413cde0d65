//! How corpora are read and written.

use ner_align_core::{Scheme, WordSplitting};

use super::{CsvColumns, DEFAULT_MAX_MEMORY, Delimiter, JsonlShape, OffsetUnit, OnSurfaceMismatch};
use crate::{Capabilities, DEFAULT_MAX_FINDINGS, Encoding, Format, LabelMap};

/// How a corpus is read. Formats pass over options that are not theirs.
///
/// ```
/// use ner_align_corpus::{Format, ReadOptions};
/// let options = ReadOptions::default().with_format(Some(Format::Conll)).with_tag_column(Some(3));
/// assert_eq!((options.tag_column, options.sentences_per_document), (Some(3), 1));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadOptions {
    /// The format; `None`: detected from content and name.
    pub format: Option<Format>,
    /// The scheme of the tags; `None`: detected from the tags.
    pub scheme: Option<Scheme>,
    /// Where no document is marked, this many sentences make one; 0: all of them.
    pub sentences_per_document: usize,
    /// Entity types to rename and to drop.
    pub labels: LabelMap,
    /// Findings kept of each file; those beyond are only counted.
    pub max_findings: usize,
    /// The delimiter between the columns of `conll` and of `csv`.
    pub delimiter: Delimiter,
    /// The column of the word in `conll`, from 0; negative counts from the end.
    pub token_column: Option<i64>,
    /// The column of the tag in `conll`, from 0; negative counts from the end.
    pub tag_column: Option<i64>,
    /// Further columns of tags in `conll`, counted in the same way. Their entities are read beside those
    /// of the first column, and may overlap them.
    pub more_tag_columns: Vec<i64>,
    /// The names of columns of `csv`, `parquet`, CoNLL-U Plus and headers of `conll`, and of the keys of
    /// `jsonl`.
    pub columns: CsvColumns,
    /// The names of tags that `conll`, `csv`, `jsonl` and `parquet` give as numbers, from 0.
    pub tag_names: Option<Vec<String>>,
    /// How text without words is split, as in `brat` and `jsonl`.
    pub words: WordSplitting,
    /// What the offsets of `jsonl`, `brat` and `csv` count.
    pub offsets: OffsetUnit,
    /// What becomes of a span whose own copy of its text is not what stands at its offsets.
    pub on_surface_mismatch: OnSurfaceMismatch,
    /// The encoding of text formats.
    pub encoding: Encoding,
    /// Make tokens of white space in `docbin` and `spacy-json`, which have no other way to write
    /// it, text between words again.
    pub fold_white_space: bool,
    /// Bytes that a document, and what is kept of its file, may take; also those of all documents of a [`Corpus`]
    /// in memory. What would take more is an error.
    ///
    /// [`Corpus`]: crate::Corpus
    pub max_memory: u64,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            format: None,
            scheme: None,
            sentences_per_document: 1,
            labels: LabelMap::default(),
            max_findings: DEFAULT_MAX_FINDINGS,
            delimiter: Delimiter::Auto,
            token_column: None,
            tag_column: None,
            more_tag_columns: Vec::new(),
            columns: CsvColumns::default(),
            tag_names: None,
            words: WordSplitting::default(),
            offsets: OffsetUnit::CodePoints,
            on_surface_mismatch: OnSurfaceMismatch::Error,
            encoding: Encoding::Utf8,
            fold_white_space: false,
            max_memory: DEFAULT_MAX_MEMORY,
        }
    }
}

ner_align_core::setters! { ReadOptions {
    with_format: format: Option<Format>,
    with_scheme: scheme: Option<Scheme>,
    with_sentences_per_document: sentences_per_document: usize,
    with_labels: labels: LabelMap,
    with_max_findings: max_findings: usize,
    with_delimiter: delimiter: Delimiter,
    with_token_column: token_column: Option<i64>,
    with_tag_column: tag_column: Option<i64>,
    with_more_tag_columns: more_tag_columns: Vec<i64>,
    with_columns: columns: CsvColumns,
    with_tag_names: tag_names: Option<Vec<String>>,
    with_words: words: WordSplitting,
    with_offsets: offsets: OffsetUnit,
    with_on_surface_mismatch: on_surface_mismatch: OnSurfaceMismatch,
    with_encoding: encoding: Encoding,
    with_fold_white_space: fold_white_space: bool,
    with_max_memory: max_memory: u64,
} }

/// What to do with a word or a name that the format cannot hold, such as one with a tab in columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unwritable {
    /// Refuse the document.
    #[default]
    Error,
    /// Write U+FFFD for each such character, and for an empty word.
    Replace,
}

/// How a corpus is written. Formats pass over options that are not theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriteOptions {
    /// The scheme of the tags; `None`: each document's own where the format has a choice, IOB2
    /// where it has none.
    pub scheme: Option<Scheme>,
    /// Say where documents start, in formats that can do without.
    pub mark_documents: bool,
    /// What to do with words that the format cannot hold.
    pub unwritable: Unwritable,
    /// Write tags anew from the entities instead of as they were spelled.
    pub repair: bool,
    /// The shape of documents in `jsonl`; `None`: Prodigy's.
    pub shape: Option<JsonlShape>,
    /// What the offsets of `jsonl` count; `None`: what the tool of the shape counts.
    pub offsets: Option<OffsetUnit>,
    /// The model whose predictions the entities are; the shape `label-studio` of `jsonl` writes them as
    /// such. `None`: people annotated them.
    pub predicted_by: Option<String>,
    /// Unpacked bytes after which `docbin` starts another file.
    pub shard_size: u64,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self {
            scheme: None,
            mark_documents: true,
            unwritable: Unwritable::Error,
            repair: false,
            shape: None,
            offsets: None,
            predicted_by: None,
            shard_size: 1 << 30,
        }
    }
}

ner_align_core::setters! { WriteOptions {
    with_scheme: scheme: Option<Scheme>,
    with_mark_documents: mark_documents: bool,
    with_unwritable: unwritable: Unwritable,
    with_repair: repair: bool,
    with_shape: shape: Option<JsonlShape>,
    with_offsets: offsets: Option<OffsetUnit>,
    with_predicted_by: predicted_by: Option<String>,
    with_shard_size: shard_size: u64,
} }

impl WriteOptions {
    /// What a format can express under these options.
    #[must_use]
    pub const fn capabilities(&self, format: Format) -> Capabilities {
        match (format, self.shape) {
            (Format::Jsonl, Some(shape)) => shape.capabilities(),
            _ => format.capabilities(),
        }
    }
}
