//! A line to a document.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ner_align_core::{Document, Entity, Finding, Location, Scheme, Severity, Tag};

use super::JsonlOptions;
use super::model::{Key, Record};
use super::seen::{Seen, is_text, told};
use crate::formats::json_scanner::Place;
use crate::formats::progress::Progress;
use crate::formats::tagged::TagTable;
use crate::text::words::WordSplitter;
use crate::text::{SURFACE_MISMATCH, shorten, surface_finding};
use crate::{CharMap, CorpusError, place_spans, span_finding};

/// Keys of the source that are counted one by one; those beyond are counted together.
const MAX_KEYS: usize = 64;

/// Spans whose text differs that are looked at closely.
const MAX_EXPLAINED: usize = 100;

/// What is known across the lines of a file.
#[derive(Debug)]
pub(super) struct Builder {
    pub(super) progress: Progress,
    pub(super) tag_names: Option<Vec<String>>,
    pub(super) scheme: Scheme,
    splitter: WordSplitter,
    pub(super) left_out: usize,
    shape: Option<Seen>,
    pub(super) table: TagTable,
    /// What the file holds besides, and how often.
    others: BTreeMap<String, usize>,
}

impl Builder {
    pub(super) fn new(
        name: String,
        options: JsonlOptions,
        scheme: Scheme,
    ) -> Result<Self, CorpusError> {
        Ok(Self {
            progress: Progress::new(name, options.max_findings),
            tag_names: options.tag_names,
            scheme,
            splitter: WordSplitter::new(&options.words)?,
            left_out: 0,
            shape: None,
            table: TagTable::default(),
            others: BTreeMap::new(),
        })
    }

    /// Says what was in the file and is in no document.
    pub(super) fn note_others(&mut self) {
        for (key, count) in std::mem::take(&mut self.others) {
            let message = format!("expected text, words and spans, found {key} ×{count}, not kept");
            self.progress.note(Finding::new(Severity::Info, "not-kept", message));
        }
    }

    pub(super) fn count_other(&mut self, key: &str) {
        self.count_key(format!("{:?}", shorten(key)));
    }

    pub(super) fn count_key(&mut self, mut key: String) {
        if self.others.len() >= MAX_KEYS && !self.others.contains_key(&key) {
            "other keys".clone_into(&mut key);
        }
        *self.others.entry(key).or_default() += 1;
    }

    pub(super) fn push(&mut self, place: Place, finding: Finding) {
        self.progress.note_in_document(finding.at(Location::default().with_line(place.line)));
    }

    pub(super) fn warn(&mut self, place: Place, code: &str, message: String) {
        self.push(place, Finding::new(Severity::Warning, code, message));
    }

    pub(super) fn fault(
        &self,
        place: Place,
        code: &'static str,
        expected: &str,
        found: &str,
    ) -> CorpusError {
        CorpusError::input(code, expected, found)
            .at_path(&self.progress.name)
            .at(place.line, Some(place.column))
            .in_document(self.progress.documents)
    }

    pub(super) fn misfit(&self, place: Place, error: &dyn std::fmt::Display) -> CorpusError {
        self.fault(place, "document", "words and entities that fit", &error.to_string())
    }

    /// The document of a line; `None` if its annotator did not accept it.
    pub(super) fn document(
        &mut self,
        mut record: Record<'_>,
        place: Place,
    ) -> Result<Option<Document>, CorpusError> {
        if let Some(answer @ ("reject" | "ignore")) = record.answer.as_deref() {
            let code = format!("answer-{answer}");
            let message = format!("expected an accepted document, found {answer:?}, left out");
            self.warn(place, &code, message);
            self.left_out += 1;
            return Ok(None);
        }
        for key in std::mem::take(&mut record.others) {
            self.count_other(&key);
        }
        let shape = told(&record);
        self.compare(shape, place);
        let id = record.id.take();
        let mut document = match record.get(Key::Tokens) {
            Some(tokens) if !tokens.is_empty() && tokens.iter().all(is_text) => {
                self.tokens_document(&mut record, place)?
            }
            Some(tokens) if tokens.is_empty() && record.text.is_none() => {
                self.tokens_document(&mut record, place)?
            }
            _ => self.text_document(&mut record, shape, place)?,
        };
        document.set_id(id);
        let rest: Vec<String> = record.rest().map(str::to_owned).collect();
        for key in rest {
            self.count_other(&key);
        }
        Ok(Some(document))
    }

