//! The text of a record, and what stands beside it under keys of any name.

use serde_json::{Map, Value};

use super::keys::{TAGS, TEXT};
use super::span::{Span, spans_of};
use super::unread::{Unread, Used};
use super::words::is_tags;
use crate::contract::CsvColumns;

/// The text of a record and its key.
pub(super) fn text(
    map: &Map<String, Value>,
    keys: &CsvColumns,
) -> Result<Option<(String, String)>, Unread> {
    if let Some(key) = &keys.text {
        let found = map.get(key).or_else(|| map.get("data")?.get(key)).and_then(Value::as_str);
        let Some(text) = found else {
            return Err(Unread::Named { key: key.clone(), expected: "a text" });
        };
        return Ok(Some((key.clone(), text.to_owned())));
    }
    for key in TEXT {
        if let Some(Value::String(text)) = map.get(key) {
            return Ok(Some((key.to_owned(), text.clone())));
        }
    }
    // The only text in which the spans find theirs.
    let mut spans = map.values().filter_map(labelled_list);
    let Some(spans) = spans.next() else { return Ok(None) };
    let mut fitting = map.iter().filter_map(|(key, value)| {
        let text = value.as_str()?;
        spans.iter().all(|span| covers(span, text)).then(|| (key.clone(), text.to_owned()))
    });
    let first = fitting.next();
    Ok(first.filter(|_| fitting.next().is_none()))
}

/// The spans of Label Studio's short form: each with a text and a list of labels.
fn labelled_list(value: &Value) -> Option<Vec<Span>> {
    let items = value.as_array().filter(|items| !items.is_empty())?;
    let whole = |item: &Value| {
        item.get("text").is_some_and(Value::is_string)
            && item.get("labels").is_some_and(Value::is_array)
    };
    if items.iter().all(whole) { items.iter().map(Span::of).collect() } else { None }
}

/// True if a text holds at a span what the span says.
fn covers(span: &Span, text: &str) -> bool {
    let Some(Value::String(surface)) = &span.text else { return false };
    let at = |offset: u64| usize::try_from(offset).ok();
    let (Some(start), Some(end)) = (at(span.start), at(span.end)) else { return false };
    let length = end.saturating_sub(start);
    text.chars().skip(start).take(length).eq(surface.chars())
}

/// Spans under a key of any name, which their shape tells.
pub(super) fn by_shape(
    map: &Map<String, Value>,
    text: &str,
    used: &mut Used,
) -> Option<(String, Vec<Span>)> {
    let nested = |value: &Value| {
        let entities = value.get("annotations")?.get("entities")?;
        spans_of(entities, Some(text))
    };
    let (key, spans) = map.iter().find_map(|(key, value)| {
        if used.has(key) {
            return None;
        }
        let found = labelled_list(value).or_else(|| nested(value));
        Some((key, found.filter(|found| !found.is_empty())?))
    })?;
    used.add(key);
    Some((key.clone(), spans))
}

/// Tags that stand beside a text, one a character or one a word.
pub(super) fn tags_beside(
    map: &Map<String, Value>,
    keys: &CsvColumns,
    text: &str,
) -> Option<(String, Vec<Value>)> {
    let fits = |value: &Value| {
        let count = value.as_array().map(Vec::len);
        is_tags(value)
            && (count == Some(text.chars().count())
                || count == Some(text.split_whitespace().count()))
    };
    let named = keys.tag.as_deref().map(|key| vec![key]);
    let candidates = named.unwrap_or_else(|| TAGS.to_vec());
    let key = candidates.into_iter().find(|key| map.get(*key).is_some_and(fits))?;
    Some((key.to_owned(), map.get(key)?.as_array()?.clone()))
}
