//! What a document is in each shape that is written.

use ner_align_core::{CharSpan, Document, Entity as WordEntity, Score};
use serde::Serialize;

use crate::text::OffsetMap;

/// A span to write: its characters, the entity if it is one, its label.
pub(super) type Placed<'a> = (CharSpan, Option<&'a WordEntity>, &'a str);

/// The place of a document among those that are worth annotating first.
///
/// It is written as `rank` and `score`: beside the text, by `prodigy` in `meta`, by `label-studio` in
/// `data`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Suggested {
    /// From 1: the first one is worth most.
    pub rank: usize,
    /// What it is worth, in the unit of whoever chose.
    pub score: f64,
}

impl Suggested {
    /// A rank from 1, and a score.
    #[must_use]
    pub const fn new(rank: usize, score: f64) -> Self {
        Self { rank, score }
    }
}

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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) score: Option<Score>,
}

#[derive(Serialize)]
pub(super) struct Doccano<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<&'a str>,
    pub(super) text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) label: Option<Vec<(usize, usize, String)>>,
    #[serde(flatten)]
    pub(super) place: Option<Suggested>,
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
    #[serde(flatten)]
    pub(super) place: Option<Suggested>,
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) predictions: Vec<Results<'a>>,
}

#[derive(Serialize)]
pub(super) struct Data<'a> {
    pub(super) text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<&'a str>,
    #[serde(flatten)]
    pub(super) place: Option<Suggested>,
}

#[derive(Serialize)]
pub(super) struct Results<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) score: Option<f32>,
    pub(super) result: Vec<Region<'a>>,
}

impl<'a> Results<'a> {
    /// What a person annotated.
    pub(super) const fn gold(result: Vec<Region<'a>>) -> Self {
        Self { model_version: None, score: None, result }
    }

    /// What a model predicts. Its score is the mean of those of its regions, which Label Studio sorts
    /// tasks by.
    pub(super) fn of_model(
        model: &'a str,
        mut result: Vec<Region<'a>>,
        spans: &[Placed<'a>],
    ) -> Self {
        for (region, (_, entity, _)) in result.iter_mut().zip(spans) {
            region.score = entity.and_then(|entity| entity.score);
        }
        let scores: Vec<f32> =
            result.iter().filter_map(|region| region.score).map(Score::get).collect();
        let mean = scores.iter().sum::<f32>() / scores.len() as f32;
        Self { model_version: Some(model), score: (!scores.is_empty()).then_some(mean), result }
    }
}

#[derive(Serialize)]
pub(super) struct Region<'a> {
    id: String,
    from_name: &'static str,
    to_name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    value: Value<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<Score>,
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
        score: None,
    };
    spans.iter().enumerate().map(region).collect()
}
