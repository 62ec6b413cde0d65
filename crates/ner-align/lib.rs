//! Fine-tune a BERT on named entities, and trust the result.
//!
//! ner-align is the chain from an annotated corpus to a model that finds entities: readers and
//! writers of corpora, alignment of word labels with subtokens, fine-tuning on libtorch, prediction,
//! and scores equal to the peers'. Each link is a crate; this one re-exports them.
//!
//! Fine-tune and predict (feature `tch`):
//!
//! ```
//! # #[cfg(feature = "tch")] {
//! use ner_align::{FineTuner, Predictor};
//! # use ner_align::settings::{Recipe, Settings};
//! # std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))?;
//! # let out = tempfile::tempdir()?;
//! # let quick = Settings::of(Recipe::Best).with("max_steps", "2")?;
//!
//! let run = FineTuner::new("tiny-bert")                     // a model folder, or an id on the Hub
//!     .train(["postings/postings-train.tsv"])               // paths, documents, or a reader
//!     .dev(["postings/postings-dev.tsv"])
//!     .output(&out)
//! #   .settings(quick)
//!     .on_step(|step| println!("{} {:.3}", step.step, step.loss))
//!     .run()?;                                              // recipe `best`
//! println!("{}", run.report());
//!
//! let ner = Predictor::open(out.path().join("model-best"))?;       // or run.predictor()
//! for entity in ner.entities("Senior Rust developer, degree in physics.")? {
//!     println!("{}..{} {} {:.2} {}", entity.start, entity.end, entity.label, entity.score, entity.text);
//! }
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The vocabulary of all crates, such as [`Document`], [`Tag`] and [`Scheme`], and the shared
//! [`traits`] are here at the root. The rest has a module each:
//!
//! | module | crate | feature | holds |
//! |---|---|---|---|
//! | `corpus` | `ner-align-corpus` | `corpus`, default | readers and writers of annotated corpora |
//! | `subword` | `ner-align-subword` | `subword`, default | words to subtokens and back, windows |
//! | `metrics` | `ner-align-metrics` | `metrics`, default | strict, SemEval, relaxed scores, confusion |
//! | `scoring` | `ner-align-scoring` | `scoring` | one corpus scored against another |
//! | `render` | `ner-align-render` | `render` | entities in their text as pages and pictures |
//! | `curate` | `ner-align-curate` | `curate` | checks, splits, annotation by word lists |
//! | `documents` | `ner-align-documents` | `documents` | the text of PDF, Word, HTML and Markdown files |
//! | `hub` | `ner-align-hub` | `hub` | models by their id on the Hugging Face Hub |
//! | `train` | `ner-align-train` | `train` | the training loop, without a backend |
//! | `pipeline` | `ner-align-pipeline` | `pipeline` | fine-tuning and prediction as a whole |
//! | `serve` | `ner-align-serve` | `serve` | models over HTTP |
//! | `tch` | `ner-align-tch` | `tch` | BERT and its kin on libtorch 2.11 |
//!
//! The default features need no libtorch. `parquet` adds that format, `png` confusion matrices as
//! pictures.
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
//! scorer.update(&tags(gold)?, &tags(predicted)?)?;
//! assert_eq!(scorer.compute().strict().micro.f1, Some(0.5));
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use ner_align_core::*;
#[cfg(feature = "corpus")]
pub use ner_align_corpus as corpus;
#[cfg(feature = "curate")]
pub use ner_align_curate as curate;
#[cfg(feature = "documents")]
pub use ner_align_documents as documents;
#[cfg(feature = "hub")]
pub use ner_align_hub as hub;
#[cfg(feature = "metrics")]
pub use ner_align_metrics as metrics;
#[cfg(feature = "pipeline")]
pub use ner_align_pipeline as pipeline;
#[cfg(feature = "render")]
pub use ner_align_render as render;
#[cfg(feature = "scoring")]
pub use ner_align_scoring as scoring;
#[cfg(feature = "serve")]
pub use ner_align_serve as serve;
#[cfg(feature = "subword")]
pub use ner_align_subword as subword;
#[cfg(feature = "tch")]
pub use ner_align_tch as tch;
#[cfg(feature = "train")]
pub use ner_align_train as train;

#[cfg(feature = "pipeline")]
pub use ner_align_pipeline::{
    FineTuner, FoundEntity, Input, Notice, PipelineError, Predictor, Run, settings,
};

/// The traits and types that most programs name.
pub mod prelude {
    pub use ner_align_core::{
        CorpusReader, CorpusWriter, Dataset, DecodeMode, Document, Entity, Finding, Label,
        LabelAligner, LabelSet, Metric, PieceAggregator, Prefix, Scheme, Score, SubwordTokenizer,
        Tag, TagDecoder, TagScheme, TokenClassifier, TrainStep, WordSpan, WordSplitting,
    };
    #[cfg(feature = "pipeline")]
    pub use ner_align_pipeline::{FineTuner, Predictor};
}

/// The README's examples, as tests.
#[cfg(all(doctest, feature = "corpus", feature = "subword", feature = "metrics"))]
#[doc = include_str!("../../README.md")]
struct Readme;
