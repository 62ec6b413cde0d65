//! Vocabulary types, tag schemes and shared traits of the ner-align toolkit.
//!
//! All crates of the toolkit use these types. Each step from a corpus file to scores is one of the
//! traits in [`traits`]: implement one to add your own format, tokenizer, model or metric.
//!
//! ```
//! use ner_align_core::{DecodeMode, Scheme, Tag};
//!
//! let tags: Vec<Tag> =
//!     ["B-SKILLS", "I-SKILLS", "O"].iter().map(|tag| Tag::parse(tag)).collect::<Result<_, _>>()?;
//! let entities = Scheme::Iob2.decode(&tags, DecodeMode::Lenient).entities;
//! assert_eq!((entities[0].span.start, entities[0].span.end), (0, 2));
//!
//! let biluo = Scheme::Biluo.encode(&entities, 3)?;
//! assert_eq!(biluo[1].display(Scheme::Biluo).to_string(), "L-SKILLS");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! All indices count from 0 and all spans are half-open. Only lines and columns of files count
//! from 1.

mod as_tag;
mod batch;
mod batching;
mod dataset;
mod document;
mod encoding;
mod entity;
mod error_kind;
mod fence;
mod finding;
mod label;
mod label_set;
pub mod scheme;
mod setters;
mod small_file;
mod soft_target;
mod span;
mod tag;
mod tag_form;
mod tag_scheme;
mod tag_spelling;
pub mod traits;
mod transition_scores;
mod word_splitting;

pub use as_tag::AsTag;
pub use batch::{Batch, Rows};
pub use batching::BatchPlan;
pub use dataset::{AlignmentCounts, Dataset, GoldSentence, IGNORE_INDEX, Window};
pub use document::{
    Document, DocumentBuilder, DocumentError, Mention, Misalignment, Sentence, SourceSpan,
    TextOrigin,
};
pub use encoding::{Encoding, SpecialTokens};
pub use entity::{Entity, Score};
pub use error_kind::ErrorKind;
pub use fence::{CaughtPanic, fenced, is_panic_caught};
pub use finding::{Finding, Location, Severity};
pub use label::{EmptyLabel, Label};
pub use label_set::{CONTINUATION_CLASS, LabelSet, LabelSetError};
pub use scheme::{
    DecodeMode, Decoded, Scheme, SchemeDetector, SchemeError, TagDisplay, UnknownScheme, Violation,
};
pub use small_file::{
    MAX_SETTINGS_BYTES, read_at_most, read_small_file, read_small_text, read_text_at_most,
};
pub use soft_target::{SoftRows, SoftTarget};
pub use span::{ByteSpan, CharSpan, WordSpan};
pub use tag::{Prefix, Tag, TagError};
pub use tag_form::{TagForm, UNNAMED_TYPE, prefix_of_letter};
pub use tag_spelling::TagSpelling;
pub use traits::{
    BoxError, CorpusReader, CorpusWriter, LabelAligner, Metric, PieceAggregator, StepInput,
    StepOutput, SubwordTokenizer, TagDecoder, TagScheme, TokenClassifier, TrainStep,
};
pub use transition_scores::TransitionScores;
pub use word_splitting::{UnknownWordSplitting, WordSplitting};

/// The version of `ndarray` that the public types use. Arrays of another version are other types.
pub use ndarray;
