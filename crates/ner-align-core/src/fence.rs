//! A fence around libraries that panic on damaged input.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

thread_local! {
    /// This thread is inside the fence.
    static FENCED: Cell<bool> = const { Cell::new(false) };
}

/// A panic that a fence caught.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("contents that contradict each other ({message})")]
pub struct CaughtPanic {
    message: String,
}

impl CaughtPanic {
    fn of(payload: &(dyn Any + Send)) -> Self {
        let message = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("a step of the decoder failed");
        // One line, and no more of it than a message needs.
        let line = message.lines().next().unwrap_or_default();
        Self { message: line.chars().take(120).collect() }
    }
}

/// Runs a step of a library that checks most of what it reads and asserts the rest, such as the
/// decoder of a file. A panic becomes an error of the file, as any other bad input is one.
///
/// The caller must not use again what the step changed before it panicked, or must know that the
/// library leaves it whole. Programs built with `panic = "abort"` end all the same.
///
/// ```
/// use ner_align_core::fenced;
///
/// let pages: Vec<u8> = Vec::new();
/// assert_eq!(fenced(|| pages.len()), Ok(0));
/// let error = fenced(|| pages[0]).unwrap_err();
/// assert!(error.to_string().contains("contradict each other"));
/// ```
///
/// # Errors
/// [`CaughtPanic`] with the first line of the panic's message.
pub fn fenced<T>(step: impl FnOnce() -> T) -> Result<T, CaughtPanic> {
    let outer = FENCED.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(step));
    FENCED.set(outer);
    outcome.map_err(|payload| CaughtPanic::of(&*payload))
}

/// True while this thread runs a step in [`fenced`], where a panic is caught and becomes an error.
///
/// The hook that shows panics belongs to the program. A program that does not want to show those
/// that are caught asks this in a hook of its own.
#[must_use]
pub fn is_panic_caught() -> bool {
    FENCED.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_and_the_fence_ends_with_its_step() {
        let values: Vec<u8> = Vec::new();
        assert!(fenced(|| (is_panic_caught(), values[values.capacity()])).is_err());
        assert!(!is_panic_caught());
        assert_eq!(fenced(is_panic_caught), Ok(true));
        let nested = fenced(|| {
            assert!(fenced(|| panic!("inner")).is_err());
            is_panic_caught()
        });
        assert_eq!((nested, is_panic_caught()), (Ok(true), false));
    }

    #[test]
    fn one_short_line_of_the_message_is_kept() {
        let error = fenced(|| panic!("{}\nsecond", "é".repeat(500))).unwrap_err();
        assert!(error.message.chars().all(|c| c == 'é') && error.message.chars().count() == 120);
        let error = fenced(|| panic::panic_any(7)).unwrap_err();
        assert_eq!(error.message, "a step of the decoder failed");
    }
}
