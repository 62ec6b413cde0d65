//! Spans of characters in a cell.

use ner_align_core::{CharSpan, Label};
use serde_json::Value;

use super::literal;

/// Keys under which a list of spans stands.
const LISTS: [&str; 5] = ["entities", "spans", "label", "labels", "annotations"];

/// A span as its cell gives it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CellSpan {
    pub(super) span: CharSpan,
    pub(super) label: Label,
    /// The characters, where they are given.
    pub(super) text: Option<String>,
}

/// The spans of a cell: objects with a start, an end and labels, or lists of start, end and label.
pub(super) fn read(cell: &str) -> Option<Vec<CellSpan>> {
    if !cell.trim_start().starts_with(['[', '{', '(']) {
        return None;
    }
    let items = match literal::parse(cell)? {
        Value::Array(items) => items,
        Value::Object(mut object) => match LISTS.iter().find_map(|key| object.remove(*key))? {
            Value::Array(items) => items,
            _ => return None,
        },
        _ => return None,
    };
    let mut spans = Vec::new();
    for item in items {
        match item {
            Value::Object(object) => of_object(&Value::Object(object), &mut spans)?,
            Value::Array(items) => of_list(&items, &mut spans)?,
            _ => return None,
        }
    }
    Some(spans)
}

fn offset(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|offset| usize::try_from(offset).ok())
}

fn of_object(object: &Value, spans: &mut Vec<CellSpan>) -> Option<()> {
    // A result of Label Studio.
    if let Some(value) = object.get("value").filter(|value| value.is_object()) {
        return of_object(value, spans);
    }
    let first = |keys: &[&str]| keys.iter().find_map(|key| object.get(*key));
    let start = offset(first(&["start", "start_offset", "begin"])?)?;
    let end = offset(first(&["end", "end_offset", "stop"])?)?;
    let labels = first(&["labels", "label", "type", "entity", "entity_group", "tag"])?;
    let text = first(&["text", "word", "surface"]).and_then(Value::as_str);
    push(CharSpan::new(start, end), labels, text, spans)
}

fn of_list(items: &[Value], spans: &mut Vec<CellSpan>) -> Option<()> {
    let offsets: Vec<usize> = items.iter().filter_map(offset).collect();
    let [start, end] = offsets.as_slice() else { return None };
    let label = items.iter().find(|item| item.is_string() || item.is_array())?;
    push(CharSpan::new(*start, *end), label, None, spans)
}

fn push(
    span: CharSpan,
    labels: &Value,
    text: Option<&str>,
    spans: &mut Vec<CellSpan>,
) -> Option<()> {
    let names = match labels {
        Value::Array(names) => names.as_slice(),
        one => std::slice::from_ref(one),
    };
    for name in names {
        let label = Label::new(name.as_str()?)?;
        spans.push(CellSpan { span, label, text: text.map(str::to_owned) });
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_in_each_form() {
        let acme = "0..4 ORG";
        for (cell, expected) in [
            (r#"[{"start": 0, "end": 4, "text": "Acme", "labels": ["ORG"]}]"#, Some(acme)),
            (
                r#"[{"value": {"start": 0, "end": 4, "labels": ["ORG"]}, "type": "labels"}]"#,
                Some(acme),
            ),
            ("[(0, 4, 'ORG')]", Some(acme)),
            ("[[0, 4, \"ORG\"]]", Some(acme)),
            ("{'entities': [(0, 4, 'ORG')]}", Some(acme)),
            ("[('ORG', 0, 4)]", Some(acme)),
            ("[{'start_offset': 0, 'end_offset': 4, 'label': 'ORG'}]", Some(acme)),
            ("[]", Some("")),
            ("['O', 'B-PER']", None),
            ("[1, 2]", None),
            ("B-PER", None),
        ] {
            let shown = read(cell).map(|spans| {
                let show = |s: &CellSpan| format!("{}..{} {}", s.span.start, s.span.end, s.label);
                spans.iter().map(show).collect::<Vec<_>>().join(" ")
            });
            assert_eq!(shown.as_deref(), expected, "{cell}");
        }
    }
}
