//! A text and its spans to a document.

use ner_align_core::{Document, Entity, Finding, Scheme, Severity, Tag};

use super::answer::Answer;
use super::document::Builder;
use super::raw_spans::Raw;
use super::spans::Items;
use crate::formats::json_scanner::Place;
use crate::text::Surfaces;
use crate::{CharMap, CorpusError, place_spans, span_finding};

impl Builder {
    /// A document of text and spans; without spans nobody annotated it, unless `accepted`.
    pub(super) fn compose<'a>(
        &mut self,
        text: &str,
        tokens: Option<Items<'a>>,
        spans: Option<Vec<Raw<'a>>>,
        answer: Answer,
        accepted: bool,
        place: Place,
    ) -> Result<Document, CorpusError> {
        let map = CharMap::new(text);
        let given = match tokens {
            Some(tokens) => self.tokens(text, &map, &tokens, place)?,
            None => None,
        };
        let cut = given.is_none();
        let words = given.unwrap_or_else(|| self.splitter.split(text));
        self.progress
            .weigh(words.len(), text.len())
            .map_err(|error| error.at(place.line, Some(place.column)))?;
        let mut document =
            Document::from_text(text, words).map_err(|error| self.misfit(place, &error))?;
        let Some(spans) = spans else {
            self.unannotated(&mut document, accepted, place)?;
            return Ok(document);
        };
        let spans = self.in_code_points(spans, text, &map, place)?;
        let (mut entities, mut unaligned) = (Vec::new(), Vec::new());
        let mut others = Vec::new();
        for raw in spans {
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
        if answer == Answer::SpansWrong {
            (entities, unaligned) = (Vec::new(), Vec::new());
        }
        for span in &unaligned {
            self.push(place, span_finding(&document, &map, span));
        }
        document.set_entities(entities).map_err(|error| self.misfit(place, &error))?;
        if answer != Answer::Whole {
            self.only_spans(&mut document, place)?;
        }
        document.set_unaligned(unaligned);
        Ok(document)
    }

    /// Spans whose offsets count code points, compared with the text that they say they cover.
    fn in_code_points<'a>(
        &mut self,
        spans: Vec<Raw<'a>>,
        text: &str,
        map: &CharMap<'_>,
        place: Place,
    ) -> Result<Vec<Raw<'a>>, CorpusError> {
        let mut surfaces = Surfaces::new(text, map, self.offsets);
        let policy = self.on_surface_mismatch;
        let spans = spans.into_iter().map(|mut raw| (raw.span, raw.text.take(), raw));
        let settled = surfaces.settle(spans, policy, &mut |finding| self.push(place, finding));
        let settled = settled.map_err(|error| self.at_place(error, place))?;
        Ok(settled.into_iter().map(|(span, raw)| Raw { span, ..raw }).collect())
    }

    /// Makes all words missing that are in no entity: nobody was asked about them.
    fn only_spans(&mut self, document: &mut Document, place: Place) -> Result<(), CorpusError> {
        let scheme = Scheme::Iob2;
        let encoded = document.encode_tags(scheme);
        let mut tags = encoded.map_err(|error| self.misfit(place, &error))?;
        for tag in tags.iter_mut().filter(|tag| **tag == Tag::Outside) {
            *tag = Tag::Missing;
        }
        document.set_tags(tags, scheme).map_err(|error| self.misfit(place, &error))
    }

    /// Nobody has looked at the words of a document without spans and without an answer.
    pub(super) fn unannotated(
        &mut self,
        document: &mut Document,
        accepted: bool,
        place: Place,
    ) -> Result<(), CorpusError> {
        if accepted || document.is_empty() {
            return Ok(());
        }
        let message = "expected spans or tags, found none; all words are read as missing";
        self.push(place, Finding::new(Severity::Info, "not-annotated", message));
        let tags = vec![Tag::Missing; document.len()];
        document.set_tags(tags, self.scheme).map_err(|error| self.misfit(place, &error))
    }

    /// Says that the answers of a file are each about one span.
    pub(super) fn note_binary(&mut self, place: Place) {
        let message = "expected an annotation of all words, found an answer about the spans \
                       alone; all other words are read as missing";
        let finding = Finding::new(Severity::Info, "binary-answer", message);
        self.push(place, finding);
    }
}
