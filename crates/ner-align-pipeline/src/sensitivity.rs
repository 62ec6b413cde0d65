//! How much a model is made to find more.

use std::collections::BTreeMap;

use ner_align_core::Label;

/// How much a model is made to find more entities of each type: a bonus of 0 or more that the log-probabilities
/// of the type's classes get before tags are chosen. 0 is plain decoding.
///
/// The scores of entities stay what they are without it.
///
/// ```
/// use ner_align_pipeline::Sensitivity;
/// let sensitivity = Sensitivity::default().with_type("PER".parse()?, 2.5);
/// assert_eq!(sensitivity.of(&"PER".parse()?), 2.5);
/// assert_eq!(sensitivity.of(&"LOC".parse()?), 0.0);
/// # Ok::<(), ner_align_core::EmptyLabel>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sensitivity {
    types: BTreeMap<Label, f64>,
}

impl Sensitivity {
    /// The same with this bonus for a type; less than 0 and no number count as 0.
    #[must_use]
    pub fn with_type(mut self, label: Label, bonus: f64) -> Self {
        self.types.insert(label, bonus.max(0.0));
        self
    }

    /// The bonus of a type.
    #[must_use]
    pub fn of(&self, label: &Label) -> f64 {
        self.types.get(label).copied().unwrap_or(0.0)
    }

    /// True if no type has a bonus.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.types.values().all(|bonus| *bonus == 0.0)
    }
}
