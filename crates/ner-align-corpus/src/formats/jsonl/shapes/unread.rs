//! Annotation that nobody would read.

use serde_json::{Map, Value};

use super::keys::{OTHER_ANNOTATION, SPANS, TAGS, WORDS};
use super::span::holds_spans;
use super::words::is_tags;
use crate::contract::CsvColumns;

/// Annotation, or another part of a record, that is not read.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) enum Unread {
    /// Under this key are spans, or tags.
    Annotation { key: String, what: &'static str, read: Option<String> },
    /// The key that was named holds something else.
    Named { key: String, expected: &'static str },
    /// It is of a tool whose files hold no text, or of a format of its own.
    Foreign { what: &'static str, hint: &'static str },
    /// There is no text and no list of words under these keys.
    NoText { keys: Vec<String> },
}

/// The keys of a record that have a meaning.
#[derive(Default)]
pub(super) struct Used(Vec<String>);

impl Used {
    pub(super) fn add(&mut self, key: &str) {
        self.0.push(key.to_owned());
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|used| used == key)
    }
}

/// An error where a key that nobody reads holds annotation: spans, or as many tags as there are
/// words or characters, one of the `counts`.
pub(super) fn refuse_unread(
    map: &Map<String, Value>,
    keys: &CsvColumns,
    used: &Used,
    counts: &[usize],
    are_words: bool,
) -> Result<(), Unread> {
    if keys.spans.is_some() || keys.tag.is_some() {
        return Ok(());
    }
    let annotated = map.contains_key("annotations") || map.contains_key("completions");
    for (key, value) in map {
        let known = used.has(key)
            || OTHER_ANNOTATION.contains(&key.as_str())
            || !are_words && matches!(key.as_str(), "tokens" | "words")
            || annotated && matches!(key.as_str(), "predictions" | "drafts");
        if known {
            continue;
        }
        if holds_spans(value) {
            return Err(unread(key, "spans", used));
        }
        let count = value.as_array().map(Vec::len);
        if is_tags(value) && count.is_some_and(|count| counts.contains(&count)) {
            return Err(unread(key, "tags", used));
        }
    }
    Ok(())
}

pub(super) fn unread(key: &str, what: &'static str, used: &Used) -> Unread {
    let annotates = |used: &&String| {
        let used = used.as_str();
        used != key && (TAGS.contains(&used) || SPANS.contains(&used)) && !WORDS.contains(&used)
    };
    let read = used.0.iter().rev().find(annotates).cloned();
    Unread::Annotation { key: key.to_owned(), what, read }
}
