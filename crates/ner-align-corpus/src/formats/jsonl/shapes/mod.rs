//! Records whose keys are called otherwise than those of the usual shapes.
//!
//! A record is read into its own type at once. One that has keys that this type does not know, and
//! that may hold annotation, is looked at here as a tree: it becomes a record of a usual shape, or
//! a document of words. Annotation that nobody would read is an error.

mod container;
mod span;
mod words;

use serde_json::{Map, Value};

use crate::CharMap;
use crate::contract::CsvColumns;
use crate::text::words::locate;
use span::{Span, holds_spans, is_words, spans_of};
use words::{annotation_of, id_of, is_tags, of_list, sentences_of, tags_of_objects, words_of};

pub(super) use container::{is_record, tag_feature};
pub(super) use span::Span as WordSpan;
pub(super) use words::{Annotation, Ends, Words, is_prefixed};

/// Keys of a text.
const TEXT: [&str; 13] = [
    "text",
    "content",
    "data",
    "sentence",
    "document",
    "source",
    "body",
    "raw_text",
    "doc",
    "context",
    "sent",
    "message",
    "utterance",
];

/// Keys of a list of words.
const WORDS: [&str; 9] = [
    "tokens",
    "words",
    "tokenized_text",
    "token",
    "sentence",
    "text",
    "word_list",
    "data",
    "str_words",
];

/// Keys of a list of sentences.
const SENTENCES: [&str; 3] = ["sentences", "sents", "tokens"];

/// Keys of tags or of spans of words.
const TAGS: [&str; 12] = [
    "ner_tags",
    "tags",
    "ner",
    "labels",
    "label",
    "ner_labels",
    "bio_tags",
    "iob_tags",
    "ner_tag",
    "tag",
    "entity_tags",
    "target",
];

/// Keys of spans.
const SPANS: [&str; 16] = [
    "spans",
    "entities",
    "ents",
    "label",
    "labels",
    "annotations",
    "annotation",
    "ner",
    "entity_mentions",
    "golden-entity-mentions",
    "mentions",
    "named_entities",
    "entity_list",
    "tags",
    "data",
    "tokens",
];

/// Keys of spans that are read without a look at the tree.
const KNOWN: [&str; 8] =
    ["spans", "entities", "ents", "label", "labels", "annotations", "annotation", "completions"];

/// Keys of other annotation than that of entities.
const OTHER_ANNOTATION: [&str; 10] = [
    "pos_tags",
    "chunk_tags",
    "chunks",
    "pos",
    "relations",
    "relation",
    "sents",
    "noun_chunks",
    "events",
    "clusters",
];

/// What a record was made into.
#[derive(Debug)]
pub(super) enum Adapted {
    /// Nothing: it is as it was read at once.
    Same,
    /// A record of a usual shape.
    Record(Value),
    Words(Box<Words>),
}

/// Annotation, or another part of a record, that is not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// Under this key are spans, or tags.
    Annotation { key: String, what: &'static str, read: Option<String> },
    /// The key that was named holds something else.
    Named { key: String, expected: &'static str },
    /// There is no text and no list of words under these keys.
    NoText { keys: Vec<String> },
}

/// Makes a record into one that is read. `known` is true if it is a record of a usual shape as it
/// is.
pub(super) fn adapt(value: Value, keys: &CsvColumns, known: bool) -> Result<Adapted, Unread> {
    match value {
        Value::Array(items) => list(items, keys, known),
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
fn list(items: Vec<Value>, keys: &CsvColumns, known: bool) -> Result<Adapted, Unread> {
    if let [Value::String(text), rest, ..] = items.as_slice() {
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
    Ok(of_list(&items).map_or(Adapted::Same, |words| Adapted::Words(Box::new(words))))
}

/// True for a sentence as a list of words with their tags.
pub(super) fn is_sentence(items: &[Value]) -> bool {
    of_list(items).is_some()
}

/// The keys of a record that have a meaning.
#[derive(Default)]
struct Used(Vec<String>);

impl Used {
    fn add(&mut self, key: &str) {
        self.0.push(key.to_owned());
    }

    fn has(&self, key: &str) -> bool {
        self.0.iter().any(|used| used == key)
    }
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
    let mut used = Used::default();
    if let Some((words, starts, sentences)) = words(&map, keys, &mut used)? {
        if let Some(record) = by_characters(&map, &words) {
            return Ok(Adapted::Record(record));
        }
        return of_words(&map, keys, used, words, starts, sentences, None);
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
        return of_words(&map, keys, used, words, Vec::new(), false, Some(text));
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

/// The words of a record, the first words of sentences, and whether sentences are marked.
fn words(
    map: &Map<String, Value>,
    keys: &CsvColumns,
    used: &mut Used,
) -> Result<Option<(Vec<String>, Vec<usize>, bool)>, Unread> {
    if let Some(key) = &keys.word {
        let found = map.get(key).and_then(words_of);
        let Some(words) = found else {
            return Err(Unread::Named { key: key.clone(), expected: "a list of words" });
        };
        used.add(key);
        return Ok(Some((words, Vec::new(), false)));
    }
    if let Some(key) = &keys.sentence {
        let found = map.get(key).and_then(sentences_of);
        let Some((words, starts)) = found else {
            return Err(Unread::Named {
                key: key.clone(),
                expected: "a list of sentences of words",
            });
        };
        used.add(key);
        return Ok(Some((words, starts, true)));
    }
    if keys.text.is_some() || keys.spans.is_some() && map.get("text").is_some_and(Value::is_string)
    {
        return Ok(None);
    }
    for key in WORDS {
        if let Some(value) = map.get(key).filter(|value| is_words(value)) {
            used.add(key);
            return Ok(words_of(value).map(|words| (words, Vec::new(), false)));
        }
    }
    for key in SENTENCES {
        if let Some((words, starts)) = map.get(key).and_then(sentences_of) {
            used.add(key);
            return Ok(Some((words, starts, true)));
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
            tags_of_objects(value).is_some() || TAGS.iter().any(|key| beside(&key))
        };
        if (!has_text || tags() && !holds_spans(value))
            && let Some(words) = words_of(value).filter(|words| !words.is_empty())
        {
            return Ok(Some((words, Vec::new(), false)));
        }
    }
    Ok(None)
}

fn of_words(
    map: &Map<String, Value>,
    keys: &CsvColumns,
    mut used: Used,
    words: Vec<String>,
    starts: Vec<usize>,
    sentences: bool,
    text: Option<String>,
) -> Result<Adapted, Unread> {
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
        sentences,
        annotation,
        answer,
        others: others.cloned().collect(),
    })))
}

/// A record of words and text whose spans count characters: one ends behind the last word, or all
/// of them start and end where words do.
fn by_characters(map: &Map<String, Value>, words: &[String]) -> Option<Value> {
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

/// The text of a record and its key.
fn text(map: &Map<String, Value>, keys: &CsvColumns) -> Result<Option<(String, String)>, Unread> {
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
fn by_shape(map: &Map<String, Value>, text: &str, used: &mut Used) -> Option<(String, Vec<Span>)> {
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
fn tags_beside(
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

/// An error where a key that nobody reads holds annotation: spans, or as many tags as there are
/// words or characters, one of the `counts`.
fn refuse_unread(
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

fn unread(key: &str, what: &'static str, used: &Used) -> Unread {
    let read = used
        .0
        .iter()
        .rev()
        .find(|used| TAGS.contains(&used.as_str()) || SPANS.contains(&used.as_str()));
    Unread::Annotation {
        key: key.to_owned(),
        what,
        read: read.filter(|read| *read != key).cloned(),
    }
}
