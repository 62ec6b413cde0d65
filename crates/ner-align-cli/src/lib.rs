//! What the two executables of the program `ner-align` share. Not a library to build upon: the
//! crates below it are.

pub mod conversion_report;
pub mod corpus_args;
pub mod documents;
pub mod failure;
pub mod flags;
pub mod help;
#[cfg(feature = "hub")]
pub mod hub;
pub mod libtorch;
pub mod model_source;
pub mod output;
pub mod say;
pub mod signals;
pub mod unknown_argument;
pub mod write_args;

pub use failure::{Failure, finish};
