//! Alignment of word labels with subtokens, windows and batches.
//!
//! A corpus has a tag for each word; a model sees subtokens, in windows of limited length. This
//! crate goes the way there and back without losing a word:
//!
//! * [`align_tags`] is the whole way in one call: words and tags to `input_ids` and `labels`;
//! * [`HfTokenizer`] cuts words into subtokens exactly as `transformers` does with
//!   `is_split_into_words=True`;
//! * [`Aligner`] gives subtokens the labels of their words, by one of four [`Strategy`]s;
//! * [`WindowPlan`] cuts long sentences into overlapping windows, each word owned by one of them;
//! * [`Preparer`] does all three for whole corpora, in parallel, and counts what became of each word;
//! * [`WindowWriter`] writes windows as lines of JSON;
//! * [`Collator`] pads windows to rectangles for a model of your own; which windows share a batch is
//!   said by [`BatchPlan`](ner_align_core::BatchPlan);
//! * [`aggregate`] and [`decode`] lead the model's scores back to one class a word.
//!
//! ```
//! use ner_align_core::{Encoding, Label, LabelSet, Scheme, SpecialTokens, SubwordTokenizer, Tag};
//! use ner_align_subword::{Aligner, Preparer, Strategy};
//!
//! // A toy tokenizer: one subtoken a letter, framed by 1 and 2.
//! struct Letters(SpecialTokens);
//! impl SubwordTokenizer for Letters {
//!     fn encode_words(
//!         &self,
//!         words: &[&str],
//!         encoding: &mut Encoding,
//!     ) -> Result<(), ner_align_core::BoxError> {
//!         for word in words {
//!             encoding.push_word(&word.chars().map(u32::from).collect::<Vec<_>>());
//!         }
//!         Ok(())
//!     }
//!     fn special_tokens(&self) -> &SpecialTokens {
//!         &self.0
//!     }
//!     fn token(&self, id: u32) -> Option<String> {
//!         char::from_u32(id).map(String::from)
//!     }
//! }
//!
//! let tokenizer = Letters(SpecialTokens::new(vec![1], vec![2], 0));
//! let labels = LabelSet::new(Label::new("LOC"), Scheme::Iob2);
//! let aligner = Aligner::new(Strategy::First, &labels)?;
//! let tags = [Tag::Outside, Tag::parse("B-LOC")?];
//! let prepared = Preparer::new(&tokenizer, &aligner, &labels)
//!     .max_length(16)
//!     .sentence(&["in", "Oslo"], Some(&tags))?;
//! let window = &prepared.windows[0];
//! assert_eq!(window.labels, [-100, 0, -100, 1, -100, -100, -100, -100]);
//! assert_eq!(window.word_ids[3..7], [Some(1); 4]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod aggregate;
mod align_tags;
mod aligner;
mod cache;
mod collate;
pub mod decode;
mod error;
mod prepare;
mod strategy;
mod tokenizer;
mod window;
mod windows_jsonl;

pub use aggregate::{Aggregate, UnknownAggregate, WordScorer};
pub use align_tags::{AlignedRows, TagAlignment, align_tags};
pub use aligner::Aligner;
pub use cache::CacheStatistics;
pub use collate::{Collator, PaddedBatch};
pub use decode::{Argmax, Constrained, Favouring, SpanLattice, SpanScorer};
pub use error::SubwordError;
pub use prepare::{Prepared, Preparer, WindowUnit};
pub use strategy::{Strategy, UnknownStrategy};
pub use tokenizer::{HfTokenizer, TextEncoding};
pub use window::{PlannedWindow, WindowPlan};
pub use windows_jsonl::{WindowLines, WindowWriter};
