//! What is wrong with a document of JSON, with the place in the file and what to do about it.

use serde::de::IgnoredAny;
use serde_json::error::Category;
use serde_json::{Deserializer, Error};

use super::mismatch::mismatch;
use super::shapes::Unread;
use super::spans::OFFSET;
use crate::CorpusError;
use crate::formats::json_scanner::{Place, message_of, offset_of, place_of};
use crate::text::shorten;

/// Bytes of an escape such as `\ud83d`.
const ESCAPE: usize = 6;

/// The error for a document that starts at `place`, which `serde_json` refused; it lacks its path.
/// `lines` is true if each line is a document.
pub(super) fn explain(error: &Error, value: &[u8], place: Place, lines: bool) -> CorpusError {
    if error.classify() != Category::Data {
        return malformed(error, value, place, lines);
    }
    let (expected, found) = match mismatch(value) {
        Ok(Some(mismatch)) => (mismatch.expected, mismatch.found),
        Ok(None) => ("a document".to_owned(), message_of(error)),
        // What comes later in the line is no JSON at all.
        Err(error) => return malformed(&error, value, place, lines),
    };
    let offset = expected == OFFSET;
    let found_path = found.starts_with("string \"/");
    let Place { line, column } = place_of(error, value, place);
    let error = CorpusError::input("json", expected, found).at(line, Some(column));
    if offset && found_path {
        return error.with_hint(
            "offsets of Label Studio's HyperText count in HTML: annotate the text as Text",
        );
    }
    if offset {
        let hint = "offsets count code points from 0, and the end is the first one outside";
        return error.with_hint(hint);
    }
    error
}

/// The error for annotation that would not be read, without its place.
pub(super) fn explain_unread(unread: &Unread) -> CorpusError {
    match unread {
        Unread::Annotation { key, what, read } => {
            let key = shorten(key);
            let expected = format!("{what} under a key that is read");
            let found = format!("{what} under {key:?}");
            CorpusError::input("unread-annotation", expected, found).with_hint(match read {
                Some(read) => format!(
                    "choose with `columns: {what}={key}` or `columns: {what}={}`",
                    shorten(read)
                ),
                None => format!("read them with `columns: {what}={key}`"),
            })
        }
        Unread::Named { key, expected } => {
            let found = format!("none under {:?}", shorten(key));
            CorpusError::input("named-key", *expected, found)
                .with_hint("`columns` names the keys of JSON: text, spans, words, tags, sentence")
        }
        Unread::Foreign { what, hint } => {
            let expected = "a text with its spans, or words with their tags";
            CorpusError::input("other-json", expected, *what).with_hint(*hint)
        }
        Unread::NoText { keys } => {
            let keys: Vec<String> = keys.iter().map(|key| format!("{:?}", shorten(key))).collect();
            let found = match keys.len() {
                0 => "neither".to_owned(),
                _ => format!("neither; the keys are {}", keys.join(", ")),
            };
            let expected = "a document with a \"text\", or with \"tokens\"";
            CorpusError::input("no-text", expected, found).with_hint(
                "name the keys with `columns: text=KEY,spans=KEY` or `columns: words=KEY,tags=KEY`",
            )
        }
    }
}

/// The error for what is no JSON.
fn malformed(error: &Error, value: &[u8], place: Place, lines: bool) -> CorpusError {
    let Place { line, column } = place_of(error, value, place);
    let at = offset_of(error, value);
    let hint = if let Some(hint) = foreign(value, at) {
        hint
    } else if lines && error.is_eof() {
        "put each document on one line, for example with jq -c ."
    } else if ends_with_half(value, at) {
        "a character beyond U+FFFF is written as two escapes; the text was cut between them"
    } else if lines && end_of_first(value).is_some_and(|end| end < at) {
        "put each document on a line of its own, for example with jq -c ."
    } else {
        ""
    };
    let error = CorpusError::input("json", "well-formed JSON", message_of(error));
    let error = error.at(line, Some(column));
    if hint.is_empty() { error } else { error.with_hint(hint) }
}

/// What to do where something stands that other languages write and JSON does not have.
fn foreign(value: &[u8], at: usize) -> Option<&'static str> {
    let before = value.get(..at)?;
    let letters = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let from = if letters > 0 { at - letters } else { at.checked_sub(1)? };
    let here = value.get(from..)?;
    let starts = |words: &[&str]| words.iter().any(|word| here.starts_with(word.as_bytes()));
    if starts(&["'", "(", "None", "True", "False"]) {
        return Some(crate::text::python::ONE);
    }
    let number = ["NaN", "nan", "Infinity", "-Infinity", "inf"];
    starts(&number).then_some(
        "JSON has no NaN and no Infinity: write null instead, in pandas with to_json, else with \
         json.dumps(..., allow_nan=False) and None for what is missing",
    )
}

/// Where the first value ends, if that is well-formed.
fn end_of_first(value: &[u8]) -> Option<usize> {
    let mut values = Deserializer::from_slice(value).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    Some(values.byte_offset())
}

