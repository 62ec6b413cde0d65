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

pub mod annotate;
pub mod atomic;
mod atomic_folder;
pub mod brat;
mod capability;
pub mod conll;
pub mod conllu;
mod convert;
mod convert_folder;
mod corpus;
pub mod csv;
pub mod docbin;
mod document_names;
mod drafts;
mod error;
pub mod factrueval;
mod fault_place;
mod findings;
mod folder;
mod format;
mod guessed;
pub mod iob_lines;
pub mod jsonl;
mod label_map;
mod label_tally;
mod lines;
pub mod lint;
mod outgoing;
mod output;
#[cfg(feature = "parquet")]
pub mod parquet;
mod partial;
mod placement;
mod policy;
mod registry;
pub mod sentences;
pub mod similarity;
mod sniff;
mod source;
pub mod spacy_json;
mod spacy_tokens;
pub mod split;
mod standoff;
mod surface;
mod tags;
pub mod words;

pub use atomic::AtomicFile;
pub use capability::{Capabilities, losses};
pub use convert::{Conversion, ConvertOptions, ConvertSummary, convert};
pub use convert_folder::convert_folder;
pub use corpus::{Corpus, FormatReader, ReadOptions, open, open_reader, read_path, read_paths};
pub use drafts::remove_drafts;
pub use error::{CorpusError, ErrorKind};
pub use findings::{DEFAULT_MAX_FINDINGS, FindingLog};
pub use folder::{FILE_NOT_READ, is_folder_of_files};
pub use format::Format;
pub use label_map::LabelMap;
pub use label_tally::LabelTally;
pub use output::{FormatWriter, Unwritable, WriteOptions, create};
pub use placement::{CharMap, Placed, place_spans, span_finding};
pub use policy::{OnMisaligned, OnOverlap, Policies, Resolved};
pub use source::{Encoding, Source};
