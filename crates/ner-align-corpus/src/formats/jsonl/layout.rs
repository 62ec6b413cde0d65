//! How the records of a file are laid out, told from its start.

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Map, Value};

use super::columns::{is_cells, is_columns, is_element};
use super::shapes::{is_record, is_sentence, tag_feature};
use crate::formats::json_scanner::Scanner;

/// How the records of a file are laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Layout {
    /// One record a line.
    Lines,
    /// The elements of one array.
    Array,
    /// The elements of lists in one object, which these keys lead to.
    Lists(Vec<String>),
    /// One value after another, each over many lines.
    Values,
    /// Columns: one object of lists of one length, or a table of pandas.
    Columns,
}

/// What the start of a file shows.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) layout: Layout,
    /// The names of tags that are numbers, from 0.
    pub(super) tag_names: Option<Vec<String>>,
}

impl Start {
    /// Looks at the start of a file; `whole` is true if it is all of it.
    pub(super) fn of(head: &[u8], whole: bool) -> Self {
        let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head);
        let mut signs = head.iter().filter(|byte| !byte.is_ascii_whitespace());
        let of = |layout| Self { layout, tag_names: None };
        match (signs.next(), signs.next()) {
            (Some(b'['), Some(b'"')) => of(Layout::Lines),
            (Some(b'['), Some(b'[' | b'{')) => of(list(head, whole)),
            (Some(b'['), _) => of(Layout::Array),
            (Some(b'{'), _) => object(head, whole),
            _ => of(Layout::Lines),
        }
    }
}

/// The layout of a file that starts with a list of lists or of objects: an array of records, or
/// sentences of words with their tags.
fn list(head: &[u8], whole: bool) -> Layout {
    let mut values = Deserializer::from_slice(head).into_iter::<IgnoredAny>();
    if !matches!(values.next(), Some(Ok(_))) {
        return Layout::Array;
    }
    let (first, rest) = head.split_at(values.byte_offset().min(head.len()));
    let lines = !first.trim_ascii().contains(&b'\n');
    let sentence = || {
        let items = serde_json::from_slice::<Vec<Value>>(first);
        items.is_ok_and(|items| is_sentence(&items))
    };
    match rest.trim_ascii() {
        [] if !whole || !sentence() => Layout::Array,
        [b'[', ..] | [] if lines => Layout::Lines,
        [b'[', ..] | [] => Layout::Values,
        _ => Layout::Array,
    }
}

/// True if a file that starts with an object over several lines holds documents, and is no other
/// file of JSON such as `config.json`.
pub(crate) fn holds_documents(head: &[u8]) -> bool {
    match Start::of(head, false).layout {
        Layout::Lists(_) | Layout::Columns => return true,
        Layout::Array => return false,
        Layout::Lines | Layout::Values => {}
    }
    let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head);
    let mut values = Deserializer::from_slice(head).into_iter::<Value>();
    match values.next() {
        Some(Ok(Value::Object(map))) => {
            is_record(&map) || is_columns(&map) || path_to_lists(&map).is_some()
        }
        Some(Err(error)) if error.is_eof() => {
            let text = String::from_utf8_lossy(head);
            ["\"text\":", "\"tokens\":", "\"words\":"].iter().any(|key| text.contains(key))
        }
        _ => false,
    }
}

/// The layout of a file that starts with an object.
fn object(head: &[u8], whole: bool) -> Start {
    let of = |layout| Start { layout, tag_names: None };
    let mut values = Deserializer::from_slice(head).into_iter::<IgnoredAny>();
    let end = match values.next() {
        Some(Ok(_)) => Some(values.byte_offset()),
        Some(Err(error)) if error.is_eof() => None,
        _ => return of(Layout::Lines),
    };
    let first = head.get(..end.unwrap_or(head.len())).unwrap_or_default();
    let spread = first.trim_ascii().contains(&b'\n');
    let rest = end.map_or(&[][..], |end| head.get(end..).unwrap_or_default());
    if !rest.trim_ascii().is_empty() {
        return of(if spread { Layout::Values } else { Layout::Lines });
    }
    let complete = end.is_some() && whole;
    if complete && let Ok(Value::Object(map)) = serde_json::from_slice::<Value>(first) {
        let tag_names = map.get("features").and_then(tag_feature);
        let layout = if is_record(&map) {
            None
        } else if map.contains_key("columns") && is_columns(&map) {
            Some(Layout::Columns)
        } else {
            let lists = path_to_lists(&map).map(Layout::Lists);
            lists.or_else(|| is_columns(&map).then_some(Layout::Columns))
        };
        let alone = if spread { Layout::Values } else { Layout::Lines };
        return Start { layout: layout.unwrap_or(alone), tag_names };
    }
    let (layout, tag_names) = scan(first);
    let alone = if spread { Layout::Values } else { Layout::Lines };
    Start { layout: layout.unwrap_or(alone), tag_names }
}

/// The keys that lead to the lists of records in an object; `None` if there are none.
fn path_to_lists(map: &Map<String, Value>) -> Option<Vec<String>> {
    if map.values().any(is_list) || is_numbered(map) {
        return Some(Vec::new());
    }
    map.iter().find_map(|(key, value)| {
        let mut path = path_to_lists(value.as_object()?)?;
        path.insert(0, key.clone());
        Some(path)
    })
}

/// True for a list of records, some of which may be null.
fn is_list(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|items| items.iter().find(|item| !item.is_null()).is_some_and(is_element))
}

/// True for records under their numbers, as pandas writes with `orient="index"`.
fn is_numbered(map: &Map<String, Value>) -> bool {
    let record = |(key, value): (&String, &Value)| {
        key.bytes().all(|byte| byte.is_ascii_digit()) && is_element(value)
    };
    !map.is_empty() && map.iter().all(record)
}

