//! A record of words to a document.

use ner_align_core::{Document, DocumentBuilder, Entity, Finding, Label, Severity};
use serde_json::Value;

use super::document::Builder;
use super::ends::covers;
use super::labels::Name;
use super::shapes::{Annotation, Ends, WordSpan, Words};
use super::spans::Item;
use crate::CorpusError;
use crate::formats::json_scanner::Place;
use crate::text::{shorten, words};

impl Builder {
    /// The document of a record of words.
    pub(super) fn words_document(
        &mut self,
        record: &Words,
        place: Place,
    ) -> Result<Document, CorpusError> {
        for key in &record.others {
            self.count_other(key);
        }
        let mut document = self.untagged(record, place)?;
        match &record.annotation {
            Annotation::None => {
                self.unannotated(&mut document, record.answer.is_some(), place)?;
            }
            Annotation::Tags(tags) => {
                let items: Vec<Item<'_>> = tags.iter().map(item).collect();
                self.set_tags(&mut document, &items, place)?;
            }
            Annotation::Spans(spans, ends) => {
                let entities = self.word_spans(record, spans, *ends, place)?;
                document.set_entities(entities).map_err(|error| self.misfit(place, &error))?;
            }
        }
        document.set_id(record.id.clone());
        Ok(document)
    }

    fn untagged(&mut self, record: &Words, place: Place) -> Result<Document, CorpusError> {
        let texts = record.words.iter().map(String::as_str);
        if let Some(text) = &record.text {
            if let Some(words) = words::locate(text, texts.clone()) {
                let document = Document::from_text(text.as_str(), words);
                let mut document = document.map_err(|error| self.misfit(place, &error))?;
                if record.sentences {
                    document.set_sentence_starts(&record.starts);
                }
                return Ok(document);
            }
            self.text_without_tokens(text, place);
        }
        let mut builder = DocumentBuilder::default();
        let mut starts = record.starts.iter().peekable();
        for (at, word) in texts.enumerate() {
            if starts.next_if(|start| **start == at).is_some() {
                builder.end_sentence();
            }
            builder.push_word(word);
        }
        if record.sentences {
            builder.end_sentence();
        }
        Ok(builder.untagged())
    }

    /// Spans of words as entities.
    fn word_spans(
        &mut self,
        record: &Words,
        spans: &[WordSpan],
        ends: Ends,
        place: Place,
    ) -> Result<Vec<Entity>, CorpusError> {
        let more = self.ends.more(ends);
        if ends == Ends::Told && !spans.is_empty() && !std::mem::replace(&mut self.ends_said, true)
        {
            let end = if more == 1 { "the last word" } else { "the first word outside" };
            let message = format!(
                "expected spans of words, found some whose end may be the last word or the one after it; read with {end} as their end"
            );
            self.push(place, Finding::new(Severity::Info, "word-span-ends", message));
        }
        let mut entities = Vec::new();
        for span in spans {
            let (start, end) = (span.start, span.end.saturating_add(more));
            let shown = format!("{}..{}", span.start, span.end);
            if start >= end || end > record.words.len() as u64 {
                let expected = format!("a span within the {} words", record.words.len());
                return Err(self.fault(place, "span", &expected, &shown));
            }
            if let Some(surface) = &span.text
                && !covers(record, surface, start, end)
            {
                let here =
                    (start..end).filter_map(|at| record.words.get(usize::try_from(at).ok()?));
                let here: Vec<&str> = here.map(String::as_str).collect();
                let expected =
                    format!("{} at {shown}, as the annotation says", shorten(&surface.to_string()));
                let found = format!("{:?}", shorten(&here.join(" ")));
                return Err(self.fault(place, "surface-mismatch", &expected, &found).with_hint(
                    "the offsets of this record count words; see whether the words were changed",
                ));
            }
            let (Ok(start), Ok(end)) = (usize::try_from(start), usize::try_from(end)) else {
                return Err(self.fault(place, "span", "a span within the words", &shown));
            };
            for label in &span.labels {
                if let Some(label) = self.value_label(label, place)? {
                    entities.push(Entity::new(start, end, label));
                }
            }
        }
        Ok(entities)
    }

    fn value_label(&mut self, value: &Value, place: Place) -> Result<Option<Label>, CorpusError> {
        let name = match (value.as_str(), value.as_u64()) {
            (Some(text), _) => Name::Text(text.into()),
            (None, Some(number)) => Name::Number(number),
            (None, None) => return Ok(None),
        };
        self.label(&name, place)
    }
}

/// A tag as an element of a list.
fn item(value: &Value) -> Item<'_> {
    match value {
        Value::String(text) => Item::Text(text.into()),
        Value::Number(number) => number.as_i64().map_or(Item::Other, Item::Number),
        _ => Item::Other,
    }
}
