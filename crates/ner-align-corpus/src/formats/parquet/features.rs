//! The names of classes in the metadata of `datasets`.

use parquet::file::metadata::KeyValue;
use serde_json::{Value, json};

use super::METADATA_KEY;

/// Features nest as deep as their column.
const MAX_DEPTH: usize = 8;

/// The names of the tags of a column, if the metadata have them.
pub(super) fn names(metadata: Option<&Vec<KeyValue>>, column: &str) -> Option<Vec<String>> {
    let entry = metadata?.iter().find(|entry| entry.key == METADATA_KEY)?;
    let value: Value = serde_json::from_str(entry.value.as_deref()?).ok()?;
    let mut feature = value.get("info")?.get("features")?.get(column)?;
    for _ in 0..MAX_DEPTH {
        // {"_type": "List" or "Sequence", "feature": ...}, or [...] around what is repeated.
        let inner = feature.get("feature").or_else(|| feature.get(0));
        match (feature.get("names"), inner) {
            (Some(names), _) => {
                let names = names.as_array()?.iter();
                return names.map(|name| Some(name.as_str()?.to_owned())).collect();
            }
            (None, inner) => feature = inner?,
        }
    }
    None
}

/// The metadata of a file with these tags.
pub(super) fn metadata(names: &[String], has_id: bool) -> KeyValue {
    let text = json!({"dtype": "string", "_type": "Value"});
    let list = |feature: Value| json!({"feature": feature, "_type": "List"});
    let mut features = serde_json::Map::new();
    if has_id {
        features.insert("id".to_owned(), text.clone());
    }
    features.insert("tokens".to_owned(), list(text));
    let classes = json!({"names": names, "_type": "ClassLabel"});
    features.insert("ner_tags".to_owned(), list(classes));
    let value = json!({"info": {"features": features}});
    KeyValue { key: METADATA_KEY.to_owned(), value: Some(value.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_every_form() {
        let class = r#"{"names": ["O", "B-X"], "_type": "ClassLabel"}"#;
        for (feature, found) in [
            (class.to_owned(), true),
            (format!(r#"{{"feature": {class}, "_type": "Sequence"}}"#), true),
            (format!(r#"{{"_type": "List", "feature": {class}}}"#), true),
            (format!("[{class}]"), true),
            (r#"{"feature": {"dtype": "int64", "_type": "Value"}}"#.to_owned(), false),
            (r#"{"names": [1]}"#.to_owned(), false),
            (r#"{"names": null}"#.to_owned(), false),
            ("[]".to_owned(), false),
            ("3".to_owned(), false),
            (format!("{}3{}", "[".repeat(100), "]".repeat(100)), false),
        ] {
            let value = format!(r#"{{"info": {{"features": {{"ner_tags": {feature}}}}}}}"#);
            let entry = KeyValue { key: METADATA_KEY.to_owned(), value: Some(value) };
            let expected = found.then(|| vec!["O".to_owned(), "B-X".to_owned()]);
            assert_eq!(names(Some(&vec![entry]), "ner_tags"), expected, "{feature}");
        }
        let own = metadata(&["O".to_owned()], true);
        assert_eq!(names(Some(&vec![own]), "ner_tags"), Some(vec!["O".to_owned()]));
        assert_eq!(names(None, "ner_tags"), None);
    }
}
