//! Scores of one corpus against another: gold and predicted files of any format, paired word by word.
//!
//! [`Scoring`] says what is scored and how, [`Scoring::run`] reads all inputs side by side in bounded
//! memory, and [`Outcome`] holds the result. Nothing here prints.
//!
//! This is a crate of its own, apart from `ner-align-pipeline`, because it needs no model: the program
//! `ner-align` scores without linking libtorch.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let (gold, predicted) = (folder.path().join("gold"), folder.path().join("predicted"));
//! # std::fs::write(&gold, "Ada\tB-PER\nin\tO\nOslo\tB-LOC\n")?;
//! # std::fs::write(&predicted, "Ada\tB-PER\nin\tO\nOslo\tB-PER\n")?;
//! use ner_align_scoring::Scoring;
//! let outcome = Scoring::of(&gold, &predicted).run()?;
//! assert_eq!(outcome.scores.strict().micro.f1, Some(0.5));
//! println!("{outcome}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compat;
mod error;
mod files;
mod findings;
mod outcome;
mod pair;
mod scoring;
mod source;
mod text;

pub use compat::CompatOutcome;
pub use error::ScoringError;
pub use files::ConfusionPicture;
pub use findings::SourceFindings;
pub use outcome::Outcome;
pub use scoring::Scoring;
pub use text::TextOptions;

/// The README's example, which the documentation tests run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
