//! Gold entities of a sentence against what models say that have not seen it.

use std::ops::Range;

use ndarray::ArrayView2;
use ner_align_core::{DecodeMode, Entity, Label, LabelSet, Scheme, Tag, TagDecoder, WordSpan};
use ner_align_subword::{Constrained, SpanLattice, SpanScorer};
use serde::{Deserialize, Serialize};

/// What may be wrong with a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DoubtReason {
    /// The words are an entity of another type.
    Type,
    /// The entity has other words.
    Boundary,
    /// Words without a label are an entity.
    Missed,
    /// The words are no entity.
    Spurious,
}

impl DoubtReason {
    /// All reasons.
    pub const ALL: [Self; 4] = [Self::Type, Self::Boundary, Self::Missed, Self::Spurious];

    /// The name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Boundary => "boundary",
            Self::Missed => "missed",
            Self::Spurious => "spurious",
        }
    }
}

/// A doubt about the words of one sentence, counted from 0 within it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LocalDoubt {
    pub(super) reason: DoubtReason,
    pub(super) gold: Option<Entity>,
    pub(super) suggestion: Option<Entity>,
    pub(super) gold_probability: f64,
    pub(super) suggestion_probability: f64,
}

/// Judges sentences by the class probabilities of their words.
pub(super) struct Judge {
    scheme: Scheme,
    types: Vec<Label>,
    scorer: SpanScorer,
    decoder: Constrained,
}

impl Judge {
    pub(super) fn new(labels: &LabelSet) -> Self {
        Self {
            scheme: labels.scheme(),
            types: labels.types(),
            scorer: SpanScorer::constrained(labels),
            decoder: Constrained::new(labels),
        }
    }

    /// The doubts about one sentence: one about each gold entity, and one about each predicted entity
    /// that shares no word with a gold one. `log_probabilities` is `[words, classes]`.
    pub(super) fn doubts(
        &self,
        gold: &[Tag],
        labels: &LabelSet,
        log_probabilities: ArrayView2<'_, f32>,
    ) -> Vec<LocalDoubt> {
        let Some(lattice) = self.scorer.lattice(log_probabilities, None) else {
            return Vec::new();
        };
        let tags: Vec<Tag> = self
            .decoder
            .decode(log_probabilities)
            .into_iter()
            .map(|id| labels.tag(id).cloned().unwrap_or(Tag::Outside))
            .collect();
        // Of words whose annotation is missing, nobody knows what is right.
        let is_known = |entity: &Entity| {
            gold.get(entity.span.range()).is_some_and(|own| !own.contains(&Tag::Missing))
        };
        let entities = |tags: &[Tag]| -> Vec<Entity> {
            let all = self.scheme.decode(tags, DecodeMode::Lenient).entities;
            all.into_iter().filter(is_known).collect()
        };
        let (gold, found) = (entities(gold), entities(&tags));
        let of_gold = gold.iter().map(|own| self.of_gold(own, &found, &lattice));
        let missed = found.iter().filter(|own| !gold.iter().any(|gold| share_words(own, gold)));
        of_gold.chain(missed.map(|own| of_missed(own, &lattice))).collect()
    }

    /// The likeliest other reading of a gold entity: another type, a predicted entity in its place, or
    /// no entity.
    fn of_gold(&self, gold: &Entity, found: &[Entity], lattice: &SpanLattice<'_>) -> LocalDoubt {
        let of_types =
            self.types.iter().map(|label| Entity { label: label.clone(), ..gold.clone() });
        let in_place = found.iter().filter(|own| share_words(own, gold)).cloned();
        let best = of_types
            .chain(in_place)
            .filter(|own| (own.span, &own.label) != (gold.span, &gold.label))
            .map(|own| (probability(lattice, &own), own))
            .max_by(|(a, _), (b, _)| a.total_cmp(b));
        let nothing = outside(lattice, gold.span);
        let (reason, suggestion, suggestion_probability) = match best {
            Some((score, own)) if score > nothing => {
                let same = own.span == gold.span;
                let reason = if same { DoubtReason::Type } else { DoubtReason::Boundary };
                (reason, Some(own), score)
            }
            _ => (DoubtReason::Spurious, None, nothing),
        };
        LocalDoubt {
            reason,
            gold: Some(gold.clone()),
            suggestion,
            gold_probability: probability(lattice, gold),
            suggestion_probability,
        }
    }
}

fn share_words(a: &Entity, b: &Entity) -> bool {
    a.span.start < b.span.end && b.span.start < a.span.end
}

fn probability(lattice: &SpanLattice<'_>, entity: &Entity) -> f64 {
    lattice.entity(entity.span.range(), &entity.label).unwrap_or(0.0)
}

fn outside(lattice: &SpanLattice<'_>, words: WordSpan) -> f64 {
    let words: Range<usize> = words.range();
    lattice.outside(words).unwrap_or(0.0)
}

fn of_missed(found: &Entity, lattice: &SpanLattice<'_>) -> LocalDoubt {
    LocalDoubt {
        reason: DoubtReason::Missed,
        gold: None,
        suggestion: Some(found.clone()),
        gold_probability: outside(lattice, found.span),
        suggestion_probability: probability(lattice, found),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn labels() -> LabelSet {
        LabelSet::new(["LOC".parse().unwrap(), "PER".parse::<Label>().unwrap()], Scheme::Iob2)
    }

    /// Log-probabilities that give these tags nine tenths each.
    fn says(tags: &[&str]) -> Array2<f32> {
        let labels = labels();
        let mut all = Array2::from_elem((tags.len(), labels.len()), (0.1_f32 / 4.0).ln());
        for (word, tag) in tags.iter().enumerate() {
            let id = labels.id(&Tag::parse(tag).unwrap()).unwrap();
            all[(word, id)] = 0.9_f32.ln();
        }
        all
    }

    #[test]
    fn each_kind_of_error_has_its_reason() {
        let parse = |tags: &[&str]| -> Vec<Tag> {
            tags.iter().map(|tag| Tag::parse(tag).unwrap()).collect()
        };
        // Gold, what the models say, the reason of the doubt, whether the suggestion is likelier.
        for (gold, model, reason, doubted) in [
            (["B-PER", "O", "O"], ["B-LOC", "O", "O"], DoubtReason::Type, true),
            (["B-PER", "O", "O"], ["B-PER", "I-PER", "O"], DoubtReason::Boundary, true),
            (["O", "O", "O"], ["O", "B-LOC", "I-LOC"], DoubtReason::Missed, true),
            (["O", "B-LOC", "I-LOC"], ["O", "O", "O"], DoubtReason::Spurious, true),
            (["B-PER", "I-PER", "O"], ["B-PER", "I-PER", "O"], DoubtReason::Spurious, false),
        ] {
            let doubts =
                Judge::new(&labels()).doubts(&parse(&gold), &labels(), says(&model).view());
            assert_eq!(doubts.len(), 1, "{gold:?} {doubts:?}");
            let doubt = &doubts[0];
            assert_eq!(doubt.reason, reason, "{gold:?}");
            let margin = doubt.suggestion_probability - doubt.gold_probability;
            assert_eq!(margin > 0.0, doubted, "{gold:?} {margin}");
        }
        // Nothing is said of words that nobody annotated.
        let gold = [Tag::Missing, Tag::Outside, Tag::Outside];
        let model = says(&["B-PER", "O", "O"]);
        assert_eq!(Judge::new(&labels()).doubts(&gold, &labels(), model.view()), []);
    }
}
