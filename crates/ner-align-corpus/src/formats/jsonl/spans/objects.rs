//! Objects that hold spans.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use super::Object;

/// An object, or a list of objects; any other value counts as an empty list.
pub(super) struct Objects<'a>(pub(super) Vec<Object<'a>>);

impl<'de> Deserialize<'de> for Objects<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look;

        impl<'de> Visitor<'de> for Look {
            type Value = Objects<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object, or a list of objects")
            }

            fn visit_unit<E>(self) -> Result<Objects<'de>, E> {
                Ok(Objects(Vec::new()))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Objects<'de>, E> {
                Ok(Objects(Vec::new()))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Objects<'de>, E> {
                Ok(Objects(Vec::new()))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Objects<'de>, E> {
                Ok(Objects(Vec::new()))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Objects<'de>, E> {
                Ok(Objects(Vec::new()))
            }

            fn visit_str<E>(self, _: &str) -> Result<Objects<'de>, E> {
                Ok(Objects(Vec::new()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Objects<'de>, A::Error> {
                Ok(Objects(vec![Object::from_map(map)?]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Objects<'de>, A::Error> {
                let mut objects = Vec::new();
                while let Some(Objects(mut more)) = items.next_element()? {
                    objects.append(&mut more);
                }
                Ok(Objects(objects))
            }
        }

        deserializer.deserialize_any(Look)
    }
}
