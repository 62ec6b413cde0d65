//! A fence around a decoder that panics on damaged pages.

use parquet::errors::ParquetError;

/// Runs a step of the decoder; a panic is an error of the file.
///
/// The decoders of the `parquet` crate check most of what they read and assert the rest: a page
/// cut short or with an index past its dictionary ends in a slice out of range. The decoder is not
/// used again after it, so that a state it was left in half way is never seen.
pub(super) fn fenced<T>(step: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    ner_align_core::fenced(step)
        .unwrap_or_else(|error| Err(ParquetError::General(error.to_string())))
}
