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
    /// The number of each text.
    texts: FxHashMap<String, u32>,
    /// How often each text came with a type: one text may have very many.
    counts: FxHashMap<(u32, Label), u64>,
    /// Bytes of the texts.
    text_bytes: usize,
}

impl SeenEntities {
    /// Adds an entity by its text, its words joined by single spaces.
    pub fn add(&mut self, text: &str, label: &Label) {
        let number = match self.texts.get(text) {
            Some(number) => *number,
            None => {
                let number = self.texts.len() as u32;
                self.text_bytes += text.len();
                self.texts.insert(text.to_owned(), number);
                number
            }
        };
        *self.counts.entry((number, label.clone())).or_default() += 1;
    }

    /// Bytes that they take, about.
    #[must_use]
    pub fn memory_usage(&self) -> u64 {
        // What an entry and its allocation take.
        (self.text_bytes + self.texts.capacity() * 64 + self.counts.capacity() * 48) as u64
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
        match self.texts.get(text) {
            Some(_) if self.frequency(text, label) > 0 => Familiarity::Seen,
            Some(_) => Familiarity::SeenAsOther,
            None => Familiarity::Unseen,
        }
    }

    /// How often an entity of this text and type was added.
    #[must_use]
    pub fn frequency(&self, text: &str, label: &Label) -> u64 {
        let count = |number: &u32| self.counts.get(&(*number, label.clone())).copied();
        self.texts.get(text).and_then(count).unwrap_or(0)
    }

    /// Number of different texts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// True if no entity was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}
