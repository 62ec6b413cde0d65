//! What a document is in each shape that is written.

use ner_align_core::{CharSpan, Document, Entity as WordEntity, Score};
use serde::Serialize;

use crate::text::OffsetMap;

/// A span to write: its characters, the entity if it is one, its label.
pub(super) type Placed<'a> = (CharSpan, Option<&'a WordEntity>, &'a str);

/// A span of Prodigy.
#[derive(Serialize)]
pub(super) struct Span<'a> {
    pub(super) start: usize,
    pub(super) end: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) token_start: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) token_end: Option<usize>,
    pub(super) label: &'a str,
}

#[derive(Serialize)]
pub(super) struct Doccano<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<&'a str>,
    pub(super) text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) label: Option<Vec<(usize, usize, String)>>,
}

#[derive(Serialize)]
pub(super) struct Annotation {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) entities: Option<Vec<(usize, usize, String)>>,
}

#[derive(Serialize)]
pub(super) struct Tokens<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<std::borrow::Cow<'a, str>>,
    pub(super) tokens: &'a [&'a str],
    pub(super) ner_tags: &'a [String],
}

#[derive(Serialize)]
pub(super) struct Entities<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<&'a str>,
    pub(super) text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) entities: Option<Vec<Entity<'a>>>,
}

#[derive(Serialize)]
pub(super) struct Entity<'a> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) score: Option<Score>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<&'a str>,
}

/// A task of Label Studio.
#[derive(Serialize)]
pub(super) struct Task<'a> {
    pub(super) data: Data<'a>,
    pub(super) annotations: Vec<Results<'a>>,
}

#[derive(Serialize)]
pub(super) struct Data<'a> {
    pub(super) text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Results<'a> {
    pub(super) result: Vec<Region<'a>>,
}

#[derive(Serialize)]
pub(super) struct Region<'a> {
    id: String,
    from_name: &'static str,
    to_name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    value: Value<'a>,
}

#[derive(Serialize)]
struct Value<'a> {
    start: usize,
    end: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    labels: [&'a str; 1],
}

pub(super) fn entities<'a>(
    document: &'a Document,
    spans: &[Placed<'a>],
    offsets: &OffsetMap,
) -> Vec<Entity<'a>> {
    let entity = |(span, entity, label): &Placed<'a>| Entity {
        start: offsets.offset_of(span.start),
        end: offsets.offset_of(span.end),
        label,
        score: entity.and_then(|entity| entity.score),
        text: entity.map(|entity| document.surface(entity.span)),
    };
    spans.iter().map(entity).collect()
}

/// The regions of a task.
pub(super) fn regions<'a>(
    document: &'a Document,
    spans: &[Placed<'a>],
    offsets: &OffsetMap,
) -> Vec<Region<'a>> {
    let region = |(at, (span, entity, label)): (usize, &Placed<'a>)| Region {
        id: (at + 1).to_string(),
        from_name: "label",
        to_name: "text",
        kind: "labels",
        value: Value {
            start: offsets.offset_of(span.start),
            end: offsets.offset_of(span.end),
            text: entity.map(|entity| document.surface(entity.span)),
            labels: [*label],
        },
    };
    spans.iter().enumerate().map(region).collect()
}
