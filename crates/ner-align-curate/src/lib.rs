//! Work on corpora annotated with named entities: checks, splits, annotation by word lists.
//!
//! | module | what |
//! |---|---|
//! | [`lint`] | what is wrong or doubtful in a corpus, and where; leakage between splits; statistics |
//! | [`split`](mod@split) | train, dev and test, or folds, with near-duplicates kept together |
//! | [`annotate`] | entities by word lists and patterns |
//! | [`similarity`] | texts that are nearly the same |
//!
//! `ner-align-corpus` reads and writes the corpora.

pub mod annotate;
pub mod lint;
pub mod similarity;
pub mod split;
