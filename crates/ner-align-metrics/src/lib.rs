//! Scores of named-entity recognition: strict, SemEval, relaxed, confusion matrices.
//!
//! [`score_tags`] compares two lists of tags in one call:
//!
//! ```
//! use ner_align_core::Scheme;
//! let gold = vec![vec!["B-PER", "I-PER", "O", "B-LOC"]];
//! let predicted = vec![vec!["B-PER", "I-PER", "O", "B-ORG"]];
//! let scores = ner_align_metrics::score_tags(&gold, &predicted, Scheme::Iob2)?;
//! assert_eq!(scores.strict().micro.f1, Some(0.5));
//! println!("{scores}");
//! # Ok::<(), ner_align_metrics::MetricsError>(())
//! ```
//!
//! [`Scorer`] counts sentence by sentence, in bounded memory, and has options. Both give [`Scores`],
//! which serialise as the JSON of `ner-align score --json`; [`report`] writes them for people.
//!
//! ```
//! use ner_align_core::{DecodeMode, Metric, Scheme, Tag};
//! use ner_align_metrics::{Scorer, report};
//!
//! let tags = |text: &str| -> Result<Vec<Tag>, _> { text.split(' ').map(Tag::parse).collect() };
//! let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
//! scorer.update(&tags("B-PER I-PER O B-LOC")?, &tags("B-PER I-PER O B-ORG")?)?;
//! let scores = scorer.compute();
//! assert_eq!(scores.strict().micro.f1, Some(0.5));
//! assert_eq!(scores.exact().micro.f1, Some(1.0));
//! assert_eq!(scores.strict().per_type["PER"].support, 1);
//! assert_eq!(scores.errors.entity_type, 1);
//! let table = report::table(&scores);
//! assert!(table.contains("micro avg"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The measures
//!
//! An entity is a span of words with a type. Each measure pairs gold with predicted entities, at
//! most one with one, such that its credit is as large as can be:
//!
//! | measure | same span, same type | same span | overlap, same type | overlap |
//! |---|---|---|---|---|
//! | `strict` | 1 | 0 | 0 | 0 |
//! | `exact` | 1 | 1 | 0 | 0 |
//! | `partial` | 1 | 1 | ½ | ½ |
//! | `type` | 1 | 0 | 1 | 0 |
//!
//! Precision is the credit over the number of predictions, recall the credit over the number of
//! gold entities (SemEval-2013 task 9.1). `relaxed` looks at words instead: the share of entity
//! words that have the right type.

pub mod agreement;
pub mod analysis;
pub mod calibration;
pub mod compat;
mod confusion;
mod error;
mod floor;
pub mod guarantee;
pub mod learning_curve;
mod matching;
mod prf;
pub mod report;
pub mod resampling;
mod score_tags;
mod scorer;
mod scores;

pub use confusion::{
    ConfusionBuilder, ConfusionMatrix, Gold, Mask, NO_ENTITY, OTHER_LABELS, Predicted,
};
pub use error::MetricsError;
pub use floor::Floor;
pub use ner_align_core::AsTag;
pub use prf::{Prf, SemEvalCounts, ZeroDivision};
pub use score_tags::{TagScores, score_tags};
pub use scorer::{ClassId, ClassScorer, Scorer, scored_tags};
pub use scores::{Averages, ErrorCounts, Measure, Measures, Scores};

/// The README's example, which the documentation tests run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
