//! Parquet in the layout of Hugging Face's `datasets`: a sentence or a document a row.
//!
//! ```text
//! id: string   tokens: list<string>           ner_tags: list<int64> or list<string>
//! 0            ["EU", "rejects", "German"]    [5, 0, 1]
//! ```
//!
//! The columns are known by name: `tokens` or `words`; `ner_tags`, `tags`, `labels` or `ner`; `id`;
//! `text`. Tags that are numbers have their names in the schema's metadata, under the key
//! `huggingface`, as `datasets` writes them; where there are none, the caller names them. -100, -1
//! and null stand for words that nobody annotated. With a column `id` documents are marked: rows of
//! the same id that follow each other are the sentences of one document. A `text` is kept where a
//! document is one row. Other columns are not kept.
//!
//! Nothing that a file claims is trusted: sizes are checked against the file before anything is
//! read, and rows are read one at a time.

mod column;
mod features;
mod file;
mod guard;
mod layout;
mod options;
mod pages;
mod reader;
mod rows;
mod spool;
mod tag_names;
mod thrift;
mod writer;

pub use options::ParquetOptions;
pub use reader::ParquetReader;
pub use writer::ParquetWriter;

/// The key of the metadata that holds the features of `datasets`.
const METADATA_KEY: &str = "huggingface";

/// What stands for a word that nobody annotated where tags are numbers: what losses ignore.
const MISSING: i64 = -100;
