//! Scores below which entities are dropped.

use std::collections::BTreeMap;

use ner_align_core::{Entity, Label};

/// The lowest score with which an entity is kept: one for all types, and others for single types.
///
/// ```
/// use ner_align_pipeline::Thresholds;
/// let thresholds = Thresholds::all(0.5).with_type("PER".parse()?, 0.8);
/// assert_eq!(thresholds.of(&"PER".parse()?), 0.8);
/// assert_eq!(thresholds.of(&"LOC".parse()?), 0.5);
/// # Ok::<(), ner_align_core::EmptyLabel>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Thresholds {
    all: f32,
    types: BTreeMap<Label, f32>,
}

impl Thresholds {
    /// One threshold for all types, 0 to 1.
    #[must_use]
    pub const fn all(threshold: f32) -> Self {
        Self { all: threshold, types: BTreeMap::new() }
    }

    /// The same thresholds, with this one for all types that have none of their own.
    #[must_use]
    pub fn with_all(mut self, threshold: f32) -> Self {
        self.all = threshold;
        self
    }

    /// The same thresholds, with this one for one type.
    #[must_use]
    pub fn with_type(mut self, label: Label, threshold: f32) -> Self {
        self.types.insert(label, threshold);
        self
    }

    /// The threshold of a type.
    #[must_use]
    pub fn of(&self, label: &Label) -> f32 {
        self.types.get(label).copied().unwrap_or(self.all)
    }

    /// The types that have a threshold of their own.
    pub fn types(&self) -> impl Iterator<Item = &Label> {
        self.types.keys()
    }

    /// True if the entity is kept. One without a score is kept where the threshold is 0.
    #[must_use]
    pub fn keep(&self, entity: &Entity) -> bool {
        entity.score.map_or(0.0, ner_align_core::Score::get) >= self.of(&entity.label)
    }
}
