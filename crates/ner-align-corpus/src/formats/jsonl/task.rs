//! Tasks of Label Studio.

use std::borrow::Cow;

use ner_align_core::{Document, Finding, Severity};

use super::answer::Answer;
use super::document::Builder;
use super::model::{Key, Record};
use super::raw_spans::Raw;
use super::spans::{Item, Items};
use crate::contract::{OffsetUnit, OnSurfaceMismatch};
use crate::formats::json_scanner::Place;
use crate::text::{OffsetMap, Surfaces, shorten};
use crate::{CharMap, CorpusError};

/// A span with the name of the text that it is of.
type Named<'a> = (Option<Cow<'a, str>>, Raw<'a>);

/// A text with its name.
type Text<'a> = (Cow<'a, str>, Cow<'a, str>);

impl Builder {
    /// The documents of a task: one for each of its texts that was annotated.
    pub(super) fn task<'a>(
        &mut self,
        record: &mut Record<'a>,
        id: Option<&str>,
        place: Place,
    ) -> Result<Vec<Document>, CorpusError> {
        let items = record.take(Key::Annotations);
        let mut spans = match items {
            Some(items) => self.annotated(items, place)?,
            None => None,
        };
        let mut data = record.data.take().unwrap_or_default();
        if let Some(text) = record.text.take() {
            data.iter().for_each(|(key, _)| self.count_other(key));
            data = vec![(Cow::Borrowed("text"), text)];
        }
        let own_id = data.iter().find(|(key, _)| key == "id").map(|(_, id)| id.to_string());
        let texts = self.annotated_texts(data, spans.as_deref().unwrap_or_default(), place)?;
        let several = texts.len() > 1;
        let names: Vec<Cow<'a, str>> = texts.iter().map(|(name, _)| name.clone()).collect();
        let mut documents = Vec::with_capacity(texts.len());
        for (name, text) in texts {
            let own = spans.as_mut().map(|spans| {
                let (own, rest) =
                    std::mem::take(spans).into_iter().partition(|(of, _): &Named<'_>| {
                        !several && of.as_ref().is_none_or(|of| !names.contains(of))
                            || of.as_ref() == Some(&name)
                    });
                *spans = rest;
                let own: Vec<Named<'a>> = own;
                own.into_iter().map(|(_, raw)| raw).collect()
            });
            let own = own.map(|own| self.in_one_unit(own, &text, place));
            let mut document = self.compose(&text, None, own, Answer::Whole, false, place)?;
            let id = id.map(str::to_owned).or_else(|| own_id.clone());
            document.set_id(match id {
                Some(id) if several => Some(format!("{id}/{name}")),
                id => id,
            });
            documents.push(document);
        }
        match spans.as_ref().and_then(|spans| spans.first()) {
            Some((name, _)) => {
                let name = name.as_deref().unwrap_or_default();
                let found = format!("results of {:?}", shorten(name));
                Err(self.fault(
                    place,
                    "unread-annotation",
                    "results of the texts in \"data\"",
                    &found,
                ))
            }
            None => Ok(documents),
        }
    }

    /// The spans of a text in code points. Versions of Label Studio before the end of 2021 count units of
    /// UTF-16; the texts of the spans tell which.
    fn in_one_unit<'a>(&mut self, spans: Vec<Raw<'a>>, text: &str, place: Place) -> Vec<Raw<'a>> {
        let differ = text.chars().any(|character| character.len_utf16() > 1);
        let strict = self.on_surface_mismatch == OnSurfaceMismatch::Error;
        if self.offsets != OffsetUnit::CodePoints || !strict || !differ {
            return spans;
        }
        let map = CharMap::new(text);
        let fit = |unit: OffsetUnit| {
            let mut surfaces = Surfaces::new(text, &map, unit);
            let mut given = spans.iter().filter_map(|raw| Some((raw.span, raw.text.as_deref()?)));
            given.all(|(span, given)| surfaces.differs(&[span], given).is_none())
        };
        if fit(OffsetUnit::CodePoints) || !fit(OffsetUnit::Utf16) {
            return spans;
        }
        let offsets = OffsetMap::new(text, OffsetUnit::Utf16);
        let moved: Option<Vec<_>> = spans.iter().map(|raw| offsets.chars_of(raw.span)).collect();
        let Some(moved) = moved else { return spans };
        let message = "expected offsets that count code points, found texts that fit units of UTF-16 alone, \
                       as older versions of Label Studio count; read as these";
        let finding = Finding::new(Severity::Info, "utf16-offsets", message);
        self.push(place, finding.with_hint("`offsets: utf16` reads all records so"));
        spans.into_iter().zip(moved).map(|(raw, span)| Raw { span, ..raw }).collect()
    }

    /// The texts that were annotated; where nothing tells which, the one that is named `text`, or
    /// the only one, or the only one in which the spans find their texts.
    fn annotated_texts<'a>(
        &mut self,
        mut data: Vec<Text<'a>>,
        spans: &[Named<'a>],
        place: Place,
    ) -> Result<Vec<Text<'a>>, CorpusError> {
        if let Some(key) = self.columns.text.clone() {
            let Some(at) = data.iter().position(|(name, _)| *name == key) else {
                let found = names(&data);
                return Err(self.fault(place, "no-text", &format!("a text {key:?}"), &found));
            };
            let text = data.swap_remove(at);
            data.iter().for_each(|(key, _)| self.count_other(key));
            return Ok(vec![text]);
        }
        let is_named = |name: &str| spans.iter().any(|(of, _)| of.as_deref() == Some(name));
        let (named, mut rest): (Vec<_>, Vec<_>) =
            data.into_iter().partition(|(name, _)| is_named(name));
        if !named.is_empty() {
            rest.iter().for_each(|(key, _)| self.count_other(key));
            return Ok(named);
        }
        let fitting = |text: &str| {
            let map = CharMap::new(text);
            let mut surfaces = Surfaces::new(text, &map, self.offsets);
            !spans.is_empty()
                && spans.iter().all(|(_, raw)| {
                    let text = raw.text.as_deref();
                    text.is_some_and(|text| surfaces.differs(&[raw.span], text).is_none())
                })
        };
        let at = match rest.iter().position(|(key, _)| key == "text") {
            None if rest.len() == 1 => Some(0),
            None => {
                let mut fits = rest.iter().enumerate().filter(|(_, (_, text))| fitting(text));
                fits.next().filter(|_| fits.next().is_none()).map(|(at, _)| at)
            }
            at => at,
        };
        let Some(at) = at else {
            let expected = "a document with a \"text\", or with \"tokens\"";
            let found = match rest.len() {
                0 => "neither".to_owned(),
                count => format!(
                    "{count} texts under \"data\", none of them named \"text\": {}",
                    names(&rest)
                ),
            };
            let error = self.fault(place, "no-text", expected, &found);
            return Err(match rest.first() {
                Some((name, _)) => error.with_hint(format!(
                    "name the one that was annotated with `columns: text={}`",
                    shorten(name)
                )),
                None => error,
            });
        };
        let text = rest.swap_remove(at);
        rest.iter().filter(|(key, _)| key != "id").for_each(|(key, _)| self.count_other(key));
        Ok(vec![text])
    }

    /// The spans of the annotation that counts; `None` if there is none.
    fn annotated<'a>(
        &mut self,
        items: Items<'a>,
        place: Place,
    ) -> Result<Option<Vec<Named<'a>>>, CorpusError> {
        let objects = items.into_iter().filter_map(|item| match item {
            Item::Object(object) => Some(object),
            _ => None,
        });
        let mut annotations = Vec::new();
        for annotation in objects {
            for key in &annotation.others {
                self.count_other(key);
            }
            if annotation.cancelled {
                self.count_key("cancelled annotations".to_owned());
            } else {
                annotations.push(annotation);
            }
        }
        let best = annotations.iter().position(|annotation| annotation.ground_truth);
        if annotations.len() > 1 {
            let which = if best.is_some() { "the ground truth" } else { "the first one" };
            let message = format!(
                "expected one annotation of a task, found {}; {which} is read",
                annotations.len()
            );
            self.warn(place, "several-annotators", message);
        }
        if annotations.is_empty() {
            return Ok(None);
        }
        let annotation = annotations.swap_remove(best.unwrap_or(0));
        let mut named = Vec::new();
        for result in annotation.result.unwrap_or_default() {
            let to_name = result.to_name().cloned();
            let mut found = false;
            let mut spans = Vec::new();
            for mut value in result.value {
                let labels = value.labels.take();
                if let (Some(labels), Some(_), Some(_)) = (labels, value.start, value.end) {
                    self.object(&value, &labels, 0, &mut spans, place)?;
                    found = true;
                }
            }
            named.extend(spans.into_iter().map(|raw| (to_name.clone(), raw)));
            if !found {
                let kind = result.kind.as_deref().unwrap_or("nameless").to_owned();
                self.count_key(format!("results of type {:?}", shorten(&kind)));
            }
        }
        Ok(Some(named))
    }
}

/// The names of some texts.
fn names(data: &[Text<'_>]) -> String {
    let names = data.iter().take(8).map(|(name, _)| format!("{:?}", shorten(name)));
    names.collect::<Vec<_>>().join(", ")
}
