//! Checks of a corpus: what is wrong, doubtful or worth knowing, with its place, and statistics.
//!
//! [`check`] reads files and runs every lint of [`Checker::new`]. A [`Checker`] also takes documents
//! from memory and your own lints. Findings of the readers come first, with their codes. A file that
//! cannot be read to its end is a finding of severity error, and the check continues with the next
//! file. The lints add:
//!
//! | code | severity | what |
//! |---|---|---|
//! | `scheme-violation` | error | a tag that cannot follow the one before it |
//! | `entity-whitespace-edge` | error | an entity that starts or ends with an empty word or white space |
//! | `overlapping-entities` | warning | two entities that share words |
//! | `entity-crosses-sentence` | warning | an entity that continues in the next sentence |
//! | `entity-punctuation-edge` | warning | punctuation at the edge that the entity elsewhere does not have, or that is half of a pair |
//! | `zero-width`, `byte-order-mark`, `soft-hyphen`, `direction-mark`, `control-character`, `odd-space`, `replacement-character`, `private-use` | warning | invisible characters, and those that replace lost ones |
//! | `mojibake` | warning | UTF-8 read as another encoding, such as `Ã©` |
//! | `mixed-script` | warning | Latin and Cyrillic letters in one word |
//! | `mixed-normalization` | warning | one word spelled in two Unicode normal forms |
//! | `not-nfc` | info | words that are not in the composed form, NFC |
//! | `empty-document`, `empty-sentence` | warning | no words |
//! | `long-sentence`, `long-word` | warning | probably a lost sentence end, or not a word |
//! | `no-entities` | warning | a file without any entity |
//! | `rare-label` | warning | too few entities to learn a label |
//! | `similar-labels` | warning | labels that differ in case, white space or hyphens only |
//! | `no-negative-examples` | warning | every sentence holds an entity, or one of this label |
//! | `few-sentences`, `missing-tags`, `sentences-not-marked` | info | what matters to training |
//! | `conflicting-labels` | warning | a surface that nearly always has another label |
//! | `ambiguous-surface` | info | a surface with several labels |
//! | `missed-mention` | warning | a surface that is annotated elsewhere |
//! | `duplicate-sentence`, `near-duplicate-sentence` | info | the same words again, or nearly |
//! | `duplicate-annotated-differently` | warning | the same words with other entities |
//! | `leaked-sentence`, `near-leaked-sentence` | warning | a sentence that is on the other side too |
//! | `label-not-in-inputs`, `label-not-in-other` | warning, info | labels that only one side has |
//! | `entity-overlap` | info | share of entities that the other side has |
//!
//! [`SubtokenLint`] needs a tokenizer, so a caller adds it with [`Checker::add`].
//!
//! Spans that readers report and that match no words, such as `span-reversed`, are errors in a check.
//!
//! ```
//! use ner_align_corpus::ReadOptions;
//! use ner_align_curate::lint::{Checker, LintOptions};
//! let text = "in\tO\nOslo\tI-LOC\n\ncaf\u{c3}\u{a9}\tO\n";
//! let mut checker = Checker::new(&LintOptions::default());
//! let mut reader = ner_align_corpus::open_reader(
//!     text.as_bytes(),
//!     "a.tsv",
//!     &ReadOptions::default().with_scheme(Some(ner_align_core::Scheme::Iob2)),
//! )?;
//! checker.begin_file("a.tsv", None, false);
//! checker.read_from(&mut *reader, &Default::default());
//! let report = checker.finish();
//! assert_eq!(report.finding_counts["scheme-violation"], 1);
//! let mojibake = report.findings.iter().find(|f| f.code == "mojibake").unwrap();
//! assert_eq!((mojibake.location.line, mojibake.location.document), (Some(4), Some(1)));
//! assert_eq!(report.statistics.inputs.tokens, 3);
//! # Ok::<(), ner_align_corpus::CorpusError>(())
//! ```

mod characters;
mod checker;
mod conflicts;
mod distribution;
mod duplicates;
mod edges;
mod files;
mod index;
mod labels;
mod lengths;
mod log;
mod long_surfaces;
mod missed;
mod mojibake;
mod negatives;
mod normalization;
mod options;
mod position;
mod quote;
mod scheme;
mod spans;
mod splits;
mod statistics;
mod subtokens;
mod surfaces;
mod text;
mod traits;

pub use checker::{Checker, Report};
pub use distribution::Distribution;
pub use files::check;
pub use index::{CorpusIndex, IndexedEntity, IndexedFile, IndexedSentence};
pub use log::LintLog;
pub use options::LintOptions;
pub use position::Position;
pub use quote::Quoted;
pub use statistics::{CorpusStatistics, FileStatistics, Overlap, Statistics};
pub use subtokens::SubtokenLint;
pub use text::TextOptions;
pub use traits::Lint;
