//! Tokens and tags of a line.

use std::borrow::Cow;

use ner_align_core::{ByteSpan, CharSpan, Document, DocumentBuilder, Location};

use super::document::Builder;
use super::label_names::name_of;
use super::model::{Key, Record};
use super::spans::{Item, Items, Object};
use crate::formats::json_scanner::Place;
use crate::formats::tagged::TagTexts;
use crate::text::{OffsetMap, shorten, words};
use crate::{CharMap, CorpusError};

impl Builder {
    /// A document of tokens and tags.
    pub(super) fn tokens_document(
        &mut self,
        record: &mut Record<'_>,
        place: Place,
    ) -> Result<Document, CorpusError> {
        let tokens: Vec<Cow<'_, str>> = record
            .take(Key::Tokens)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|item| if let Item::Text(text) = item { Some(text) } else { None })
            .collect();
        let tags = record.take(Key::Tags).or_else(|| record.take(Key::Label));
        let mut document = None;
        if let Some(text) = record.text.take() {
            match words::locate(&text, tokens.iter().map(AsRef::as_ref)) {
                Some(words) => {
                    let found = Document::from_text(text, words);
                    document = Some(found.map_err(|error| self.misfit(place, &error))?);
                }
                None => self.text_without_tokens(&text, place),
            }
        }
        let mut document = document.unwrap_or_else(|| {
            let mut builder = DocumentBuilder::default();
            tokens.iter().for_each(|token| builder.push_word(token));
            builder.untagged()
        });
        let Some(tags) = tags else {
            self.unannotated(&mut document, record.answer.is_some(), place)?;
            return Ok(document);
        };
        self.set_tags(&mut document, &tags, place)?;
        Ok(document)
    }

    /// Says that the words of a record are not in its text.
    pub(super) fn text_without_tokens(&mut self, text: &str, place: Place) {
        let found = shorten(text);
        let message =
            format!("expected a text with the tokens in it, found {found:?}, read as the tokens");
        self.warn(place, "text-without-tokens", message);
    }

    /// Gives the words of a document their tags.
    pub(super) fn set_tags(
        &mut self,
        document: &mut Document,
        tags: &[Item<'_>],
        place: Place,
    ) -> Result<(), CorpusError> {
        if tags.len() != document.len() {
            let found = format!("{} tags for {} tokens", tags.len(), document.len());
            return Err(self.fault(place, "tag-count", "one tag a token", &found));
        }
        let mut read = TagTexts::with_capacity(tags.len());
        for (word, item) in tags.iter().enumerate() {
            self.tag(word, item, &mut read, place)?;
        }
        let set = read.set_on(document, self.scheme);
        set.map_err(|error| self.misfit(place, &error))
    }

    fn tag(
        &mut self,
        word: usize,
        item: &Item<'_>,
        tags: &mut TagTexts,
        place: Place,
    ) -> Result<(), CorpusError> {
        let text = match item {
            Item::Text(text) => text.as_ref(),
            Item::Number(-100) => "-",
            Item::Number(number) => {
                let Some(names) = &self.tag_names else {
                    let found = format!("the number {number}");
                    let error = self.fault(place, "unnamed-tags", "names of tags", &found);
                    return Err(error.with_hint(
                        "name them in the order of their numbers with `tag_names: O,B-PER,I-PER`; \
                         the data set's features have the names",
                    ));
                };
                let name = u64::try_from(*number).ok().and_then(|at| name_of(names, at));
                let Some(name) = name else {
                    let expected = format!("a number below that of the tag names, {}", names.len());
                    let found = number.to_string();
                    return Err(self.fault(place, "unnamed-tags", &expected, &found));
                };
                name
            }
            other => {
                return Err(self.fault(place, "tag", "a tag's name or number", other.kind()));
            }
        };
        if let Some(fault) = tags.push(&mut self.table, text) {
            let finding = fault.finding(text).at(Location::default().with_token(word));
            self.push(place, finding);
        }
        Ok(())
    }

    /// The bytes of the tokens; `None`, with a finding, if they are not in the text.
    pub(super) fn tokens(
        &mut self,
        text: &str,
        map: &CharMap<'_>,
        tokens: &Items<'_>,
        place: Place,
    ) -> Result<Option<Vec<ByteSpan>>, CorpusError> {
        let offsets = OffsetMap::new(text, self.offsets);
        let objects: Vec<&Object<'_>> = tokens.iter().filter_map(Item::object).collect();
        for key in objects.iter().flat_map(|token| &token.others) {
            self.count_other(key);
        }
        let located = || {
            let texts = objects.iter().map(|token| token.text.as_deref());
            words::locate(text, texts.collect::<Option<Vec<_>>>()?.into_iter())
        };
        let placed = || {
            let mut end = 0;
            objects
                .iter()
                .map(|token| {
                    let span = offsets.chars_of(CharSpan::new(token.start?.0, token.end?.0))?;
                    let bytes = map.bytes_of(span).filter(|bytes| bytes.start >= end)?;
                    end = bytes.end;
                    Some(bytes)
                })
                .collect::<Option<Vec<_>>>()
        };
        let without = objects.iter().any(|token| token.start.is_none() || token.end.is_none());
        let words = if without { located() } else { placed() };
        let Some(words) = words.filter(|_| objects.len() == tokens.len()) else {
            let expected = "tokens one after another in the text";
            let message = format!("expected {expected}, found others; the text is cut anew");
            self.warn(place, "tokens-misfit", message);
            return Ok(None);
        };
        for (token, word) in objects.iter().zip(&words) {
            let here = text.get(word.range()).unwrap_or_default();
            if let Some(given) = token.text.as_deref().filter(|given| *given != here) {
                let message = format!(
                    "expected the token {:?} as its offsets say, found {:?}, read by the offsets",
                    shorten(here),
                    shorten(given)
                );
                self.warn(place, "token-differs", message);
                break;
            }
        }
        Ok(Some(words))
    }
}
