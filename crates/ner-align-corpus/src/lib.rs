//! Readers and writers of corpora annotated with named entities.
//!
//! A format is a folder here, with a reader and a writer that work document by document. [`open`]
//! and [`read_path`] detect a file's format and scheme. What a reader reads in another way than the
//! file has it comes back as findings with their place.
//!
//! ```
//! use ner_align_core::CorpusReader;
//! use ner_align_corpus::{ReadOptions, open_reader};
//! let text = "Ada\tB-PER\nwrote\tO\n\nLondon\tB-LOC\n";
//! let mut reader = open_reader(text.as_bytes(), "train.tsv", &ReadOptions::default())?;
//! let mut entities = Vec::new();
//! for document in reader.documents() {
//!     entities.extend(document?.mentions().map(|entity| entity.text.to_owned()));
//! }
//! assert_eq!(entities, ["Ada", "London"]);
//! # Ok::<(), ner_align_corpus::CorpusError>(())
//! ```

mod capability;
pub mod contract;
mod convert;
mod corpus;
mod error;
mod finding_log;
mod format;
pub mod formats;
pub mod io;
mod labels;
mod registry;
pub mod text;

pub use capability::Capabilities;
pub use contract::{
    DEFAULT_MAX_MEMORY, FormatReader, FormatWriter, OffsetUnit, OnSurfaceMismatch, ReadOptions,
    Unwritable, WriteOptions,
};
pub use convert::{
    Conversion, Convert, ConvertOptions, ConvertSummary, Grouped, OnMisaligned,
    OnMisaligned as Policy, OnOverlap, Policies, Resolved, convert, convert_all, convert_folder,
    convert_inputs, files_not_read, losses,
};
pub use corpus::{Corpus, for_each_document, read, read_all, read_for_tags, read_path, read_paths};
pub use error::CorpusError;
pub use finding_log::{DEFAULT_MAX_FINDINGS, FindingLog};
pub use format::Format;
pub use formats::plain::TextReader;
pub use io::{
    AtomicFile, Encoding, FILE_NOT_READ, Source, Standard, is_folder_of_files, read_names,
    remove_drafts,
};
pub use labels::{LabelMap, LabelTally, by_frequency};
pub use ner_align_core::ErrorKind;
pub use registry::{Input, create, open, open_reader, open_with_format};
pub use text::{CharMap, Placed, place_spans, sentences, span_finding, words};
