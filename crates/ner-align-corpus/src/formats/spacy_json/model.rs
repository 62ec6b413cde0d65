//! One paragraph as the file has it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

#[derive(Debug, Deserialize)]
pub(super) struct Paragraph<'a> {
    #[serde(borrow, default)]
    pub(super) raw: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) sentences: Vec<Sentence<'a>>,
    #[serde(default)]
    pub(super) entities: Option<Vec<Span>>,
    #[serde(default)]
    pub(super) cats: Filled,
    #[serde(default)]
    pub(super) links: Filled,
}

#[derive(Debug, Deserialize)]
pub(super) struct Sentence<'a> {
    #[serde(borrow)]
    pub(super) tokens: Vec<Token<'a>>,
    #[serde(default)]
    pub(super) brackets: Filled,
}

#[derive(Debug, Deserialize)]
pub(super) struct Token<'a> {
    #[serde(borrow)]
    pub(super) orth: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) space: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) ner: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) tag: Filled,
    #[serde(default)]
    pub(super) pos: Filled,
    #[serde(default)]
    pub(super) morph: Filled,
    #[serde(default)]
    pub(super) lemma: Filled,
    #[serde(default)]
    pub(super) dep: Filled,
}

/// `[start, end, label]`, in code points.
#[derive(Debug, Deserialize)]
pub(super) struct Span(pub(super) i64, pub(super) i64, pub(super) String);

/// Whether a field that is not kept says anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Filled(pub(super) bool);

impl<'de> Deserialize<'de> for Filled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Look)
    }
}

struct Look;

impl<'de> Visitor<'de> for Look {
    type Value = Filled;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Filled, E> {
        Ok(Filled(false))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Filled, E> {
        Ok(Filled(true))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Filled, E> {
        Ok(Filled(true))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Filled, E> {
        Ok(Filled(true))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Filled, E> {
        Ok(Filled(true))
    }

    /// spaCy writes a hyphen for a tag that nobody gave.
    fn visit_str<E>(self, text: &str) -> Result<Filled, E> {
        Ok(Filled(!text.is_empty() && text != "-"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Filled, A::Error> {
        let mut filled = false;
        while values.next_element::<IgnoredAny>()?.is_some() {
            filled = true;
        }
        Ok(Filled(filled))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Filled, A::Error> {
        let mut filled = false;
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            filled = true;
        }
        Ok(Filled(filled))
    }
}
