//! A span of JSON, whatever its keys are called.

use serde_json::{Map, Value};

/// Keys of the start of a span and of its end.
const OFFSETS: [(&str, &str); 14] = [
    ("start", "end"),
    ("start_offset", "end_offset"),
    ("startOffset", "endOffset"),
    ("begin", "end"),
    ("beginOffset", "endOffset"),
    ("BeginOffset", "EndOffset"),
    ("start_char", "end_char"),
    ("char_start", "char_end"),
    ("start_idx", "end_idx"),
    ("start_index", "end_index"),
    ("startIndex", "endIndex"),
    ("start_pos", "end_pos"),
    ("start_position", "end_position"),
    ("from", "to"),
];

/// Keys of a pair of offsets.
const PAIRS: [&str; 5] = ["span", "offsets", "position", "pos", "indices"];

/// Keys of the label of a span, the surest first.
const LABELS: [&str; 17] = [
    "label",
    "labels",
    "entity_group",
    "entity_type",
    "entityType",
    "entityLabel",
    "category",
    "class",
    "class_name",
    "label_name",
    "ner_label",
    "tag",
    "type",
    "Type",
    "entity",
    "kind",
    "name",
];

/// Keys of the text that a span covers.
const SURFACES: [&str; 8] =
    ["text", "Text", "word", "surface", "mention", "phrase", "entity_text", "entity"];

/// A span as its source has it.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Span {
    pub(in super::super) start: u64,
    pub(in super::super) end: u64,
    /// Texts or numbers.
    pub(in super::super) labels: Vec<Value>,
    pub(in super::super) text: Option<Value>,
    score: Option<Value>,
}

impl Span {
    /// The span of a value; `None` if it is none with a label.
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Object(map) => Self::of_object(map),
            Value::Array(items) => Self::of_array(items),
            _ => None,
        }
    }

    fn of_object(map: &Map<String, Value>) -> Option<Self> {
        let (start, end) = offsets(map)?;
        let (key, labels) = LABELS.iter().find_map(|key| Some((*key, labels(map.get(*key)?)?)))?;
        let text = SURFACES.iter().filter(|surface| **surface != key);
        let text =
            text.filter_map(|key| map.get(*key)).find(|text| text.is_string() || is_words(text));
        Some(Self { start, end, labels, text: text.cloned(), score: map.get("score").cloned() })
    }

    fn of_array(items: &[Value]) -> Option<Self> {
        let number = |at: usize| items.get(at)?.as_u64();
        let label = |at: usize| labels(items.get(at)?);
        let (start, end, labels) = match (number(0), number(1), number(2)) {
            (Some(start), Some(end), _) => (start, end, label(2)?),
            (None, Some(start), Some(end)) => (start, end, label(0)?),
            _ => {
                // A number, a label and pieces.
                let [Value::String(_), kind, Value::Array(pieces)] = items else { return None };
                let [piece] = pieces.as_slice() else { return None };
                let [start, end] = piece.as_array()?.as_slice() else { return None };
                (start.as_u64()?, end.as_u64()?, labels(kind)?)
            }
        };
        Some(Self { start, end, labels, text: None, score: None })
    }

    /// True if a label of it is no number, as in a list of three numbers.
    fn is_named(&self) -> bool {
        self.labels.iter().any(Value::is_string)
    }

    /// The span as an object with the usual keys.
    pub(super) fn into_value(self) -> Value {
        let mut map = Map::new();
        map.insert("start".to_owned(), self.start.into());
        map.insert("end".to_owned(), self.end.into());
        map.insert("labels".to_owned(), Value::Array(self.labels));
        if let Some(text @ Value::String(_)) = self.text {
            map.insert("text".to_owned(), text);
        }
        if let Some(score) = self.score {
            map.insert("score".to_owned(), score);
        }
        Value::Object(map)
    }
}