    /// Says so where a document has another shape than those before it.
    fn compare(&mut self, shape: Option<Seen>, place: Place) {
        let Some(shape) = shape else { return };
        let first = *self.shape.get_or_insert(shape);
        if first != shape {
            let message = format!(
                "expected the shape of the first document, {}, found {}, read as that",
                first.as_str(),
                shape.as_str()
            );
            self.warn(place, "mixed-shapes", message);
        }
    }

    /// Nobody has looked at the words of a document without spans and without an answer.
    pub(super) fn unannotated(
        &self,
        document: &mut Document,
        record: &Record<'_>,
        place: Place,
    ) -> Result<(), CorpusError> {
        if record.answer.is_some() || document.is_empty() {
            return Ok(());
        }
        let tags = vec![Tag::Missing; document.len()];
        document.set_tags(tags, self.scheme).map_err(|error| self.misfit(place, &error))
    }

    /// A document of text and spans.
    fn text_document<'a>(
        &mut self,
        record: &mut Record<'a>,
        shape: Option<Seen>,
        place: Place,
    ) -> Result<Document, CorpusError> {
        let text = self.text(record, place)?;
        let map = CharMap::new(&text);
        let given = match record.take(Key::Tokens) {
            Some(tokens) => self.tokens(&text, &map, &tokens, place),
            None => None,
        };
        let cut = given.is_none();
        let words = given.unwrap_or_else(|| self.splitter.split(&text));
        let spans = self.spans(record, shape, place)?;
        let mut document = Document::from_text(text.as_ref(), words)
            .map_err(|error| self.misfit(place, &error))?;
        let Some(spans) = spans else {
            self.unannotated(&mut document, record, place)?;
            return Ok(document);
        };
        let (mut entities, mut unaligned) = (Vec::new(), Vec::new());
        let mut others = Vec::new();
        for raw in spans {
            if let Some(given) = &raw.text {
                let explained = self.progress.log.counts().get(SURFACE_MISMATCH);
                let explain = explained.copied() < Some(MAX_EXPLAINED);
                if let Some(finding) = surface_finding(&map, &text, &[raw.span], given, explain) {
                    self.push(place, finding);
                }
            }
            let words = raw.tokens.filter(|_| !cut).map(|(first, last)| {
                let entity = Entity::new(first, last.saturating_add(1), raw.label.clone())
                    .with_score(raw.score);
                let fits = first <= last
                    && last < document.len()
                    && map.chars_of(document.bytes_of(entity.span)) == raw.span;
                fits.then_some(entity)
            });
            match words {
                Some(Some(entity)) => entities.push(entity),
                wrong => {
                    if wrong.is_some() {
                        let message = format!(
                            "expected tokens that are at {}..{} as the {} is, found others; read by the offsets",
                            raw.span.start, raw.span.end, raw.label
                        );
                        self.warn(place, "token-span-differs", message);
                    }
                    others.push(raw);
                }
            }
        }
        for raw in others {
            let placed = place_spans(&document, &map, [(vec![raw.span], raw.label)]);
            entities.extend(placed.entities.into_iter().map(|e| e.with_score(raw.score)));
            unaligned.extend(placed.unaligned);
        }
        for span in &unaligned {
            self.push(place, span_finding(&document, &map, span));
        }
        document.set_entities(entities).map_err(|error| self.misfit(place, &error))?;
        document.set_unaligned(unaligned);
        Ok(document)
    }

    fn text<'a>(
        &mut self,
        record: &mut Record<'a>,
        place: Place,
    ) -> Result<Cow<'a, str>, CorpusError> {
        let mut data = record.data.take().unwrap_or_default();
        if let Some(text) = record.text.take() {
            data.iter().for_each(|(key, _)| self.count_other(key));
            return Ok(text);
        }
        let at = match data.iter().position(|(key, _)| key == "text") {
            None if data.len() == 1 => Some(0),
            at => at,
        };
        let Some(at) = at else {
            let expected = "a document with a \"text\", or with \"tokens\"";
            let found = match data.len() {
                0 => "neither".to_owned(),
                count => format!("{count} texts under \"data\", none of them named \"text\""),
            };
            return Err(self.fault(place, "no-text", expected, &found));
        };
        let (_, text) = data.swap_remove(at);
        data.iter().for_each(|(key, _)| self.count_other(key));
        Ok(text)
    }
}
