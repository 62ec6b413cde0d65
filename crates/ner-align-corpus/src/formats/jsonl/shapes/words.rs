//! Words of JSON with their tags, or with spans that count words.

use serde_json::{Map, Value};

use super::span::{Span, is_words, spans_of};

/// Keys of a word in an object.
const WORD: [&str; 6] = ["text", "word", "token", "form", "orth", "tok"];

/// Keys of a word's tag in an object.
const TAG: [&str; 8] = ["ner_tag", "ner", "tag", "label", "entity", "ner_label", "bio", "iob"];

/// A document of words.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in super::super) struct Words {
    pub(in super::super) id: Option<String>,
    /// The text in which the words stand, where it is given.
    pub(in super::super) text: Option<String>,
    pub(in super::super) words: Vec<String>,
    /// The first word of each sentence after the first one.
    pub(in super::super) starts: Vec<usize>,
    /// The source says where sentences end.
    pub(in super::super) sentences: bool,
    pub(in super::super) annotation: Annotation,
    pub(in super::super) answer: Option<String>,
    /// Keys that mean nothing here.
    pub(in super::super) others: Vec<String>,
}

/// What is known of words.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in super::super) enum Annotation {
    #[default]
    None,
    /// A tag a word, text or number.
    Tags(Vec<Value>),
    /// Spans of words.
    Spans(Vec<Span>, Ends),
}

/// What the end of a span of words is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Ends {
    /// The first word outside.
    Outside,
    /// The last word, in formats that have it so.
    Last,
    /// It is told from the file, else the first word outside.
    Told,
}

/// True if a text looks like a tag with a prefix.
pub(in super::super) fn is_prefixed(text: &str) -> bool {
    let prefix = |letter: Option<&str>| {
        letter.is_some_and(|letter| {
            matches!(letter.to_ascii_uppercase().as_str(), "B" | "I" | "L" | "U" | "E" | "S" | "M")
        })
    };
    let sign = |c: char| matches!(c, '-' | '_' | '/' | ':');
    let (first, last) = (text.get(..1), text.get(text.len().saturating_sub(1)..));
    let rest = text.get(1..).unwrap_or_default();
    let before = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
    text.len() > 2
        && (prefix(first) && rest.starts_with(sign) || prefix(last) && before.ends_with(sign))
}

/// True for a list that looks like tags.
pub(super) fn is_tags(value: &Value) -> bool {
    let Some(items) = value.as_array() else { return false };
    let plain = |text: &str| matches!(text, "O" | "o" | "-" | "_" | "X" | "");
    !items.is_empty()
        && items.iter().all(|item| item.as_str().is_some_and(|t| plain(t) || is_prefixed(t)))
        && items.iter().any(|item| item.as_str().is_some_and(|t| is_prefixed(t) || t == "O"))
}

/// The words of a list of texts, or of objects that have one each.
pub(super) fn words_of(value: &Value) -> Option<Vec<String>> {
    let word = |item: &Value| match item {
        Value::String(word) => Some(word.clone()),
        Value::Object(map) => {
            let word = WORD.iter().find_map(|key| map.get(*key)?.as_str())?;
            Some(word.to_owned())
        }
        _ => None,
    };
    value.as_array()?.iter().map(word).collect()
}

/// The tags that stand beside the words in their objects.
pub(super) fn tags_of_objects(value: &Value) -> Option<Vec<Value>> {
    let items = value.as_array()?;
    TAG.iter().find_map(|key| {
        let tags: Option<Vec<Value>> = items.iter().map(|item| item.get(*key).cloned()).collect();
        let tags = tags.filter(|tags| !tags.is_empty())?;
        // A tag of a part of speech is no tag of an entity.
        let sure =
            !matches!(*key, "tag" | "label" | "entity") || is_tags(&Value::Array(tags.clone()));
        (sure && tags.iter().all(Value::is_string)).then_some(tags)
    })
}

/// Sentences of words, one after another.
pub(super) fn sentences_of(value: &Value) -> Option<(Vec<String>, Vec<usize>)> {
    let (mut words, mut starts) = (Vec::new(), Vec::new());
    for sentence in value.as_array()? {
        if !words.is_empty() {
            starts.push(words.len());
        }
        words.extend(words_of(sentence)?);
    }
    (!words.is_empty()).then_some((words, starts))
}

