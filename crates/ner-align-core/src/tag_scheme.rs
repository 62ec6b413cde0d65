//! [`Scheme`] as a [`TagScheme`]: below the contract, so that the schemes do not depend on it.

use crate::{DecodeMode, Decoded, Entity, Scheme, SchemeError, Tag, TagScheme};

impl TagScheme for Scheme {
    fn name(&self) -> &'static str {
        self.as_str()
    }

    fn is_legal(&self, previous: Option<&Tag>, next: Option<&Tag>) -> bool {
        Self::is_legal(*self, previous, next)
    }

    fn encode(&self, entities: &[Entity], words: usize) -> Result<Vec<Tag>, SchemeError> {
        Self::encode(*self, entities, words)
    }

    fn decode(&self, tags: &[Tag], mode: DecodeMode) -> Decoded {
        Self::decode(*self, tags, mode)
    }

    fn spread(&self, tag: &Tag, subtokens: usize) -> Vec<Tag> {
        Self::spread(*self, tag, subtokens)
    }
}
