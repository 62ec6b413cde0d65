//! What holds records, and what they say of all records.

use serde_json::{Map, Value};

use super::keys::{SENTENCES, TAGS, TEXT, WORDS};
use super::span::{Span, is_words};
use super::words::{is_tags, sentences_of, words_of};

/// True for an object that is a record: it has a text, or words.
pub(in super::super) fn is_record(map: &Map<String, Value>) -> bool {
    let has = |keys: &[&str], test: fn(&Value) -> bool| {
        keys.iter().any(|key| map.get(*key).is_some_and(test))
    };
    if let Some(Value::Object(row)) = map.get("row").filter(|_| map.contains_key("row_idx")) {
        return is_record(row);
    }
    // A collection of BioC has a source, which is no text.
    let holds_passages = |item: &Value| item.get("passages").is_some_and(Value::is_array);
    let documents = map.get("documents").and_then(Value::as_array);
    if documents.is_some_and(|items| items.iter().any(holds_passages)) {
        return false;
    }
    let whole = Value::Object(map.clone());
    Span::of(&whole).is_none()
        && (has(&TEXT, Value::is_string)
            || has(&WORDS, is_words)
            || has(&["passages"], Value::is_array)
            || map.contains_key("vertexSet") && has(&["sents"], Value::is_array)
            || has(&["data"], Value::is_object)
            || map.contains_key("ner") && has(&SENTENCES, |value| sentences_of(value).is_some())
            || has(&["tokens", "words"], |value| words_of(value).is_some_and(|w| !w.is_empty()))
            || has(&["text", "tokens", "words"], Value::is_array) && has(&TAGS, is_tags))
}

/// The names of the tags in the features of a data set, as its viewer serves them or as they stand
/// in its metadata.
pub(in super::super) fn tag_feature(features: &Value) -> Option<Vec<String>> {
    let mut found: Vec<(&str, Vec<String>)> = Vec::new();
    match features {
        Value::Array(items) => {
            for item in items {
                let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
                found.extend(item.get("type").and_then(names_of).map(|names| (name, names)));
            }
        }
        Value::Object(map) => {
            for (name, feature) in map {
                found.extend(names_of(feature).map(|names| (name.as_str(), names)));
            }
        }
        _ => {}
    }
    let usual = TAGS.iter().find_map(|tag| found.iter().position(|(name, _)| name == tag));
    let at = usual
        .or_else(|| found.iter().position(|(_, names)| names.iter().any(|name| name == "O")))?;
    Some(found.swap_remove(at).1)
}

/// The names of the classes of a feature, or of the elements of a list of them.
fn names_of(feature: &Value) -> Option<Vec<String>> {
    if let Some(Value::Array(names)) = feature.get("names") {
        return names.iter().map(|name| name.as_str().map(str::to_owned)).collect();
    }
    match feature {
        Value::Array(items) => items.first().and_then(names_of),
        _ => names_of(feature.get("feature")?),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_names_of_tags_are_found() {
        let label = json!({"names": ["O", "B-X"], "_type": "ClassLabel"});
        let other = json!({"names": ["DT", "NN"], "_type": "ClassLabel"});
        let expected = Some(vec!["O".to_owned(), "B-X".to_owned()]);
        for features in [
            json!([{"name": "pos_tags", "type": {"feature": other}}, {"name": "ner_tags", "type": {"feature": label, "_type": "Sequence"}}]),
            json!({"pos_tags": {"feature": other}, "tags": {"feature": label}}),
            json!({"ner_tags": [label]}),
            json!({"entity_class": {"feature": label}}),
        ] {
            assert_eq!(tag_feature(&features), expected, "{features}");
        }
        assert_eq!(tag_feature(&json!({"pos_tags": {"feature": other}})), None);
    }
}
