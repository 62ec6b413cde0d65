//! Readers and writers of corpora annotated with named entities.
//!
//! A format is a folder here, with a reader and a writer that work document by document. [`open`]
//! and [`read_path`] tell a file's format and scheme; what was read in another way than it was
//! written comes back as findings with their place.
//!
//! ```
//! use ner_align_core::CorpusReader;
//! use ner_align_corpus::{ReadOptions, open_reader};
//! let text = "Ada\tB-PER\nwrote\tO\n\nLondon\tB-LOC\n";
//! let mut reader = open_reader(text.as_bytes(), "train.tsv", &ReadOptions::default())?;
//! let documents = reader.read_document()?.into_iter().chain(reader.read_document()?);
//! let entities: Vec<String> = documents
//!     .flat_map(|d| d.entities().iter().map(|e| d.surface(e.span).to_owned()).collect::<Vec<_>>())
//!     .collect();
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
pub use contract::{FormatReader, FormatWriter, ReadOptions, Unwritable, WriteOptions};
pub use convert::{
    Conversion, ConvertOptions, ConvertSummary, OnMisaligned, OnOverlap, Policies, Resolved,
    convert, convert_folder, losses,
};
pub use corpus::{Corpus, read_path, read_paths};
pub use error::{CorpusError, ErrorKind};
pub use finding_log::{DEFAULT_MAX_FINDINGS, FindingLog};
pub use format::Format;
pub use formats::plain::TextReader;
pub use io::{AtomicFile, Encoding, FILE_NOT_READ, Source, is_folder_of_files, remove_drafts};
pub use labels::{LabelMap, LabelTally};
pub use registry::{create, open, open_reader, open_with_format};
pub use text::{CharMap, Placed, place_spans, sentences, span_finding, words};
