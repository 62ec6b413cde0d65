//! Records whose keys are called otherwise than those of the usual shapes.
//!
//! A record is read into its own type at once. One that has keys that this type does not know, and
//! that may hold annotation, is looked at here as a tree: it becomes a record of a usual shape, or
//! a document of words. Annotation that nobody would read is an error.

mod container;
mod foreign;
mod keys;
mod of_words;
mod span;
mod text;
mod unread;
mod words;

use serde_json::{Map, Value};

use crate::contract::CsvColumns;
use keys::{KNOWN, SPANS, TEXT};
use of_words::{Sentences, by_characters, of_words, sentences_in};
use span::{Span, spans_of};
use text::{by_shape, tags_beside, text};
use unread::{Used, refuse_unread, unread};
use words::of_list;

pub(super) use container::{is_record, tag_feature};
pub(super) use span::Span as WordSpan;
pub(super) use unread::Unread;
pub(super) use words::{Annotation, Ends, Words, is_prefixed};

/// What a record was made into.
#[derive(Debug)]
pub(super) enum Adapted {
    /// Nothing: it is as it was read at once.
    Same,
    /// A record of a usual shape.
    Record(Value),
    Words(Box<Words>),
}

/// Makes a record into one that is read. `known` is true if it is a record of a usual shape as it
/// is.
pub(super) fn adapt(value: Value, keys: &CsvColumns, known: bool) -> Result<Adapted, Unread> {
    match value {
        Value::Array(items) => list(&items, keys, known),
        Value::Object(mut map) => {
            // A row as the viewer of data sets has it.
            if map.contains_key("row_idx")
                && let Some(Value::Object(row)) = map.remove("row")
            {
                return object(row, keys, false);
            }
            object(map, keys, known)
        }
        _ => Ok(Adapted::Same),
    }
}

/// A text and its annotation, or a sentence.
fn list(items: &[Value], keys: &CsvColumns, known: bool) -> Result<Adapted, Unread> {
    if let [Value::String(text), rest, ..] = items {
        let mut map = match rest {
            Value::Object(map) => map.clone(),
            Value::Array(_) => Map::from_iter([("entities".to_owned(), rest.clone())]),
            _ => return Ok(Adapted::Same),
        };
        if map.contains_key("text") {
            return Ok(Adapted::Same);
        }
        map.insert("text".to_owned(), Value::String(text.clone()));
        return object(map, keys, known);
    }
    Ok(of_list(items).map_or(Adapted::Same, |words| Adapted::Words(Box::new(words))))
}

/// True for a sentence as a list of words with their tags.
pub(super) fn is_sentence(items: &[Value]) -> bool {
    of_list(items).is_some()
}

fn object(map: Map<String, Value>, keys: &CsvColumns, known: bool) -> Result<Adapted, Unread> {
    let results = |list: &Value| {
        list.as_array().is_some_and(|l| l.iter().any(|item| item.get("result").is_some()))
    };
    if keys.spans.is_none()
        && ["annotations", "completions"].iter().any(|key| map.get(*key).is_some_and(results))
    {
        return Ok(Adapted::Same);
    }
    if *keys == CsvColumns::default() {
        if let Some(adapted) = foreign::nested(&map) {
            return adapted;
        }
        if let Some(unread) = foreign::refused(&map) {
            return Err(unread);
        }
    }
    let mut used = Used::default();
    if let Some(sentences) = sentences_in(&map, keys, &mut used)? {
        if let Some(record) = by_characters(&map, &sentences.words) {
            return Ok(Adapted::Record(record));
        }
        return of_words(&map, keys, used, sentences, None);
    }
    let Some((text_key, text)) = text(&map, keys)? else {
        if map.get("data").is_some_and(Value::is_object) {
            return task(map, keys);
        }
        return Err(Unread::NoText { keys: map.keys().take(12).cloned().collect() });
    };
    used.add(&text_key);
    // A tag a character, or a tag a word that white space parts.
    if keys.spans.is_none()
        && let Some((_, tags)) = tags_beside(&map, keys, &text)
    {
        let count = tags.len();
        let characters: Vec<String> = text.chars().map(String::from).collect();
        let words = text.split_whitespace().map(str::to_owned);
        let words = if characters.len() == count { characters } else { words.collect() };
        return of_words(&map, keys, used, Sentences::of_words(words), Some(text));
    }
    let mut spans = None;
    if let Some(key) = &keys.spans {
        let value = map.get(key);
        let found = value.and_then(|value| spans_of(value, Some(&text)));
        if value.is_some_and(|value| !value.is_null()) && found.is_none() {
            return Err(Unread::Named { key: key.clone(), expected: "spans" });
        }
        used.add(key);
        spans = found.map(|found| (key.clone(), found));
    } else {
        for key in SPANS.iter().filter(|key| **key != text_key) {
            let Some(value) = map.get(*key) else { continue };
            let Some(found) = spans_of(value, Some(&text)) else { continue };
            used.add(key);
            let is_first =
                spans.as_ref().is_none_or(|(_, first): &(String, Vec<Span>)| first.is_empty());
            if is_first && (spans.is_none() || !found.is_empty()) {
                spans = Some(((*key).to_owned(), found));
            } else if !found.is_empty() {
                return Err(unread(key, "spans", &used));
            }
        }
        if spans.as_ref().is_none_or(|(_, found)| found.is_empty()) {
            spans = by_shape(&map, &text, &mut used).or(spans);
        }
    }
    let tokens = map.get("tokens").and_then(Value::as_array).map_or(0, Vec::len);
    let counts = [text.chars().count(), text.split_whitespace().count(), tokens];
    refuse_unread(&map, keys, &used, &counts, false)?;
    // What is at fault in a list that would be read is for its reader to say.
    let broken = |key: &str| {
        let list = |value: &Value| value.is_array() || value.is_object();
        !used.has(key) && map.get(key).is_some_and(list)
    };
    if !known && keys.spans.is_none() && KNOWN.iter().any(|key| broken(key)) {
        return Ok(Adapted::Same);
    }
    let usual = matches!(text_key.as_str(), "text" | "content" | "data")
        && spans
            .as_ref()
            .is_none_or(|(key, _)| KNOWN.contains(&key.as_str()) && map[key].is_array());
    if known && usual && keys.spans.is_none() && keys.text.is_none() {
        return Ok(Adapted::Same);
    }
    let mut record = Map::new();
    for (key, value) in &map {
        if !used.has(key) && !TEXT.contains(&key.as_str()) && !KNOWN.contains(&key.as_str()) {
            record.insert(key.clone(), value.clone());
        }
    }
    record.insert("text".to_owned(), Value::String(text));
    if let Some((_, spans)) = spans {
        let spans = spans.into_iter().map(Span::into_value).collect();
        record.insert("entities".to_owned(), Value::Array(spans));
    }
    Ok(Adapted::Record(Value::Object(record)))
}

/// A task of Label Studio, whose annotation may have another key.
fn task(mut map: Map<String, Value>, keys: &CsvColumns) -> Result<Adapted, Unread> {
    let Some(key) = &keys.spans else {
        refuse_unread(&map, keys, &Used::default(), &[], false)?;
        return Ok(Adapted::Same);
    };
    let Some(value) = map.remove(key) else { return Ok(Adapted::Same) };
    map.remove("completions");
    map.insert("annotations".to_owned(), value);
    Ok(Adapted::Record(Value::Object(map)))
}