/// The offsets of a span.
fn offsets(map: &Map<String, Value>) -> Option<(u64, u64)> {
    let number = |key: &str| map.get(key)?.as_u64();
    for (start, end) in OFFSETS {
        if let (Some(start), Some(end)) = (number(start), number(end)) {
            return Some((start, end));
        }
    }
    if let (Some(start), Some(length)) = (number("offset"), number("length")) {
        return Some((start, start.saturating_add(length)));
    }
    for key in PAIRS {
        if let Some(Value::Array(pair)) = map.get(key)
            && let [start, end] = pair.as_slice()
        {
            return Some((start.as_u64()?, end.as_u64()?));
        }
    }
    // The numbers of the words, one after another.
    let index: Option<Vec<u64>> = map.get("index")?.as_array()?.iter().map(Value::as_u64).collect();
    let index = index?;
    let (first, last) = (*index.first()?, *index.last()?);
    (index.len() as u64 == last.checked_sub(first)? + 1).then_some((first, last + 1))
}

/// A label, or several.
fn labels(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::String(_) => Some(vec![value.clone()]),
        Value::Number(number) if number.is_u64() => Some(vec![value.clone()]),
        Value::Array(items) if items.iter().all(|item| item.is_string() || item.is_u64()) => {
            Some(items.clone())
        }
        _ => None,
    }
}

/// True for a list of texts.
pub(super) fn is_words(value: &Value) -> bool {
    value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(Value::is_string))
}

/// The spans of a list, or of an object that sorts them by label or by group; `None` if there are
/// others among them. An empty list has none.
pub(super) fn spans_of(value: &Value, text: Option<&str>) -> Option<Vec<Span>> {
    match value {
        Value::Array(items) => {
            let spans: Option<Vec<Vec<Span>>> = items.iter().map(of_item).collect();
            spans.map(|spans| spans.concat())
        }
        Value::Object(map) => by_name(map, text),
        _ => None,
    }
}

/// The span of an item, or those of a region of Azure Language.
fn of_item(item: &Value) -> Option<Vec<Span>> {
    if let Some(span) = Span::of(item) {
        return Some(vec![span]);
    }
    item.get("regionOffset")?;
    item.get("labels")?.as_array()?.iter().map(Span::of).collect()
}

fn by_name(map: &Map<String, Value>, text: Option<&str>) -> Option<Vec<Span>> {
    // Amazon SageMaker Ground Truth's.
    if let Some(Value::Object(inner)) = map.get("annotations") {
        return spans_of(inner.get("entities")?, text);
    }
    if let Some(entities @ Value::Array(_)) = map.get("entities") {
        return spans_of(entities, text);
    }
    let mut spans = Vec::new();
    for (name, group) in map {
        match group {
            Value::Array(items) if items.iter().all(|item| Span::of(item).is_some()) => {
                spans.extend(items.iter().filter_map(Span::of));
            }
            Value::Array(items) => {
                let pairs = items.iter().map(|item| pair(item, name, None, text));
                spans.extend(pairs.collect::<Option<Vec<_>>>()?);
            }
            // CLUENER's, by label and by text.
            Value::Object(surfaces) => {
                for (surface, places) in surfaces {
                    let places = places.as_array()?.iter();
                    let pairs = places.map(|place| pair(place, name, Some(surface), text));
                    spans.extend(pairs.collect::<Option<Vec<_>>>()?);
                }
            }
            _ => return None,
        }
    }
    Some(spans)
}

/// A pair of offsets under its label. Beside its text the end is the last character, unless the
/// text says otherwise.
fn pair(value: &Value, label: &str, surface: Option<&str>, text: Option<&str>) -> Option<Span> {
    let [start, end] = value.as_array()?.as_slice() else { return None };
    let (start, mut end) = (start.as_u64()?, end.as_u64()?);
    if let Some(surface) = surface {
        let length = end.checked_sub(start).and_then(|length| usize::try_from(length).ok());
        let from = usize::try_from(start).ok();
        let half_open = text.zip(from).zip(length).is_some_and(|((text, from), length)| {
            text.chars().skip(from).take(length).eq(surface.chars())
        });
        end += u64::from(!half_open);
    }
    let text = surface.map(Value::from);
    Some(Span { start, end, labels: vec![label.into()], text, score: None })
}

