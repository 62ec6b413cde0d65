//! The largest id of a vocabulary, which is not kept.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The largest id of a vocabulary that is an object of tokens with their ids; 0 for a list of tokens,
/// whose ids are their places.
#[derive(Debug, Default)]
pub(super) struct LargestId(pub(super) u64);

impl<'de> Deserialize<'de> for LargestId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Vocabulary)
    }
}

struct Vocabulary;

impl<'de> Visitor<'de> for Vocabulary {
    type Value = LargestId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a vocabulary")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LargestId, A::Error> {
        let mut largest = 0;
        while let Some((_, id)) = map.next_entry::<IgnoredAny, u64>()? {
            largest = largest.max(id);
        }
        Ok(LargestId(largest))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<LargestId, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(LargestId(0))
    }
}
