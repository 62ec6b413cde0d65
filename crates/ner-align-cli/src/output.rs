//! Results on standard output.

use std::io::{self, Write};

use serde::Serialize;

use crate::failure::Failure;

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