/// What a value says of this many words; lists of lists go with sentences.
pub(super) fn annotation_of(value: &Value, words: usize, ends: Ends) -> Option<Annotation> {
    let items = value.as_array()?;
    let scalar = |item: &Value| item.is_string() || item.is_i64();
    if items.iter().all(scalar) && (items.len() == words || is_words(value)) {
        return Some(Annotation::Tags(items.clone()));
    }
    if let Some(spans) = spans_of(value, None) {
        return Some(Annotation::Spans(spans, ends));
    }
    if !items.iter().all(Value::is_array) {
        return None;
    }
    let inner = items.iter().filter_map(Value::as_array).flatten();
    let inner: Vec<Value> = inner.cloned().collect();
    if !inner.is_empty() && inner.iter().all(scalar) {
        return Some(Annotation::Tags(inner));
    }
    spans_of(&Value::Array(inner), None).map(|spans| Annotation::Spans(spans, ends))
}

/// A sentence of a list: of pairs of a word and its tag, of a list of words and one of tags, or of
/// objects with both.
pub(super) fn of_list(items: &[Value]) -> Option<Words> {
    if let [words, tags] = items
        && is_words(words)
        && is_tags(tags)
        && words.as_array().map(Vec::len) == tags.as_array().map(Vec::len)
    {
        let annotation = Annotation::Tags(tags.as_array()?.clone());
        return Some(Words { words: words_of(words)?, annotation, ..Words::default() });
    }
    let rows: Option<Vec<&Vec<Value>>> = items.iter().map(Value::as_array).collect();
    if let Some(rows) = rows
        && rows.iter().all(|row| row.len() > 1 && row.iter().all(Value::is_string))
    {
        let tags: Vec<Value> = rows.iter().filter_map(|row| row.last().cloned()).collect();
        if !is_tags(&Value::Array(tags.clone())) {
            return None;
        }
        let words = rows.iter().filter_map(|row| Some(row.first()?.as_str()?.to_owned()));
        let annotation = Annotation::Tags(tags);
        return Some(Words { words: words.collect(), annotation, ..Words::default() });
    }
    let list = Value::Array(items.to_vec());
    let tags = tags_of_objects(&list)?;
    let annotation = Annotation::Tags(tags);
    Some(Words { words: words_of(&list)?, annotation, ..Words::default() })
}

/// The id of a record.
pub(super) fn id_of(map: &Map<String, Value>) -> Option<String> {
    let id = ["id", "doc_key", "doc_id", "orig_id", "guid", "sent_id"]
        .iter()
        .find_map(|key| map.get(*key));
    match id? {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tags_are_told_from_other_words() {
        for (value, expected) in [
            (json!(["O", "B-PER"]), true),
            (json!(["O", "B_PER", "PER-I"]), true),
            (json!(["O", "O"]), true),
            (json!(["NN", "DT"]), false),
            (json!(["B-52", "bomber"]), false),
            (json!(["-", "-"]), false),
            (json!([]), false),
            (json!([1, 0]), false),
        ] {
            assert_eq!(is_tags(&value), expected, "{value}");
        }
    }

    #[test]
    fn lists_of_words_and_tags_are_sentences() {
        for (value, expected) in [
            (json!([["EU", "B-ORG"], ["rejects", "O"]]), Some(["EU", "rejects"])),
            (json!([["EU", "NNP", "B-ORG"], ["rejects", "VBZ", "O"]]), Some(["EU", "rejects"])),
            (json!([["EU", "rejects"], ["B-ORG", "O"]]), Some(["EU", "rejects"])),
            (
                json!([{"word": "EU", "tag": "B-ORG"}, {"word": "rejects", "tag": "O"}]),
                Some(["EU", "rejects"]),
            ),
            (json!([{"word": "EU", "tag": "NNP"}]), None),
            (json!([["a", "b"], ["c", "d"]]), None),
            (json!([]), None),
        ] {
            let found = of_list(value.as_array().unwrap());
            let words = found.as_ref().map(|found| found.words.clone());
            assert_eq!(words, expected.map(|words| words.map(str::to_owned).to_vec()), "{value}");
            if let Some(found) = found {
                assert_eq!(found.annotation, Annotation::Tags(vec![json!("B-ORG"), json!("O")]));
            }
        }
    }
}
