//! Fine-tune BERT on named entities and trust the result.
//!
//! ner-align is the chain from an annotated corpus to a model that finds entities, whole: readers
//! and writers of corpora, alignment of word labels with subtokens, fine-tuning on libtorch, and
//! scores equal to the peers'. Each link is a crate of its own; this one re-exports them.
//!
//! | module | crate | feature | holds |
//! |---|---|---|---|
//! | [`core`] | `ner-align-core` | always | documents, tags, the seven schemes, every shared trait |
//! | `corpus` | `ner-align-corpus` | `corpus`, default | readers and writers of annotated corpora |
//! | `curate` | `ner-align-curate` | `curate` | checks, splits, annotation by word lists |
//! | `subword` | `ner-align-subword` | `subword`, default | words to subtokens and back, windows |
//! | `metrics` | `ner-align-metrics` | `metrics`, default | strict, SemEval, relaxed scores, confusion |
//! | `train` | `ner-align-train` | `train` | the training loop, without a backend |
//! | `tch` | `ner-align-tch` | `tch` | BERT on libtorch 2.11 |
//!
//! The default features need no libtorch.
//!
//! ```
//! # #[cfg(all(feature = "corpus", feature = "metrics"))] {
//! use ner_align::prelude::*;
//! use ner_align::{corpus, metrics};
//!
//! let gold = "Ada\tB-PER\nLovelace\tI-PER\nsaw\tO\nLondon\tB-LOC\n";
//! let predicted = "Ada\tB-PER\nLovelace\tO\nsaw\tO\nLondon\tB-LOC\n";
//! let mut scorer = metrics::Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
//! let tags = |text: &'static str| -> Result<Vec<Tag>, corpus::CorpusError> {
//!     let mut reader = corpus::open_reader(text.as_bytes(), "-", &Default::default())?;
//!     Ok(reader.read_document()?.unwrap().tags().unwrap().0.to_vec())
//! };
//! scorer.try_update(&tags(gold)?, &tags(predicted)?)?;
//! assert_eq!(scorer.compute().strict().micro.f1, Some(0.5));
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use ner_align_core as core;
#[cfg(feature = "corpus")]
pub use ner_align_corpus as corpus;
#[cfg(feature = "curate")]
pub use ner_align_curate as curate;
#[cfg(feature = "metrics")]
pub use ner_align_metrics as metrics;
#[cfg(feature = "subword")]
pub use ner_align_subword as subword;
#[cfg(feature = "tch")]
pub use ner_align_tch as tch;
#[cfg(feature = "train")]
pub use ner_align_train as train;

/// The traits and types that most programs name.
pub mod prelude {
    pub use ner_align_core::{
        CorpusReader, CorpusWriter, Dataset, DecodeMode, Document, Entity, Label, LabelAligner,
        LabelSet, Metric, PieceAggregator, Scheme, SubwordTokenizer, Tag, TagDecoder, TagScheme,
        TokenClassifier, TrainStep, WordSpan,
    };
}

/// The README's examples, as tests.
#[cfg(all(doctest, feature = "corpus", feature = "subword", feature = "metrics"))]
#[doc = include_str!("../../README.md")]
struct Readme;
