//! The spans and tokens of a document as its line has them.

mod objects;

use std::borrow::Cow;
use std::fmt;

use ner_align_core::Score;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};

use super::labels::Labels;
use objects::Objects;

/// A string, borrowed where nothing in it is escaped.
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look;

        impl<'de> Visitor<'de> for Look {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Look)
    }
}

/// What is expected where an offset is.
pub(super) const OFFSET: &str = "an offset, a whole number of 0 or more";

/// What is expected where a key stands again.
pub(super) const ONCE: &str = "each key once";

/// The error of a key that an object has twice.
pub(super) fn repeated<E: Error>(key: &str) -> E {
    E::invalid_value(Unexpected::Other(&format!("a second {key:?}")), &ONCE)
}

/// A place in a text or among tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offset(pub(super) usize);

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look;

        impl Visitor<'_> for Look {
            type Value = Offset;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(OFFSET)
            }

            fn visit_u64<E: Error>(self, offset: u64) -> Result<Offset, E> {
                let fits = usize::try_from(offset).map(Offset);
                fits.map_err(|_| E::invalid_value(Unexpected::Unsigned(offset), &self))
            }

            fn visit_i64<E: Error>(self, offset: i64) -> Result<Offset, E> {
                Err(E::invalid_value(Unexpected::Signed(offset), &self))
            }
        }

        deserializer.deserialize_any(Look)
    }
}

/// What lists hold.
pub(super) type Items<'a> = Vec<Item<'a>>;

/// An element of a list.
#[derive(Debug)]
pub(super) enum Item<'a> {
    Text(Cow<'a, str>),
    Number(i64),
    /// `[start, end, label]`.
    Span(Offset, Offset, Labels<'a>),
    Object(Box<Object<'a>>),
    Other,
}

impl<'a> Item<'a> {
    pub(super) fn object(&self) -> Option<&Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// In words, for messages.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Number(_) => "a number",
            Self::Span(..) => "an array",
            Self::Object(_) => "an object",
            Self::Other => "another value",
        }
    }
}

impl<'de> Deserialize<'de> for Item<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyItem)
    }
}

struct AnyItem;