/// True if a value holds spans of any kind, or lists of them.
pub(super) fn holds_spans(value: &Value) -> bool {
    match value {
        Value::Array(items) => {
            let mut seen = items.iter().filter(|item| !is_empty(item)).take(8).peekable();
            seen.peek().is_some() && {
                let seen: Vec<&Value> = seen.collect();
                seen.iter().all(|item| Span::of(item).is_some_and(|span| span.is_named()))
                    || seen.iter().all(|item| item.is_array() && holds_spans(item))
                    || seen.iter().all(|item| item.get("result").is_some_and(|r| !is_empty(r)))
            }
        }
        Value::Object(map) if !map.is_empty() => {
            let lists = |group: &Value| match group {
                Value::Array(_) => holds_spans(group),
                Value::Object(inner) => inner.get("entities").is_some_and(holds_spans),
                _ => false,
            };
            map.values().any(lists)
                || by_name(map, None).is_some_and(|spans| spans.iter().any(Span::is_named))
        }
        _ => false,
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty) || value.is_null()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn spans_are_told_by_their_shape() {
        for (value, expected) in [
            (json!({"start": 1, "end": 3, "label": "X"}), Some((1, 3, "X"))),
            (json!({"startOffset": 1, "endOffset": 3, "label": "X"}), Some((1, 3, "X"))),
            (json!({"begin": 1, "end": 3, "type": "X"}), Some((1, 3, "X"))),
            (json!({"offset": 1, "length": 2, "category": "X"}), Some((1, 3, "X"))),
            (json!({"start": 1, "end": 3, "entity": "Ada", "type": "X"}), Some((1, 3, "X"))),
            (json!({"start": 1, "end": 3, "value": "x", "entity": "X"}), Some((1, 3, "X"))),
            (json!({"index": [1, 2], "type": "X"}), Some((1, 3, "X"))),
            (json!({"span": [1, 3], "labels": ["X"]}), Some((1, 3, "X"))),
            (json!([1, 3, "X"]), Some((1, 3, "X"))),
            (json!(["X", 1, 3]), Some((1, 3, "X"))),
            (json!(["T1", "X", [[1, 3]]]), Some((1, 3, "X"))),
            (json!(["T1", "X", [[1, 3], [5, 6]]]), None),
            (json!({"index": [1, 3], "type": "X"}), None),
            (json!({"start": 1, "end": 3}), None),
            (json!({"start": -1, "end": 3, "label": "X"}), None),
            (json!([1, 3]), None),
            (json!("X"), None),
        ] {
            let span = Span::of(&value);
            let found = span.as_ref().map(|s| (s.start, s.end, s.labels[0].as_str().unwrap()));
            assert_eq!(found, expected, "{value}");
        }
    }

    #[test]
    fn spans_in_objects_are_found() {
        for (value, expected) in [
            (json!({"name": {"王小": [[0, 1]]}}), Some((0, 2))),
            (json!({"name": {"王小": [[0, 2]]}}), Some((0, 2))),
            (json!({"PER": [[0, 2]]}), Some((0, 2))),
            (json!({"sc": [{"start": 0, "end": 2, "label": "X"}]}), Some((0, 2))),
            (
                json!({"annotations": {"entities": [{"startOffset": 0, "endOffset": 2, "label": "X"}]}}),
                Some((0, 2)),
            ),
            (json!({"source": "x", "score": 0.5}), None),
        ] {
            let spans = spans_of(&value, Some("王小明"));
            let found = spans.and_then(|spans| spans.first().map(|span| (span.start, span.end)));
            assert_eq!(found, expected, "{value}");
            assert_eq!(holds_spans(&value), expected.is_some(), "{value}");
        }
        assert!(!holds_spans(&json!({"sizes": [[1, 2, 3]]})));
    }
}
