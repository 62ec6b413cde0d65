//! Records whose annotation is nested: BioC, DocRED; and those of tools that keep no text in them.

use serde_json::{Map, Value};

use super::Adapted;
use super::span::Span;
use super::unread::Unread;
use super::words::{Annotation, Ends, Words, id_of, sentences_of};

/// Makes a record of BioC or of DocRED into one that is read; `None` for others.
pub(super) fn nested(map: &Map<String, Value>) -> Option<Result<Adapted, Unread>> {
    if map.get("passages").is_some_and(Value::is_array) {
        return Some(bioc(map).map(Adapted::Record));
    }
    let sentences = map.get("sents").and_then(sentences_of);
    let (Some(found), Some(Value::Array(entities))) = (sentences, map.get("vertexSet")) else {
        return None;
    };
    Some(docred(map, found, entities).map(|words| Adapted::Words(Box::new(words))))
}

/// The error for a record of a tool that keeps its text elsewhere, or has a format of its own.
pub(super) fn refused(map: &Map<String, Value>) -> Option<Unread> {
    let has = |keys: &[&str]| keys.iter().all(|key| map.contains_key(*key));
    let within = |key: &str, inner: &str| map.get(key).is_some_and(|v| v.get(inner).is_some());
    const TOGETHER: &str = "put each text and its spans together, as {\"text\": \"…\", \"entities\": \
                            [{\"start\": 0, \"end\": 4, \"label\": \"PER\"}]} a line";
    let (what, hint) = if has(&["annotatable", "entities"]) {
        ("the annotation of tagtog, whose text is in a file of its own", TOGETHER)
    } else if has(&["%FEATURE_STRUCTURES"]) || has(&["_referenced_fss"]) {
        ("the UIMA CAS JSON of INCEpTION", "export the document as CoNLL 2002 or CoNLL-U there")
    } else if within("assets", "documents") {
        ("a project of Azure Language, whose texts are in the files under \"location\"", TOGETHER)
    } else if has(&["Entities", "File"]) {
        ("entities of Amazon Comprehend, whose text is in the file under \"File\"", TOGETHER)
    } else if within("data", "spanLabels") || has(&["spanLabels"]) {
        ("the schema of Datasaur", "export the project as CoNLL 2003 there")
    } else {
        return None;
    };
    Some(Unread::Foreign { what, hint })
}

/// A document of BioC as a text and spans. Its passages stand one a line; their offsets count from the
/// start of each.
fn bioc(map: &Map<String, Value>) -> Result<Value, Unread> {
    let wrong = |expected| Unread::Named { key: "passages".to_owned(), expected };
    let list = |value: &Value, key: &str| -> Vec<Value> {
        value.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let (mut text, mut length) = (String::new(), 0);
    let mut entities = Vec::new();
    for passage in list(&Value::Object(map.clone()), "passages") {
        let sentences = list(&passage, "sentences");
        // A passage has a text, or its sentences have one each.
        let whole = passage.get("text").is_some_and(Value::is_string);
        let mut parts = vec![passage];
        if whole {
            let annotated = sentences.iter().any(|part| !list(part, "annotations").is_empty());
            if annotated {
                return Err(wrong("annotations of passages, not of sentences within their text"));
            }
        } else {
            parts = sentences;
        }
        for part in parts {
            let here = part.get("text").and_then(Value::as_str).unwrap_or_default();
            let offset = part.get("offset").and_then(Value::as_u64);
            if !text.is_empty() {
                text.push('\n');
                length += 1;
            }
            for annotation in list(&part, "annotations") {
                let found = place(&annotation, offset.ok_or_else(|| wrong("an \"offset\""))?);
                let (start, end, label) = found.map_err(wrong)?;
                let mut entity = Map::new();
                entity.insert("start".to_owned(), (length + start).into());
                entity.insert("end".to_owned(), (length + end).into());
                entity.insert("labels".to_owned(), vec![label].into());
                if let Some(surface @ Value::String(_)) = annotation.get("text") {
                    entity.insert("text".to_owned(), surface.clone());
                }
                entities.push(Value::Object(entity));
            }
            text.push_str(here);
            length += here.chars().count() as u64;
        }
    }
    let mut record = map.clone();
    record.remove("passages");
    record.insert("text".to_owned(), text.into());
    record.insert("entities".to_owned(), entities.into());
    Ok(Value::Object(record))
}

/// Start, end and type of an annotation of BioC, from the start of its passage.
fn place(annotation: &Value, from: u64) -> Result<(u64, u64, String), &'static str> {
    const LOCATION: &str =
        "annotations with a location that has \"offset\" and \"length\", within their passage";
    let kind = annotation.get("infons").and_then(|infons| infons.get("type"));
    let kind = kind.and_then(Value::as_str).ok_or("annotations with a \"type\" in \"infons\"")?;
    let locations = annotation.get("locations").and_then(Value::as_array);
    let [location] = locations.map(Vec::as_slice).unwrap_or_default() else {
        return Err("annotations of one location each, as JSON has no others; brat has");
    };
    let number = |key: &str| location.get(key).and_then(Value::as_u64);
    let (offset, length) = number("offset").zip(number("length")).ok_or(LOCATION)?;
    let start = offset.checked_sub(from).ok_or(LOCATION)?;
    Ok((start, start.saturating_add(length), kind.to_owned()))
}

/// A document of DocRED: sentences of words, and the mentions of each entity by sentence.
fn docred(
    map: &Map<String, Value>,
    (words, starts): (Vec<String>, Vec<usize>),
    entities: &[Value],
) -> Result<Words, Unread> {
    let wrong = || Unread::Named {
        key: "vertexSet".to_owned(),
        expected: "mentions with \"sent_id\", \"pos\" and \"type\"",
    };
    let lengths = map.get("sents").and_then(Value::as_array).into_iter().flatten();
    let mut first = vec![0];
    for sentence in lengths {
        let before = first.last().copied().unwrap_or_default();
        first.push(before + sentence.as_array().map_or(0, Vec::len) as u64);
    }
    let mention = |mention: &Value| {
        let sentence = usize::try_from(mention.get("sent_id")?.as_u64()?).ok()?;
        let (start, end) = (*first.get(sentence)?, *first.get(sentence + 1)?);
        let own = Value::Object(mention.as_object()?.iter().filter(is_place).map(owned).collect());
        let mut span = Span::of(&own)?;
        (span.start, span.end) = (start.checked_add(span.start)?, start.checked_add(span.end)?);
        (span.end <= end).then_some(span)
    };
    let mentions = entities.iter().filter_map(Value::as_array).flatten();
    let spans: Option<Vec<Span>> = mentions.map(mention).collect();
    let read = ["sents", "vertexSet", "title", "labels"];
    Ok(Words {
        id: id_of(map).or_else(|| map.get("title")?.as_str().map(str::to_owned)),
        words,
        starts,
        sentences: true,
        annotation: Annotation::Spans(spans.ok_or_else(wrong)?, Ends::Outside),
        others: map.keys().filter(|key| !read.contains(&key.as_str())).cloned().collect(),
        ..Words::default()
    })
}

/// What tells where a mention is and what it is. Its name is spelled without the spaces of the words.
fn is_place((key, _): &(&String, &Value)) -> bool {
    matches!(key.as_str(), "pos" | "type")
}

fn owned((key, value): (&String, &Value)) -> (String, Value) {
    (key.clone(), value.clone())
}