/// The lists of an object of which only the start is known.
fn scan(head: &[u8]) -> (Option<Layout>, Option<Vec<String>>) {
    let mut scanner = Scanner::new(head, String::new());
    let (mut value, mut path, mut names) = (Vec::new(), Vec::new(), None);
    let mut opened = scanner.take(b'{').unwrap_or(false);
    while opened {
        let Ok(key) = scanner.key() else { break };
        match scanner.peek_token() {
            Ok(Some(b'[')) if key != "features" => {
                if scanner.take(b'[').is_err() || scanner.take(b']').unwrap_or(true) {
                    opened = scanner.more(b'}').unwrap_or(false);
                    continue;
                }
                loop {
                    if scanner.value(&mut value).is_err() {
                        return (None, names);
                    }
                    let Ok(first) = serde_json::from_slice::<Value>(&value) else {
                        return (None, names);
                    };
                    if is_element(&first) {
                        return (Some(Layout::Lists(path)), names);
                    }
                    if is_cells(&first) && path.is_empty() {
                        return (Some(Layout::Columns), names);
                    }
                    match scanner.more(b']') {
                        Ok(true) => {}
                        Ok(false) => break,
                        Err(_) => return (None, names),
                    }
                }
            }
            Ok(Some(b'{')) if path.len() < 2 && key != "features" => {
                path.push(key);
                opened = scanner.take(b'{').unwrap_or(false);
                continue;
            }
            _ => {
                if scanner.value(&mut value).is_err() {
                    break;
                }
                if key == "features" {
                    let features = serde_json::from_slice::<Value>(&value);
                    names = features.ok().as_ref().and_then(tag_feature);
                } else if path.is_empty() && matches!(key.as_str(), "text" | "content") {
                    break;
                }
            }
        }
        while !scanner.more(b'}').unwrap_or(false) {
            if path.pop().is_none() {
                return (None, names);
            }
        }
    }
    (None, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_told() {
        let lists =
            |path: &[&str]| Layout::Lists(path.iter().map(|key| (*key).to_owned()).collect());
        for (text, expected) in [
            (r#"{"text": "a"}"#, Layout::Lines),
            ("{\"text\": \"a\"}\n{\"text\": \"b\"}\n", Layout::Lines),
            ("{\n\"text\": \"a\"}\n", Layout::Values),
            ("{\n\"text\": \"a\"}\n{\n\"text\": \"b\"}", Layout::Values),
            (r#"["a", {"entities": []}]"#, Layout::Lines),
            (r#"[["a", {"entities": []}]]"#, Layout::Array),
            (r#"[{"text": "a"}, {"text": "b"}]"#, Layout::Array),
            ("[\n{\"text\": \"a\"}\n]\n", Layout::Array),
            (r#"[["a", "O"], ["b", "B-X"]]"#, Layout::Lines),
            ("[[\"a\", \"O\"]]\n[[\"b\", \"O\"]]\n", Layout::Lines),
            ("[\n[\"a\", \"O\"]\n]\n", Layout::Values),
            (r#"[[["a", "O"]], [["b", "O"]]]"#, Layout::Array),
            (r#"{"data": [{"text": "a"}]}"#, lists(&[])),
            (r#"{"id": 1, "data": {"text": "a"}, "annotations": [{"result": []}]}"#, Layout::Lines),
            (r#"{"classes": ["X"], "annotations": [null, ["a", {"entities": []}]]}"#, lists(&[])),
            (
                r#"{"rasa_nlu_data": {"common_examples": [{"text": "a", "entities": []}]}}"#,
                lists(&["rasa_nlu_data"]),
            ),
            (r#"{"rows": [{"row_idx": 0, "row": {"tokens": ["a"]}}]}"#, lists(&[])),
            (r#"{"0": {"text": "a"}, "1": {"text": "b"}}"#, lists(&[])),
            (r#"{"tokens": [["a"], ["b"]], "ner_tags": [["O"], ["O"]]}"#, Layout::Columns),
            (r#"{"text": {"0": "a"}, "label": {"0": []}}"#, Layout::Columns),
            (
                r#"{"columns": ["text", "label"], "index": [0], "data": [["a", []]]}"#,
                Layout::Columns,
            ),
            (r#"{"tokens": ["a"], "ner_tags": ["O"]}"#, Layout::Lines),
            (r#"{"text": ["a", "b"], "labels": ["O", "B-X"]}"#, Layout::Lines),
            (r#"{"doc_key": "d", "sentences": [["a"], ["b"]], "ner": [[], []]}"#, Layout::Lines),
            (r#"{"sentences": [["a"], ["b"]], "ner": [[], []]}"#, Layout::Lines),
        ] {
            assert_eq!(Start::of(text.as_bytes(), true).layout, expected, "{text}");
        }
    }

    #[test]
    fn the_start_of_a_long_object_is_enough() {
        let lists =
            |path: &[&str]| Layout::Lists(path.iter().map(|key| (*key).to_owned()).collect());
        for (text, expected) in [
            (r#"{"version": "1", "data": [{"text": "a"}, {"te"#, lists(&[])),
            (r#"{"a": {"b": 1}, "c": {"d": [{"text": "a"}, {"te"#, lists(&["c"])),
            (r#"{"tokens": [["a"], ["b"#, Layout::Columns),
            (r#"{"text": "a", "spans": [{"start": 0, "e"#, Layout::Lines),
        ] {
            assert_eq!(Start::of(text.as_bytes(), false).layout, expected, "{text}");
        }
    }
}
