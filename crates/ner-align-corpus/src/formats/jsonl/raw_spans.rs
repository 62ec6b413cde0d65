//! The spans of a line, whatever its shape.

use std::borrow::Cow;

use ner_align_core::{CharSpan, Label, Score};

use super::document::Builder;
use super::labels::{Labels, Name};
use super::model::{Key, Record};
use super::seen::Seen;
use super::spans::{Item, Items, Object};
use crate::CorpusError;
use crate::formats::json_scanner::Place;

/// A span before it is placed.
pub(super) struct Raw<'a> {
    pub(super) span: CharSpan,
    pub(super) label: Label,
    pub(super) text: Option<Cow<'a, str>>,
    /// The first and the last token.
    pub(super) tokens: Option<(usize, usize)>,
    pub(super) score: Option<Score>,
}

impl Builder {
    /// The spans of a document; `None` if it has no list of any.
    pub(super) fn spans<'a>(
        &mut self,
        record: &mut Record<'a>,
        shape: Option<Seen>,
        place: Place,
    ) -> Result<Option<Vec<Raw<'a>>>, CorpusError> {
        let key = match shape {
            Some(Seen::DataTurks) => Key::Annotation,
            Some(Seen::Prodigy) => Key::Spans,
            _ => {
                let keys = [Key::Entities, Key::Label, Key::Annotations, Key::Annotation];
                keys.into_iter().find(|key| record.get(*key).is_some()).unwrap_or(Key::Label)
            }
        };
        let Some(items) = record.take(key) else {
            return Ok(None);
        };
        let mut spans = Vec::new();
        for item in self.of_one_user(items, place) {
            match item {
                Item::Span(start, end, labels) => {
                    let span = CharSpan::new(start.0, end.0);
                    self.labelled(span, &labels, &Object::default(), &mut spans, place)?;
                }
                Item::Object(object) if shape == Some(Seen::DataTurks) => {
                    let labels = object.labels.unwrap_or_default();
                    for point in object.points {
                        // The end is the last character.
                        self.object(&point, &labels, 1, &mut spans, place)?;
                    }
                }
                Item::Object(mut object) => {
                    let labels = object.labels.take();
                    let kind = || object.kind.clone().map(|kind| Labels(vec![Name::Text(kind)]));
                    let labels = labels.or_else(kind).unwrap_or_default();
                    self.object(&object, &labels, 0, &mut spans, place)?;
                }
                other => {
                    let expected = "a span, [start, end, label] or an object";
                    return Err(self.fault(place, "span", expected, other.kind()));
                }
            }
        }
        Ok(Some(spans))
    }

    /// The spans of the first user, where several annotated.
    fn of_one_user<'a>(&mut self, items: Items<'a>, place: Place) -> Items<'a> {
        let users = items.iter().filter_map(|item| item.object()?.user());
        let users: std::collections::BTreeSet<i64> = users.collect();
        let Some(first) = users.first().copied().filter(|_| users.len() > 1) else { return items };
        let message = format!(
            "expected the spans of one annotator, found those of {}; those of user {first} are read",
            users.len()
        );
        self.warn(place, "several-annotators", message);
        let own =
            |item: &Item<'_>| item.object().and_then(Object::user).is_none_or(|user| user == first);
        items.into_iter().filter(own).collect()
    }

    /// The span of an object, once for each label; `more` is added to its end.
    pub(super) fn object<'a>(
        &mut self,
        object: &Object<'a>,
        labels: &Labels<'a>,
        more: usize,
        spans: &mut Vec<Raw<'a>>,
        place: Place,
    ) -> Result<(), CorpusError> {
        for key in &object.others {
            self.count_other(key);
        }
        let (Some(start), Some(end)) = (object.start, object.end) else {
            return Err(self.fault(place, "span", "a span with start and end", "one without"));
        };
        let span = CharSpan::new(start.0, end.0.saturating_add(more));
        self.labelled(span, labels, object, spans, place)
    }

    fn labelled<'a>(
        &mut self,
        span: CharSpan,
        labels: &Labels<'a>,
        object: &Object<'a>,
        spans: &mut Vec<Raw<'a>>,
        place: Place,
    ) -> Result<(), CorpusError> {
        let before = spans.len();
        let tokens = object.token_start.zip(object.token_end).map(|(start, end)| (start.0, end.0));
        for name in &labels.0 {
            let Some(label) = self.label(name, place)? else { continue };
            // One comparison of the text is enough.
            let text = object.text.as_ref().filter(|_| spans.len() == before).cloned();
            spans.push(Raw { span, label, text, tokens, score: object.score });
        }
        if spans.len() == before {
            let message =
                format!("expected a label, found none at {}..{}, left out", span.start, span.end);
            self.warn(place, "span-without-label", message);
        }
        Ok(())
    }
}