/// True if one half of a surrogate pair is escaped without the other right before `at`, where
/// `serde_json` notices it: within that escape, or within the next one.
fn ends_with_half(value: &[u8], at: usize) -> bool {
    let mut from = 0;
    while let Some(step) = value.get(from..at).and_then(|rest| memchr::memchr(b'\\', rest)) {
        from += step;
        from += match (code_unit(value, from), code_unit(value, from + ESCAPE)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 2 * ESCAPE,
            (Some(0xD800..=0xDFFF), _) if at <= from + 2 * ESCAPE => return true,
            (Some(_), _) => ESCAPE,
            (None, _) => 2,
        };
    }
    false
}

/// The code unit of UTF-16 that is escaped here.
fn code_unit(value: &[u8], at: usize) -> Option<u16> {
    let digits = value.get(at..at + ESCAPE)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::jsonl::model::Record;

    #[test]
    fn faults_are_explained_by_what_the_document_holds() {
        const OFFSETS: &str = "offsets count code points";
        const CUT: &str = "put each document on one line";
        const SEVERAL: &str = "on a line of its own";
        const HALF: &str = "written as two escapes";
        let cases = [
            // Values of another type.
            (
                "3",
                "1: expected a document: an object, or an array of a text and its annotation, found integer `3`",
                "",
            ),
            (r#"{"text": 1}"#, "10: expected a string, found integer `1`", ""),
            (r#"{"text": ["a"]}"#, "9: expected a string, found sequence", ""),
            (
                r#"{"text": "a", "label": [[true, 1, "X"]]}"#,
                "29: expected an offset, a whole number of 0 or more, found boolean `true`",
                OFFSETS,
            ),
            (
                r#"{"text": "a", "label": [[null, 1, "X"]]}"#,
                "29: expected an offset, a whole number of 0 or more, found null",
                OFFSETS,
            ),
            (
                r#"{"text": "a", "label": [[0, 1e30, "X"]]}"#,
                "32: expected an offset, a whole number of 0 or more, found floating point `1e+30`",
                OFFSETS,
            ),
            (
                r#"{"text": "a", "label": [[0, 1, true]]}"#,
                "35: expected a label, or a list of labels, found boolean `true`",
                "",
            ),
            (
                r#"{"text": "a", "label": [[0, 1]]}"#,
                "30: expected an array of start, end and label, found length 2",
                "",
            ),
            (
                r#"{"text": "a", "spans": [{"start": 0, "start": 1}]}"#,
                "44: expected each key once, found a second \"start\"",
                "",
            ),
            (
                r#"{"text": "a", "text": "b"}"#,
                "20: expected each key once, found a second \"text\"",
                "",
            ),
            (
                r#"{"text": "a", "spans": [{"was_cancelled": 1}]}"#,
                "43: expected a boolean, found integer `1`",
                "",
            ),
            (r#"[1]"#, "2: expected a string, found integer `1`", ""),
            // The text of a value does not pass for what the parser says.
            (
                r#"{"id": "expected an offset", "text": 7}"#,
                "38: expected a string, found integer `7`",
                "",
            ),
            (
                r#"{"text": 7, "id": "hex escape, expected an offset"}"#,
                "10: expected a string, found integer `7`",
                "",
            ),
            (r#"{"text": {"a, expected b": 1}}"#, "9: expected a string, found map", ""),
            // No JSON.
            (r#"{"text": "#, "9: expected well-formed JSON, found EOF while parsing a value", CUT),
            (
                r#"{"text": 7, "#,
                "12: expected well-formed JSON, found EOF while parsing a value",
                CUT,
            ),
            (
                r#"{"text": "a"} {}"#,
                "15: expected well-formed JSON, found trailing characters",
                SEVERAL,
            ),
            (
                r#"{"text": "a"},"#,
                "14: expected well-formed JSON, found trailing characters",
                SEVERAL,
            ),
            (r#"{"text" "a"} {}"#, "9: expected well-formed JSON, found expected `:`", ""),
            (
                r#"{"text": "\ud83d"}"#,
                "17: expected well-formed JSON, found unexpected end of hex escape",
                HALF,
            ),
            (
                r#"{"text": "\ud83d\n"}"#,
                "18: expected well-formed JSON, found unexpected end of hex escape",
                HALF,
            ),
            (
                r#"{"text": "\ud83d\u0041"}"#,
                "22: expected well-formed JSON, found lone leading surrogate in hex escape",
                HALF,
            ),
            (
                r#"{"text": "a\ude00"}"#,
                "17: expected well-formed JSON, found lone leading surrogate in hex escape",
                HALF,
            ),
            (
                r#"{"text": "\ud83d\ude00\q"}"#,
                "24: expected well-formed JSON, found invalid escape",
                "",
            ),
            (r#"{"text": "\u12x4"}"#, "16: expected well-formed JSON, found invalid escape", ""),
        ];
        let mut wrong = Vec::new();
        for (line, message, hint) in cases {
            let error = serde_json::from_str::<Record<'_>>(line).expect_err(line);
            let place = Place { line: 1, column: 1 };
            let error = explain(&error, line.as_bytes(), place, true);
            let (said, hinted) = (error.to_string(), error.hint().unwrap_or_default());
            let expected = format!("1:{message}");
            if said != expected || !hinted.contains(hint) || hinted.is_empty() != hint.is_empty() {
                wrong.push(format!("{line}\n{said}; {hinted}\ninstead of\n{expected}; {hint}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