impl<'de> Visitor<'de> for AnyItem {
    type Value = Item<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a span, [start, end, label] or an object")
    }

    fn visit_unit<E>(self) -> Result<Item<'de>, E> {
        Ok(Item::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Item<'de>, E> {
        Ok(Item::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Item<'de>, E> {
        Ok(Item::Other)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Item<'de>, E> {
        Ok(Item::Number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Item<'de>, E> {
        Ok(i64::try_from(number).map_or(Item::Other, Item::Number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Item<'de>, E> {
        Ok(Item::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Item<'de>, E> {
        Ok(Item::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Item<'de>, A::Error> {
        Object::from_map(map).map(|object| Item::Object(Box::new(object)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Item<'de>, A::Error> {
        let short = |given| A::Error::invalid_length(given, &"an array of start, end and label");
        let start = items.next_element()?.ok_or_else(|| short(0))?;
        let end = items.next_element()?.ok_or_else(|| short(1))?;
        let label = items.next_element()?.ok_or_else(|| short(2))?;
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Item::Span(start, end, label))
    }
}

/// True for a text.
pub(super) const fn is_text(item: &Item<'_>) -> bool {
    matches!(item, Item::Text(_))
}

/// A token, a span, or an annotation that holds spans.
#[derive(Debug, Default)]
pub(super) struct Object<'a> {
    pub(super) start: Option<Offset>,
    pub(super) end: Option<Offset>,
    /// The keys are `start_offset` and `end_offset`.
    pub(super) offsets: bool,
    pub(super) labels: Option<Labels<'a>>,
    pub(super) text: Option<Cow<'a, str>>,
    pub(super) token_start: Option<Offset>,
    pub(super) token_end: Option<Offset>,
    /// How sure a model is.
    pub(super) score: Option<Score>,
    pub(super) kind: Option<Cow<'a, str>>,
    pub(super) cancelled: bool,
    /// The annotation that counts, where there are several.
    pub(super) ground_truth: bool,
    /// What few objects have; tokens, of which there are many, have none of it.
    rare: Option<Box<Rare<'a>>>,
    pub(super) points: Vec<Object<'a>>,
    pub(super) value: Vec<Object<'a>>,
    pub(super) result: Option<Vec<Object<'a>>>,
    /// Keys that mean nothing here.
    pub(super) others: Vec<Cow<'a, str>>,
}

/// What an object of an annotation may say besides.
#[derive(Debug, Default)]
struct Rare<'a> {
    user: Option<i64>,
    to_name: Option<Cow<'a, str>>,
}

impl<'a> Object<'a> {
    /// Who annotated.
    pub(super) fn user(&self) -> Option<i64> {
        self.rare.as_ref()?.user
    }

    /// The name of the text that Label Studio's result is of.
    pub(super) fn to_name(&self) -> Option<&Cow<'a, str>> {
        self.rare.as_ref()?.to_name.as_ref()
    }

    /// True for a span with its label, and for what holds spans.
    pub(super) fn is_known(&self) -> bool {
        let label = self.labels.is_some() || self.kind.is_some();
        let span = self.start.is_some() && self.end.is_some() && label;
        span || self.result.is_some() || !self.points.is_empty()
    }

    pub(super) fn from_map<A: MapAccess<'a>>(mut map: A) -> Result<Self, A::Error> {
        let mut object = Self::default();
        while let Some(Text(key)) = map.next_key()? {
            let twice = |given: bool| {
                if given {
                    return Err(repeated(&key));
                }
                Ok(())
            };
            match key.as_ref() {
                "start" | "start_offset" => {
                    twice(object.start.is_some())?;
                    object.offsets = key == "start_offset";
                    object.start = map.next_value()?;
                }
                "end" | "end_offset" => {
                    twice(object.end.is_some())?;
                    object.end = map.next_value()?;
                }
                "label" | "labels" | "entity_group" | "entity" => {
                    twice(object.labels.is_some())?;
                    object.labels = Some(map.next_value()?);
                }
                "text" | "word" => {
                    twice(object.text.is_some())?;
                    object.text = map.next_value::<Option<Text<'a>>>()?.map(|text| text.0);
                }
                "token_start" => object.token_start = map.next_value()?,
                "token_end" => object.token_end = map.next_value()?,
                "type" => match map.next_value()? {
                    Item::Text(kind) => object.kind = Some(kind),
                    _ => object.others.push(key),
                },
                "score" => {
                    let value = map.next_value::<serde_json::Value>()?;
                    object.score = value.as_f64().and_then(|score| Score::new(score as f32));
                    if object.score.is_none() {
                        object.others.push(key);
                    }
                }
                "was_cancelled" => {
                    object.cancelled = map.next_value::<Option<bool>>()? == Some(true);
                }
                "ground_truth" => {
                    object.ground_truth = map.next_value::<Option<bool>>()? == Some(true);
                }
                "user" => {
                    object.rare.get_or_insert_default().user = match map.next_value()? {
                        Item::Number(user) => Some(user),
                        _ => None,
                    };
                }
                "to_name" => {
                    let name = map.next_value::<Option<Text<'a>>>()?.map(|text| text.0);
                    object.rare.get_or_insert_default().to_name = name;
                }
                "points" => object.points = map.next_value::<Objects<'a>>()?.0,
                "value" => object.value = map.next_value::<Objects<'a>>()?.0,
                "result" => object.result = Some(map.next_value::<Objects<'a>>()?.0),
                // The number of a token, and whether white space follows it, are in the text.
                "id" | "ws" => {
                    map.next_value::<IgnoredAny>()?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    object.others.push(key);
                }
            }
        }
        Ok(object)
    }
}
