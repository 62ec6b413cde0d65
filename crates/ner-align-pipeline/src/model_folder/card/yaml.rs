//! Values as YAML, for the head of a model card.
//!
//! Every string that could mean anything else is a double-quoted scalar, so that `no`, `1.0`, `---`,
//! colons, quotes and line ends come back as they were, in YAML 1.1 (PyYAML, which `huggingface_hub`
//! uses) as in YAML 1.2.

use std::fmt::Write as _;

use serde_json::Value;

/// Plain words that YAML 1.1 or 1.2 reads as something else than a string.
const RESERVED: [&str; 10] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"];

/// The lines of a value in block style, each with its line end. Lists and maps that are empty are
/// `[]` and `{}`.
pub(super) fn to_yaml(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(_) | Value::Array(_) if !is_empty(value) => block(value, 0, &mut text),
        _ => {
            scalar(value, &mut text);
            text.push('\n');
        }
    }
    text
}

/// Writes a map or a list whose lines begin at this column; the first one's indent is written
/// already.
fn block(value: &Value, column: usize, text: &mut String) {
    let mut first = true;
    let mut indent = |text: &mut String| {
        if !std::mem::take(&mut first) {
            text.extend(std::iter::repeat_n(' ', column));
        }
    };
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                indent(text);
                string(key, text);
                text.push(':');
                if is_empty(value) {
                    text.push(' ');
                    scalar(value, text);
                    text.push('\n');
                    continue;
                }
                // A list may begin at the column of its key, as people write it.
                let inner = if value.is_array() { column } else { column + 2 };
                text.push('\n');
                text.extend(std::iter::repeat_n(' ', inner));
                block(value, inner, text);
            }
        }
        Value::Array(list) => {
            for value in list {
                indent(text);
                text.push_str("- ");
                if is_empty(value) {
                    scalar(value, text);
                    text.push('\n');
                } else {
                    block(value, column + 2, text);
                }
            }
        }
        _ => {}
    }
}

/// Whether a value has no lines of its own below its key.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => true,
    }
}

fn scalar(value: &Value, text: &mut String) {
    match value {
        Value::String(value) => string(value, text),
        Value::Object(_) => text.push_str("{}"),
        Value::Array(_) => text.push_str("[]"),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            // YAML 1.1 takes `1e-7` for a string.
            Some(number) if number.fract() == 0.0 => drop(write!(text, "{number}.0")),
            Some(number) => drop(write!(text, "{number}")),
            None => drop(write!(text, "{number}")),
        },
        Value::Null | Value::Bool(_) => drop(write!(text, "{value}")),
    }
}

fn string(value: &str, text: &mut String) {
    let letter = |c: char| c.is_ascii_alphabetic();
    let plain = value.starts_with(letter)
        && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
        && !RESERVED.contains(&value.to_ascii_lowercase().as_str());
    if plain {
        text.push_str(value);
        return;
    }
    text.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            c if is_printable(c) => text.push(c),
            c if u32::from(c) > 0xffff => drop(write!(text, "\\U{:08x}", u32::from(c))),
            c => drop(write!(text, "\\u{:04x}", u32::from(c))),
        }
    }
    text.push('"');
}

/// What may stand in YAML as it is. Line ends of Unicode and byte order marks are written as their
/// numbers, since readers take them for more than a character.
fn is_printable(c: char) -> bool {
    let code = u32::from(c);
    !c.is_control()
        && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
        && !(0xfff0..=0xffff).contains(&(code & 0xffff))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, json};
    use yaml_rust2::{Yaml, YamlLoader};

    use super::*;

    /// What a YAML reader makes of a text, in the words of JSON.
    fn read(text: &str) -> Value {
        let mut documents = YamlLoader::load_from_str(text).expect(text);
        assert_eq!(documents.len(), 1, "{text}");
        json_of(documents.remove(0))
    }

    fn json_of(value: Yaml) -> Value {
        match value {
            Yaml::Real(number) => json!(number.parse::<f64>().unwrap()),
            Yaml::Integer(number) => json!(number),
            Yaml::String(text) => Value::String(text),
            Yaml::Boolean(value) => Value::Bool(value),
            Yaml::Array(list) => list.into_iter().map(json_of).collect(),
            Yaml::Hash(map) => {
                let pair = |(key, value)| match json_of(key) {
                    Value::String(key) => (key, json_of(value)),
                    other => panic!("the key {other}"),
                };
                Value::Object(map.into_iter().map(pair).collect())
            }
            Yaml::Null => Value::Null,
            other => panic!("{other:?}"),
        }
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[a-zA-Z0-9 :#'\"\\\\,\\[\\]{}&*!|>%@`?.~-]{0,8}",
            proptest::sample::select(vec![
                "no",
                "YES",
                "On",
                "y",
                "null",
                "~",
                "1.0",
                "0x1f",
                "1e3",
                ".nan",
                "---",
                "...",
                "2020-01-01",
                "12:30:45",
                "- a",
                "a: b",
                "a #b",
                "",
                " ",
                "\n",
                "a\n---\nb",
                "🦀",
                "\u{feff}x",
                "\u{85}",
                "\u{2028}",
                "\u{7f}",
                "\u{1f}",
                "\u{ffff}",
                "\u{1fffe}",
                "<<",
                "=",
                "!!str",
                "%YAML",
                "?",
                "\t",
                "B-\"PER\": 'x'",
            ])
            .prop_map(str::to_owned),
        ]
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            text().prop_map(Value::String),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(|number| json!(number)),
            (-1e300..1e300).prop_map(|number: f64| json!(number)),
            (0.0..1e-6).prop_map(|number: f64| json!(number)),
            Just(Value::Null),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                proptest::collection::vec((text(), inner), 0..4)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(value in value()) {
            let text = to_yaml(&value);
            prop_assert_eq!(read(&text), value, "{}", text);
            // A line of dashes would end the head of a card.
            prop_assert!(!text.lines().any(|line| line.starts_with("---")), "{}", text);
        }
    }

    #[test]
    fn plain_words_stay_plain() {
        let value =
            json!({"license": "apache-2.0", "tags": ["ner", "no"], "a": {"b": [], "c": 1.0}});
        let text = "license: apache-2.0\ntags:\n- ner\n- \"no\"\na:\n  b: []\n  c: 1.0\n";
        assert_eq!(to_yaml(&value), text);
    }
}
