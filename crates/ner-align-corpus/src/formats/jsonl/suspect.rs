//! Values under unknown keys: whether they may hold annotation.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// True for a list of objects, of lists or of what looks like tags, and for an object with one.
pub(super) struct Suspect(pub(super) bool);

impl<'de> Deserialize<'de> for Suspect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Look)
    }
}

struct Look;

impl<'de> Visitor<'de> for Look {
    type Value = Suspect;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Suspect, E> {
        Ok(Suspect(false))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Suspect, E> {
        Ok(Suspect(false))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Suspect, E> {
        Ok(Suspect(false))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Suspect, E> {
        Ok(Suspect(false))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Suspect, E> {
        Ok(Suspect(false))
    }

    fn visit_str<E>(self, _: &str) -> Result<Suspect, E> {
        Ok(Suspect(false))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Suspect, A::Error> {
        let Some(first) = items.next_element::<Element>()? else { return Ok(Suspect(false)) };
        // The first word may be in no entity.
        let mut found = matches!(first, Element::Many | Element::Tag);
        if matches!(first, Element::Other) {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Suspect(false));
        }
        while let Some(element) = items.next_element::<Element>()? {
            found |= matches!(element, Element::Many | Element::Tag);
        }
        Ok(Suspect(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Suspect, A::Error> {
        let mut found = false;
        while map.next_key::<IgnoredAny>()?.is_some() {
            found |= map.next_value::<Suspect>()?.0;
        }
        Ok(Suspect(found))
    }
}

/// An element of a list.
enum Element {
    /// An object or a list.
    Many,
    /// What looks like a tag.
    Tag,
    Text,
    Other,
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyElement)
    }
}

struct AnyElement;

impl<'de> Visitor<'de> for AnyElement {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Element, E> {
        Ok(Element::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Element, E> {
        Ok(Element::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Element, E> {
        Ok(Element::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Element, E> {
        Ok(Element::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Element, E> {
        Ok(Element::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Element, E> {
        let tag = text == "O" || super::shapes::is_prefixed(text);
        Ok(if tag { Element::Tag } else { Element::Text })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Element, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Element::Many)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Element::Many)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_annotation_is_looked_at() {
        for (value, expected) in [
            (r#"[{"start": 0}]"#, true),
            ("[[0, 1]]", true),
            (r#"["a", "B-PER"]"#, true),
            (r#"{"sc": [{"start": 0}]}"#, true),
            (r#"{"source": "x", "score": 0.5, "n": [1, 2]}"#, false),
            (r#"["a", "b"]"#, false),
            ("[]", false),
            ("[1, [2]]", false),
            ("3", false),
            ("null", false),
        ] {
            assert_eq!(serde_json::from_str::<Suspect>(value).unwrap().0, expected, "{value}");
        }
    }
}
