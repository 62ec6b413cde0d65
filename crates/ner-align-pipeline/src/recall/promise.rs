//! What is asked of a model's recall, and what it was shown to keep.

use std::collections::BTreeMap;

use ner_align_core::Label;
use serde::{Deserialize, Serialize};

use crate::PipelineError;
use crate::sensitivity::Sensitivity;
use crate::settings::Decode;

/// The confidence of a promise where nobody says another.
const CONFIDENCE: f64 = 0.99;

/// The recall that is to be promised: of single types, and of all others together.
///
/// ```
/// use ner_align_pipeline::RecallTargets;
/// // 99 of 100 persons, and 95 of 100 of all other entities.
/// let targets = RecallTargets::default().with_type("PER".parse()?, 0.99).with_all(0.95);
/// assert_eq!(targets.confidence(), 0.99);
/// # Ok::<(), ner_align_core::EmptyLabel>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RecallTargets {
    all: Option<f64>,
    types: BTreeMap<Label, f64>,
    confidence: f64,
}

impl Default for RecallTargets {
    fn default() -> Self {
        Self { all: None, types: BTreeMap::new(), confidence: CONFIDENCE }
    }
}

impl RecallTargets {
    /// The same with this recall, between 0 and 1, of all entities whose types have none of their own. They are
    /// counted together: a rare type may be found less often.
    #[must_use]
    pub fn with_all(mut self, target: f64) -> Self {
        self.all = Some(target);
        self
    }

    /// The same with this recall of a type, between 0 and 1.
    #[must_use]
    pub fn with_type(mut self, label: Label, target: f64) -> Self {
        self.types.insert(label, target);
        self
    }

    /// The same at this confidence, between 0 and 1: the probability that all promises are true.
    #[must_use]
    pub const fn with_confidence(mut self, confidence: f64) -> Self {
        self.confidence = confidence;
        self
    }

    /// The confidence; 0.99 unless somebody said another.
    #[must_use]
    pub const fn confidence(&self) -> f64 {
        self.confidence
    }

    /// The types that are counted together, each with what is asked of them, for a model of these types.
    pub(super) fn groups(&self, types: &[Label]) -> Result<Vec<Group>, PipelineError> {
        between("confidence", "a confidence", self.confidence)?;
        let names = || types.iter().map(Label::as_str).collect::<Vec<_>>().join(", ");
        let mut groups = Vec::new();
        for (label, &target) in &self.types {
            if !types.contains(label) {
                return Err(PipelineError::Data {
                    place: place(Some(label)),
                    expected: "a type of the model".to_owned(),
                    found: format!("{label}"),
                    hint: Some(format!("the model has {}", names())),
                });
            }
            groups.push(Group { types: vec![label.clone()], target });
        }
        if let Some(target) = self.all {
            let others = types.iter().filter(|label| !self.types.contains_key(*label));
            groups.push(Group { types: others.cloned().collect(), target });
        }
        groups.retain(|group| !group.types.is_empty());
        for group in &groups {
            between(&group.place(), "a recall", group.target)?;
        }
        Ok(groups)
    }
}

/// Types that are counted together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    pub(super) types: Vec<Label>,
    pub(super) target: f64,
}

impl Group {
    /// The group in messages.
    pub(super) fn place(&self) -> String {
        place(if let [label] = self.types.as_slice() { Some(label) } else { None })
    }
}

fn place(label: Option<&Label>) -> String {
    label.map_or_else(|| "recall".to_owned(), |label| format!("recall of {label}"))
}

fn between(place: &str, what: &str, value: f64) -> Result<(), PipelineError> {
    if value > 0.0 && value < 1.0 {
        return Ok(());
    }
    Err(PipelineError::Data {
        place: place.to_owned(),
        expected: format!("{what} above 0 and below 1"),
        found: value.to_string(),
        hint: Some("no number of documents shows that nothing is missed".to_owned()),
    })
}

/// A recall that a model keeps on texts like those that it was calibrated on.
///
/// An entity counts as found if each of its words is in a predicted entity of its type. The promise is that of
/// the entities of new documents at least `target` are found on average, and it is true with the probability
/// `confidence`, over the draw of the documents that it rests on (`docs/recall.md`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecallPromise {
    /// The types whose entities are counted together.
    pub types: Vec<Label>,
    /// The recall that is promised, between 0 and 1.
    pub target: f64,
    /// The probability that this and the other promises of the model are true, between 0 and 1.
    pub confidence: f64,
    /// What the log-probabilities of the types' classes get on top, 0 or more.
    pub bonus: f64,
    /// Documents with entities of the types that it rests on.
    pub documents: usize,
    /// Entities of the types in them.
    pub entities: usize,
    /// How many of these are found with the bonus.
    pub found: usize,
    /// How many are found without it.
    pub found_without: usize,
    /// The share of predicted entities of the types that are right with the bonus; `None` without predictions.
    pub precision: Option<f64>,
    /// The same without it.
    pub precision_without: Option<f64>,
    /// How scores became tags.
    pub decode: Decode,
}

impl RecallPromise {
    /// The sensitivity that keeps all of these.
    #[must_use]
    pub fn sensitivity(promises: &[Self]) -> Sensitivity {
        let of_types = promises.iter().flat_map(|own| own.types.iter().map(|t| (t, own.bonus)));
        of_types
            .fold(Sensitivity::default(), |all, (label, bonus)| all.with_type(label.clone(), bonus))
    }

    /// True for numbers that a promise can have.
    pub(crate) fn is_sound(&self) -> bool {
        let is_share = |value: f64| value > 0.0 && value < 1.0;
        is_share(self.target)
            && is_share(self.confidence)
            && self.bonus.is_finite()
            && self.bonus >= 0.0
    }
}
