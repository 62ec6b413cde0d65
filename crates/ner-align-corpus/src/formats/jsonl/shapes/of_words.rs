//! Records of words: their words, and what annotates them.

use serde_json::{Map, Value};

use super::Adapted;
use super::keys::{OTHER_ANNOTATION, SENTENCES, SPANS, TAGS, TEXT, WORDS};
use super::span::{Span, holds_spans, is_words, spans_of};
use super::unread::{Unread, Used, refuse_unread, unread};
use super::words::{
    Annotation, Ends, Words, annotation_of, id_of, is_tags, sentences_of, tags_of_objects, words_of,
};
use crate::CharMap;
use crate::contract::CsvColumns;
use crate::text::words::locate;

/// The words of a record, in sentences where it has them.
#[derive(Default)]
pub(super) struct Sentences {
    pub(super) words: Vec<String>,
    /// The first word of each sentence after the first one.
    starts: Vec<usize>,
    /// The record says where sentences end.
    marked: bool,
}

impl Sentences {
    pub(super) fn of_words(words: Vec<String>) -> Self {
        Self { words, ..Self::default() }
    }

    fn marked((words, starts): (Vec<String>, Vec<usize>)) -> Self {
        Self { words, starts, marked: true }
    }
}

/// The words of a record, the first words of sentences, and whether sentences are marked.
pub(super) fn sentences_in(
    map: &Map<String, Value>,
    keys: &CsvColumns,
    used: &mut Used,
) -> Result<Option<Sentences>, Unread> {
    if let Some(key) = &keys.word {
        let found = map.get(key).and_then(words_of);
        let Some(words) = found else {
            return Err(Unread::Named { key: key.clone(), expected: "a list of words" });
        };
        used.add(key);
        return Ok(Some(Sentences::of_words(words)));
    }
    if let Some(key) = &keys.sentence {
        let found = map.get(key).and_then(sentences_of);
        let Some(found) = found else {
            return Err(Unread::Named {
                key: key.clone(),
                expected: "a list of sentences of words",
            });
        };
        used.add(key);
        return Ok(Some(Sentences::marked(found)));
    }
    if keys.text.is_some() || keys.spans.is_some() && map.get("text").is_some_and(Value::is_string)
    {
        return Ok(None);
    }
    for key in WORDS {
        if let Some(value) = map.get(key).filter(|value| is_words(value)) {
            used.add(key);
            return Ok(words_of(value).map(Sentences::of_words));
        }
    }
    for key in SENTENCES {
        if let Some(found) = map.get(key).and_then(sentences_of) {
            used.add(key);
            return Ok(Some(Sentences::marked(found)));
        }
    }
    // Objects that have a word and its tag.
    let has_text = TEXT.iter().any(|key| map.get(*key).is_some_and(Value::is_string));
    for key in ["tokens", "words"] {
        let Some(value) = map.get(key) else { continue };
        let tags = || {
            let count = value.as_array().map(Vec::len);
            let beside = |key: &&str| {
                let tags = map.get(*key).filter(|tags| is_tags(tags));
                tags.and_then(Value::as_array).map(Vec::len) == count
            };
            tags_of_objects(value).is_some() || TAGS.iter().any(beside)
        };
        if (!has_text || tags() && !holds_spans(value))
            && let Some(words) = words_of(value).filter(|words| !words.is_empty())
        {
            return Ok(Some(Sentences::of_words(words)));
        }
    }
    Ok(None)
}

