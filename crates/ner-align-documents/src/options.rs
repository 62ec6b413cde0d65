//! Limits of an extraction.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Limits of an extraction.
///
/// The limits hold for input that nobody trusts. The defaults suit a service: they let long
/// reports through and stop what would fill a small machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ExtractOptions {
    /// Most bytes that a document may have; 64 MiB.
    pub max_bytes: u64,
    /// Most bytes that the compressed parts of a document may unpack to, together; 256 MiB. Pictures
    /// are not unpacked and do not count. Parts of an encrypted PDF are not counted either.
    pub max_unpacked: u64,
    /// Most bytes (UTF-8) that the text may have; 16 MiB.
    pub max_text: usize,
    /// Longest time that an extraction may take; 20 s.
    ///
    /// [`extract`](crate::extract) then returns an error and leaves its thread behind, which ends
    /// when its current step ends. [`Worker`](crate::Worker) ends its process.
    pub deadline: Duration,
}

impl Default for ExtractOptions {
    fn default() -> Self {
        Self {
            max_bytes: 64 << 20,
            max_unpacked: 256 << 20,
            max_text: 16 << 20,
            deadline: Duration::from_secs(20),
        }
    }
}

impl ExtractOptions {
    /// When an extraction that starts now has to be done.
    pub(crate) fn until(&self) -> Instant {
        let now = Instant::now();
        // A deadline beyond what the clock knows is one in a year.
        now.checked_add(self.deadline).unwrap_or(now + Duration::from_secs(365 * 86_400))
    }
}

ner_align_core::setters!(ExtractOptions {
    with_max_bytes: max_bytes: u64,
    with_max_unpacked: max_unpacked: u64,
    with_max_text: max_text: usize,
    with_deadline: deadline: Duration,
});
