//! Limits of an extraction.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Limits of an extraction, and the password of encrypted documents.
///
/// The limits hold for input that nobody trusts. The defaults suit a service: they let long
/// reports through and stop what would fill a small machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ExtractOptions {
    /// Most bytes that a document may have; 64 MiB.
    pub max_bytes: u64,
    /// Most bytes that the compressed parts of a document may unpack to, together; 256 MiB.
    pub max_unpacked: u64,
    /// Most pages of a PDF; 2,000.
    pub max_pages: usize,
    /// Most bytes (UTF-8) that the text may have; 16 MiB.
    pub max_text: usize,
    /// Longest time that an extraction may take; 20 s.
    ///
    /// [`extract`](crate::extract) then returns an error and leaves its thread behind, which ends
    /// when its current step ends. `Isolated` kills its process.
    pub deadline: Duration,
    /// Most memory that a child process may use for a document; 1 GiB. Only
    /// `Isolated` holds this limit, where the system has one (Linux).
    pub max_memory: u64,
    /// Password of encrypted documents, tried after the empty one.
    pub password: Option<String>,
}

impl Default for ExtractOptions {
    fn default() -> Self {
        Self {
            max_bytes: 64 << 20,
            max_unpacked: 256 << 20,
            max_pages: 2_000,
            max_text: 16 << 20,
            deadline: Duration::from_secs(20),
            max_memory: 1 << 30,
            password: None,
        }
    }
}

ner_align_core::setters!(ExtractOptions {
    with_max_bytes: max_bytes: u64,
    with_max_unpacked: max_unpacked: u64,
    with_max_pages: max_pages: usize,
    with_max_text: max_text: usize,
    with_deadline: deadline: Duration,
    with_max_memory: max_memory: u64,
    with_password: password: Option<String>,
});
