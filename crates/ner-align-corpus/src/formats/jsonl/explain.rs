//! What the JSON parser has to say, with the place in the file and what to do about it.

use serde_json::Error;
use serde_json::error::Category;

use crate::CorpusError;
use crate::formats::json_scanner::{Place, place_of, without_place};

/// The error for a document that starts at `place` in the file `name`.
pub(super) fn explain(
    error: &Error,
    value: &[u8],
    place: Place,
    name: &str,
    lines: bool,
) -> CorpusError {
    let message = error.to_string();
    let message = without_place(&message);
    let (expected, found) = match error.classify() {
        Category::Data => parts(message),
        _ => ("well-formed JSON", message),
    };
    let Place { line, column } = place_of(error, value, place);
    let error = CorpusError::input("json", expected, found).at_path(name).at(line, Some(column));
    match hint(error_kind(message, lines)) {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

/// The parts of a message such as `invalid type: string "a", expected a list`.
fn parts(message: &str) -> (&str, &str) {
    let Some((found, expected)) = message.rsplit_once(", expected ") else {
        return ("a document", message);
    };
    let found = ["invalid type: ", "invalid value: ", "invalid "]
        .iter()
        .find_map(|start| found.strip_prefix(start));
    (expected, found.unwrap_or(message))
}

#[derive(Clone, Copy)]
enum Kind {
    CutOff,
    Several,
    Surrogate,
    Offset,
    Other,
}

fn error_kind(message: &str, lines: bool) -> Kind {
    if lines && message.starts_with("EOF") {
        Kind::CutOff
    } else if lines && message.starts_with("trailing characters") {
        Kind::Several
    } else if message.contains("hex escape") {
        Kind::Surrogate
    } else if message.contains("expected an offset") {
        Kind::Offset
    } else {
        Kind::Other
    }
}

const fn hint(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::CutOff => "put each document on one line, for example with jq -c .",
        Kind::Several => "put each document on a line of its own, for example with jq -c .",
        Kind::Surrogate => {
            "a character beyond U+FFFF is written as two escapes; the text was cut between them"
        }
        Kind::Offset => "offsets count code points from 0, and the end is the first one outside",
        Kind::Other => return None,
    })
}
