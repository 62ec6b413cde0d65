//! A fence around a decoder that panics on damaged pages.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

use parquet::errors::ParquetError;

thread_local! {
    /// This thread is inside the fence.
    static FENCED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a step of the decoder; a panic is an error of the file.
///
/// The decoders of the `parquet` crate check most of what they read and assert the rest: a page
/// cut short or with an index past its dictionary ends in a slice out of range. To callers that is
/// bad input as any other. The decoder is not used again after it, so that a state it was left
/// in half way is never seen.
pub(super) fn fenced<T>(step: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    let outer = FENCED.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(step));
    FENCED.set(outer);
    outcome.unwrap_or_else(|_| {
        Err(ParquetError::General("values that contradict each other".to_owned()))
    })
}

/// True while this thread decodes a Parquet file, where a panic is caught and becomes an error.
///
/// The hook that shows panics belongs to the program. One that wants to be silent about those that
/// are caught asks this in a hook of its own.
#[must_use]
pub fn is_panic_caught() -> bool {
    FENCED.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error() {
        let values: Vec<u8> = Vec::new();
        let at = values.capacity();
        assert!(fenced(|| Ok((is_panic_caught(), values[at]))).is_err());
        assert!(matches!(fenced(|| Ok(is_panic_caught())), Ok(true)));
        assert!(!is_panic_caught());
    }
}
