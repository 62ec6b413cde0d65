//! Entities that the training data had.

use ner_align_core::{Document, Label};
use rustc_hash::FxHashMap;

/// How well the training data knew an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Familiarity {
    /// With this text and type.
    Seen,
    /// With this text, but only of other types.
    SeenAsOther,
    /// Never with this text.
    Unseen,
}

impl Familiarity {
    /// The name of the bucket.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::SeenAsOther => "seen as another type",
            Self::Unseen => "unseen",
        }
    }
}

/// The texts of the entities of some data, with their types. Case and spaces between words count
/// as they are.
#[derive(Debug, Clone, Default)]
pub struct SeenEntities {
    /// By text: types with how often each came.
    types: FxHashMap<String, Vec<(Label, u64)>>,
}

impl SeenEntities {
    /// Adds an entity by its text, its words joined by single spaces.
    pub fn add(&mut self, text: &str, label: &Label) {
        let types = match self.types.get_mut(text) {
            Some(types) => types,
            None => self.types.entry(text.to_owned()).or_default(),
        };
        match types.iter_mut().find(|(known, _)| known == label) {
            Some((_, count)) => *count += 1,
            None => types.push((label.clone(), 1)),
        }
    }

    /// Adds all entities of a document.
    pub fn add_document(&mut self, document: &Document) {
        for entity in document.entities() {
            let words: Vec<&str> = entity.span.range().map(|word| document.word(word)).collect();
            self.add(&words.join(" "), &entity.label);
        }
    }

    /// How well an entity is known.
    #[must_use]
    pub fn familiarity(&self, text: &str, label: &Label) -> Familiarity {
        match self.types.get(text) {
            Some(types) if types.iter().any(|(known, _)| known == label) => Familiarity::Seen,
            Some(_) => Familiarity::SeenAsOther,
            None => Familiarity::Unseen,
        }
    }

    /// How often an entity of this text and type was added.
    #[must_use]
    pub fn frequency(&self, text: &str, label: &Label) -> u64 {
        let types = self.types.get(text).map(Vec::as_slice).unwrap_or_default();
        types.iter().find(|(known, _)| known == label).map_or(0, |(_, count)| *count)
    }

    /// Number of different texts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// True if no entity was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }
}
