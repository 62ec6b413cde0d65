//! Extraction in a process of its own.
//!
//! The parent writes a line of JSON, the [`Request`], and the bytes of the document to the standard
//! input of the child, and reads the result as JSON from its standard output.

mod child;
mod parent;

use serde::{Deserialize, Serialize};

use crate::{DocumentKind, ExtractOptions};

pub use child::worker_main;
pub use parent::Worker;

/// What the child is to do with the bytes after it.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    kind: DocumentKind,
    options: ExtractOptions,
    /// Bytes of memory that the child may take beyond what it has at its start.
    memory: u64,
}
