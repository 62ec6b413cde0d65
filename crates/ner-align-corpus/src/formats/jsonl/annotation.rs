//! The spans of a line, whatever its shape.

use std::borrow::Cow;

use ner_align_core::{CharSpan, Label, Score};

use super::document::Builder;
use super::model::{Key, Record};
use super::seen::Seen;
use super::spans::{Item, Items, Labels, Object};
use crate::CorpusError;
use crate::formats::json_scanner::Place;
use crate::text::shorten;

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
            Some(Seen::LabelStudio) => Key::Annotations,
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
        if shape == Some(Seen::LabelStudio) {
            return Ok(self.annotated(items, &mut spans, place).then_some(spans));
        }
        for item in items {
            match item {
                Item::Span(start, end, labels) => {
                    let span = CharSpan::new(start.0, end.0);
                    self.labelled(span, &labels, &Object::default(), &mut spans, place);
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
                    let kind = || object.kind.clone().map(|kind| Labels(vec![kind]));
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

    /// The spans of the annotation that counts; false if there is none.
    fn annotated<'a>(&mut self, items: Items<'a>, spans: &mut Vec<Raw<'a>>, place: Place) -> bool {
        let mut read = false;
        for item in items {
            let Item::Object(annotation) = item else { continue };
            for key in &annotation.others {
                self.count_other(key);
            }
            if annotation.cancelled {
                self.count_key("cancelled annotations".to_owned());
                continue;
            }
            if std::mem::replace(&mut read, true) {
                self.count_key("second annotations".to_owned());
                continue;
            }
            for result in annotation.result.unwrap_or_default() {
                let mut found = false;
                for mut value in result.value {
                    let labels = value.labels.take();
                    if let (Some(labels), Some(_), Some(_)) = (labels, value.start, value.end) {
                        found = self.object(&value, &labels, 0, spans, place).is_ok();
                    }
                }
                if !found {
                    let kind = result.kind.as_deref().unwrap_or("nameless").to_owned();
                    self.count_key(format!("results of type {:?}", shorten(&kind)));
                }
            }
        }
        read
    }

    /// The span of an object, once for each label; `more` is added to its end.
    fn object<'a>(
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
        self.labelled(span, labels, object, spans, place);
        Ok(())
    }

    fn labelled<'a>(
        &mut self,
        span: CharSpan,
        labels: &Labels<'a>,
        object: &Object<'a>,
        spans: &mut Vec<Raw<'a>>,
        place: Place,
    ) {
        let before = spans.len();
        let tokens = object.token_start.zip(object.token_end).map(|(start, end)| (start.0, end.0));
        for label in labels.0.iter().filter_map(|label| Label::new(label)) {
            // One comparison of the text is enough.
            let text = object.text.as_ref().filter(|_| spans.len() == before).cloned();
            spans.push(Raw { span, label, text, tokens, score: object.score });
        }
        if spans.len() == before {
            let message =
                format!("expected a label, found none at {}..{}, left out", span.start, span.end);
            self.warn(place, "span-without-label", message);
        }
    }
}
