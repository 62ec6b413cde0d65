//! What a format implements, and the options that its reader and its writer are given.
//!
//! Readers, writers and the registry use this module; it uses none of them.

mod csv_columns;
mod delimiter;
mod jsonl_shape;
pub(crate) mod memory;
mod offset_unit;
mod options;

use std::collections::BTreeMap;

use ner_align_core::{CorpusReader, CorpusWriter};

use crate::error::CorpusError;

pub use csv_columns::CsvColumns;
pub use delimiter::Delimiter;
pub use jsonl_shape::JsonlShape;
pub use memory::DEFAULT_MAX_MEMORY;
pub use offset_unit::{OffsetUnit, OnSurfaceMismatch};
pub use options::{ReadOptions, Unwritable, WriteOptions};

/// A reader of this crate: its errors have a place, it counts what it found, and a thread may hand
/// it to another.
pub trait FormatReader: CorpusReader<Error = CorpusError> + Send {
    /// How many findings there were so far of each code, those not kept included.
    fn finding_counts(&self) -> &BTreeMap<String, usize>;

    /// True if the source itself says where its documents end, as far as it has been read.
    fn documents_marked(&self) -> bool;

    /// The line on which the document read last starts, where its sentences have no line of their
    /// own.
    fn line(&self) -> Option<u64> {
        None
    }
}

/// A writer of this crate.
pub trait FormatWriter: CorpusWriter<Error = CorpusError> + Send {}
