//! The formats, one folder each: a reader, a writer, and what tells the format from others.

pub mod brat;
pub mod conll;
pub mod conllu;
pub mod csv;
pub mod docbin;
pub mod factrueval;
pub mod iob_lines;
mod json_scanner;
pub mod jsonl;
mod label_limit;
mod outgoing;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod plain;
mod progress;
pub mod spacy_json;
pub(crate) mod spacy_tokens;
mod standoff;
mod tagged;