pub(super) fn of_words(
    map: &Map<String, Value>,
    keys: &CsvColumns,
    mut used: Used,
    sentences: Sentences,
    text: Option<String>,
) -> Result<Adapted, Unread> {
    let Sentences { words, starts, marked } = sentences;
    let count = words.len();
    let named = keys.tag.as_ref().or(keys.spans.as_ref());
    let mut annotation = Annotation::None;
    if let Some(key) = named {
        let value = map.get(key).filter(|value| !value.is_null());
        let found = value.map(|value| annotation_of(value, count, ends(map, key)));
        annotation = match found {
            None => Annotation::None,
            Some(Some(found)) => found,
            Some(None) => {
                let expected = if keys.tag.is_some() { "tags" } else { "spans of words" };
                return Err(Unread::Named { key: key.clone(), expected });
            }
        };
        used.add(key);
    } else {
        for key in TAGS.iter().chain(&SPANS) {
            if used.has(key) && *key != "tokens" {
                continue;
            }
            let Some(value) = map.get(*key) else { continue };
            let own = matches!(*key, "tokens" | "words");
            let found = if own {
                tags_of_objects(value).map(Annotation::Tags)
            } else {
                annotation_of(value, count, ends(map, key))
            };
            let Some(found) = found else { continue };
            if is_nothing(&annotation) {
                annotation = found;
                used.add(key);
            } else if !is_nothing(&found) && !OTHER_ANNOTATION.contains(key) {
                return Err(unread(key, what_of(&found), &used));
            }
        }
    }
    refuse_unread(map, keys, &used, &[count], true)?;
    let others = map.keys().filter(|key| {
        !used.has(key) && !matches!(key.as_str(), "id" | "doc_key" | "answer" | "text" | "tokens")
    });
    let given = || map.get("text").filter(|_| !used.has("text"))?.as_str().map(str::to_owned);
    let answer = map.get("answer").and_then(Value::as_str).map(str::to_owned);
    Ok(Adapted::Words(Box::new(Words {
        id: id_of(map),
        text: text.or_else(given),
        words,
        starts,
        sentences: marked,
        annotation,
        answer,
        others: others.cloned().collect(),
    })))
}

/// A record of words and text whose spans count characters: one ends behind the last word, or all
/// of them start and end where words do.
pub(super) fn by_characters(map: &Map<String, Value>, words: &[String]) -> Option<Value> {
    let text = map.get("text")?.as_str()?;
    let located = locate(text, words.iter().map(String::as_str))?;
    let found = SPANS.iter().filter(|key| !WORDS.contains(key)).find_map(|key| {
        let spans = spans_of(map.get(*key)?, Some(text))?;
        (!spans.is_empty()).then_some((*key, spans))
    });
    let (key, spans) = found?;
    let chars = CharMap::new(text);
    let edges = |span: &Span| {
        let place = |at: u64| chars.byte_of(usize::try_from(at).ok()?);
        let (start, end) = (place(span.start), place(span.end));
        start < end
            && located.iter().any(|word| Some(word.start) == start)
            && located.iter().any(|word| Some(word.end) == end)
    };
    if !spans.iter().any(|span| span.end > words.len() as u64) && !spans.iter().all(edges) {
        return None;
    }
    let mut record = map.clone();
    record.remove(key);
    let word =
        |word: &String| Value::Object(Map::from_iter([("text".to_owned(), word.as_str().into())]));
    record.insert("tokens".to_owned(), words.iter().map(word).collect());
    let spans: Vec<Value> = spans.into_iter().map(Span::into_value).collect();
    record.insert("entities".to_owned(), Value::Array(spans));
    Some(Value::Object(record))
}

/// What the end of a span of words is, by the keys of its record.
fn ends(map: &Map<String, Value>, key: &str) -> Ends {
    let nested = map.contains_key("sentences") || map.contains_key("tokenized_text");
    let index = |value: &Value| {
        value.as_array().is_some_and(|l| l.iter().any(|s| s.get("index").is_some()))
    };
    match map.get(key) {
        Some(value) if index(value) => Ends::Outside,
        _ if nested => Ends::Last,
        _ => Ends::Told,
    }
}

fn is_nothing(annotation: &Annotation) -> bool {
    match annotation {
        Annotation::None => true,
        Annotation::Tags(tags) => tags.is_empty(),
        Annotation::Spans(spans, _) => spans.is_empty(),
    }
}

const fn what_of(annotation: &Annotation) -> &'static str {
    if matches!(annotation, Annotation::Tags(_)) { "tags" } else { "spans" }
}
