//! A fence around a decoder that panics on damaged pages.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use parquet::errors::ParquetError;

thread_local! {
    /// This thread is inside the fence.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// Runs a step of the decoder; a panic is an error of the file.
///
/// The decoders of the `parquet` crate check most of what they read and assert the rest: a page
/// cut short or with an index past its dictionary ends in a slice out of range. To callers that is
/// bad input as any other. The decoder is not used again after it, so that a state it was left
/// in half way is never seen. Panics of other code, and of other threads, are shown as ever.
pub(super) fn fenced<T>(step: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    HOOK.call_once(|| {
        let shown = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                shown(info);
            }
        }));
    });
    let outer = QUIET.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(step));
    QUIET.set(outer);
    outcome.unwrap_or_else(|_| {
        Err(ParquetError::General("values that contradict each other".to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error() {
        let values: Vec<u8> = Vec::new();
        let at = values.capacity();
        assert!(fenced(|| Ok(values[at])).is_err());
        assert!(matches!(fenced(|| Ok(1)), Ok(1)));
        assert!(!QUIET.get());
    }
}
