//! Results on standard output.

use std::io::{self, Write};

use ner_align_corpus::CorpusError;
use serde::Serialize;

use crate::failure::Failure;

/// What came of writing a corpus; `None` if it went to standard output, whose reader went away
/// before its end (`| head`), which is no error.
///
/// # Errors
/// All others.
pub fn unless_reader_gone<T>(written: Result<T, CorpusError>) -> Result<Option<T>, Failure> {
    match written {
        Err(error) if error.is_reader_gone() => Ok(None),
        other => Ok(other.map(Some)?),
    }
}

/// Writes text to standard output. A reader that went away (`| head`) is no error.
///
/// # Errors
/// Any other refusal to take it.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::environment(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes one JSON document and a line end to standard output.
///
/// # Errors
/// As [`print()`].
pub fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::environment(format!("JSON: {error}")))?;
    print(&(text + "\n"))
}
