//! The shape that a document was read in.

use super::model::{Key, Record, first_object};
use super::spans::{Item, Items, Object, is_text};

/// The shape that a document was read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Prodigy,
    Doccano,
    Spacy,
    LabelStudio,
    DataTurks,
    Tokens,
    Entities,
}

impl Seen {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Prodigy => "Prodigy's (\"spans\")",
            Self::Doccano => "doccano's (\"label\")",
            Self::Spacy => "spaCy's (text and \"entities\")",
            Self::LabelStudio => "Label Studio's (\"data\" and \"annotations\")",
            Self::DataTurks => "DataTurks' (\"content\" and \"annotation\")",
            Self::Tokens => "Hugging Face's (\"tokens\" and \"ner_tags\")",
            Self::Entities => "that of predictions (\"text\" and \"entities\")",
        }
    }
}

/// The shape that a document shows; `None` where it says too little.
pub(super) fn told(record: &Record<'_>) -> Option<Seen> {
    if record.get(Key::Tokens).is_some_and(|tokens| tokens.first().is_some_and(is_text)) {
        return Some(Seen::Tokens);
    }
    let results = |object: &Object<'_>| object.result.is_some();
    if let Some(annotations) = record.get(Key::Annotations)
        && (record.data.is_some() || first_object(annotations, results))
    {
        return Some(Seen::LabelStudio);
    }
    if record.get(Key::Annotation).is_some_and(|list| {
        list.is_empty() || first_object(list, |object| !object.points.is_empty())
    }) {
        return Some(Seen::DataTurks);
    }
    if record.get(Key::Spans).is_some() {
        return Some(Seen::Prodigy);
    }
    if let Some(entities) = record.get(Key::Entities) {
        return match entities.first() {
            _ if record.tuple => Some(Seen::Spacy),
            Some(Item::Span(..)) => Some(Seen::Spacy),
            Some(Item::Object(object)) if object.offsets => Some(Seen::Doccano),
            Some(Item::Object(_)) => Some(Seen::Entities),
            _ => None,
        };
    }
    if let Some(labels) = record.get(Key::Label) {
        let spans = matches!(labels.first(), Some(Item::Span(..) | Item::Object(_)));
        return spans.then_some(Seen::Doccano);
    }
    let lists = [Key::Annotations, Key::Annotation].into_iter().filter_map(|key| record.get(key));
    let spans = |list: &Items<'_>| first_object(list, |object| object.start.is_some());
    lists.into_iter().any(spans).then_some(Seen::Entities)
}
