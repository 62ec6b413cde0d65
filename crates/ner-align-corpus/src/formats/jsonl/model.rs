//! A document as its line has it, whatever its shape.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::spans::is_text;
use super::spans::{Item, Items, Object, Text, repeated};
use super::suspect::Suspect;

/// The lists that a document may have, by the key that they stand under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Tokens,
    Tags,
    Spans,
    Entities,
    Label,
    Annotation,
    Annotations,
}

/// One document.
#[derive(Debug, Default)]
pub(super) struct Record<'a> {
    pub(super) text: Option<Cow<'a, str>>,
    /// Label Studio's texts by name.
    pub(super) data: Option<Vec<(Cow<'a, str>, Cow<'a, str>)>>,
    pub(super) id: Option<String>,
    pub(super) answer: Option<Cow<'a, str>>,
    /// It is an array of a text and its annotation.
    pub(super) tuple: bool,
    /// It says itself whether it is an answer to one question only: whether the spans are right.
    binary: Option<bool>,
    /// It was asked in the interface of Prodigy that shows spans and takes such answers.
    asked: bool,
    /// Something in it may be annotation under a key that means nothing here.
    pub(super) odd: bool,
    lists: Vec<(Key, &'a str, Items<'a>)>,
    /// Keys that mean nothing here.
    pub(super) others: Vec<Cow<'a, str>>,
}

impl<'a> Record<'a> {
    /// Takes the list under a key; `None` if it is not there or is no list.
    pub(super) fn take(&mut self, key: Key) -> Option<Items<'a>> {
        let at = self.lists.iter().position(|(other, ..)| *other == key)?;
        Some(self.lists.swap_remove(at).2)
    }

    pub(super) fn get(&self, key: Key) -> Option<&Items<'a>> {
        self.lists.iter().find(|(other, ..)| *other == key).map(|(_, _, items)| items)
    }

    /// True for an answer to one question only: whether the spans are right. `ner.teach` asks so, in the
    /// interface `ner`; in `ner_manual` the annotator marks all entities.
    pub(super) fn is_binary(&self) -> bool {
        self.binary.unwrap_or(self.asked)
    }

    /// The names of the lists that nobody took.
    pub(super) fn rest(&self) -> impl Iterator<Item = &str> {
        self.lists.iter().map(|(_, name, _)| *name)
    }

    fn add<A: MapAccess<'a>>(&mut self, key: &Cow<'a, str>, map: &mut A) -> Result<(), A::Error> {
        let (list, name) = match key.as_ref() {
            "text" if self.text.is_none() => {
                self.text = map.next_value::<Option<Text<'a>>>()?.map(|text| text.0);
                return Ok(());
            }
            "content" if self.text.is_none() => {
                self.text = map.next_value::<Option<Text<'a>>>()?.map(|text| text.0);
                return Ok(());
            }
            "id" => {
                match map.next_value()? {
                    Id::Given(id) => self.id = Some(id),
                    Id::Null => {}
                    Id::Other => self.others.push(key.clone()),
                }
                return Ok(());
            }
            "answer" => {
                self.answer = map.next_value::<Option<Text<'a>>>()?.map(|text| text.0);
                return Ok(());
            }
            "_is_binary" => {
                self.binary = match map.next_value()? {
                    serde_json::Value::Bool(binary) => Some(binary),
                    _ => None,
                };
                return Ok(());
            }
            "_view_id" => {
                let view = map.next_value::<serde_json::Value>()?;
                self.asked = view.as_str() == Some("ner");
                self.others.push(key.clone());
                return Ok(());
            }
            "data" => (Key::Label, "data"),
            "tokens" => (Key::Tokens, "tokens"),
            "words" => (Key::Tokens, "words"),
            "ner_tags" => (Key::Tags, "ner_tags"),
            "tags" => (Key::Tags, "tags"),
            "ner" => (Key::Tags, "ner"),
            "spans" => (Key::Spans, "spans"),
            "entities" => (Key::Entities, "entities"),
            "ents" => (Key::Entities, "ents"),
            "label" => (Key::Label, "label"),
            "labels" => (Key::Label, "labels"),
            "annotation" => (Key::Annotation, "annotation"),
            "annotations" => (Key::Annotations, "annotations"),
            "completions" => (Key::Annotations, "completions"),
            _ => {
                self.odd |= map.next_value::<Suspect>()?.0;
                self.others.push(key.clone());
                return Ok(());
            }
        };
        match map.next_value()? {
            // A list that is null was not made.
            Field::Null => {}
            Field::Text(text) if name == "data" && self.text.is_none() => self.text = Some(text),
            Field::Data(data) if name == "data" => {
                self.odd |= data.is_empty();
                self.data = Some(data);
            }
            Field::Items(items) if self.get(list).is_none() => {
                self.lists.push((list, name, items));
            }
            other => {
                self.odd |= matches!(other, Field::Data(_) | Field::Items(_));
                self.others.push(key.clone());
            }
        }
        Ok(())
    }

    /// True if the objects of its lists are spans with a label, or hold some.
    pub(super) fn has_known_items(&self) -> bool {
        let known =
            |items: &Items<'a>| items.iter().all(|item| item.object().is_none_or(Object::is_known));
        self.lists.iter().all(|(key, _, items)| *key == Key::Tokens || known(items))
    }

    /// True if all that it holds has a meaning here, so that no closer look is needed.
    pub(super) fn is_plain(&self) -> bool {
        let texts = self.text.is_some() || self.data.is_some();
        let tokens = self.get(Key::Tokens);
        let words = tokens.is_some_and(|tokens| tokens.iter().all(is_text));
        let annotations =
            self.lists.iter().filter(|(key, _, items)| *key != Key::Tokens && !items.is_empty());
        let mut annotations = annotations.map(|(key, _, items)| (*key, items));
        let first = annotations.next();
        let tags = |(key, items): (Key, &Items<'a>)| {
            matches!(key, Key::Tags | Key::Label)
                && !matches!(items.first(), Some(Item::Span(..) | Item::Object(_)))
        };
        !self.odd
            && (texts || words)
            && self.has_known_items()
            && annotations.next().is_none()
            && first.is_none_or(|first| tags(first) == words && (words || first.0 != Key::Tags))
    }
}

impl<'de> Deserialize<'de> for Record<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Whole)
    }
}

struct Whole;

impl<'de> Visitor<'de> for Whole {
    type Value = Record<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document: an object, or an array of a text and its annotation")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record<'de>, A::Error> {
        let mut record = Record::default();
        // What is known comes in few keys, what is not may come in many.
        let mut known: Vec<Cow<'de, str>> = Vec::new();
        while let Some(Text(key)) = map.next_key()? {
            if known.contains(&key) {
                return Err(repeated(&key));
            }
            let others = record.others.len();
            record.add(&key, &mut map)?;
            if record.others.len() == others {
                known.push(key);
            }
        }
        Ok(record)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Record<'de>, A::Error> {
        let Some(Text(text)) = items.next_element()? else {
            return Err(A::Error::invalid_length(0, &self));
        };
        let mut record = items.next_element::<Annotation<'de>>()?.unwrap_or_default().0;
        if record.text.is_some() {
            record.others.push(Cow::Borrowed("text"));
        }
        record.text = Some(text);
        record.tuple = true;
        while items.next_element::<IgnoredAny>()?.is_some() {
            record.others.push(Cow::Borrowed("what follows the annotation"));
        }
        Ok(record)
    }
}

/// The second part of an array of text and annotation.
#[derive(Default)]
struct Annotation<'a>(Record<'a>);

impl<'de> Deserialize<'de> for Annotation<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Second)
    }
}

struct Second;

impl<'de> Visitor<'de> for Second {
    type Value = Annotation<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with \"entities\"")
    }

    fn visit_unit<E>(self) -> Result<Annotation<'de>, E> {
        Ok(Annotation::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Annotation<'de>, A::Error> {
        Whole.visit_map(map).map(Annotation)
    }
}

/// What may stand under a key that usually has a list.
enum Field<'a> {
    Null,
    Text(Cow<'a, str>),
    Data(Vec<(Cow<'a, str>, Cow<'a, str>)>),
    Items(Items<'a>),
    Other,
}

impl<'de> Deserialize<'de> for Field<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyField)
    }
}

struct AnyField;

impl<'de> Visitor<'de> for AnyField {
    type Value = Field<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<Field<'de>, E> {
        Ok(Field::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Field<'de>, E> {
        Ok(Field::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Field<'de>, E> {
        Ok(Field::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Field<'de>, E> {
        Ok(Field::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Field<'de>, E> {
        Ok(Field::Other)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Field<'de>, E> {
        Ok(Field::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Field<'de>, E> {
        Ok(Field::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Field<'de>, A::Error> {
        let mut texts = Vec::new();
        while let Some(Text(key)) = map.next_key()? {
            if let Field::Text(text) = map.next_value()? {
                texts.push((key, text));
            }
        }
        Ok(Field::Data(texts))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Field<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Field::Items(list))
    }
}

/// A name of a document.
enum Id {
    Given(String),
    Null,
    Other,
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(id) if !id.is_empty() => Self::Given(id),
            serde_json::Value::Number(id) => Self::Given(id.to_string()),
            serde_json::Value::Null | serde_json::Value::String(_) => Self::Null,
            _ => Self::Other,
        })
    }
}

/// True if the list is of objects and the first one, if there is any, passes.
pub(super) fn first_object(items: &Items<'_>, test: impl Fn(&Object<'_>) -> bool) -> bool {
    items.first().is_some_and(|item| item.object().is_some_and(test))
}
