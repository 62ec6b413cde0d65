//! How the rest of the corpus labels the words in doubt.

use std::collections::{BTreeSet, HashMap};

use ner_align_core::{Document, Entity, Label};

use super::DoubtReason;
use super::judge::LocalDoubt;

/// Words, lower-case, by number.
type Surface = Vec<u32>;

/// Counts of the surfaces of entities, annotated and suggested.
#[derive(Debug, Default)]
pub(super) struct Surfaces {
    numbers: HashMap<String, u32>,
    sentences: Vec<Surface>,
    /// Annotated entities by surface and type.
    labelled: HashMap<Surface, HashMap<Label, u32>>,
    /// Times that the words of a surface stand in the corpus.
    occurrences: HashMap<Surface, u32>,
}

impl Surfaces {
    /// The surfaces of sentences, each a document of its own, and of the doubts about each.
    pub(super) fn of(sentences: &[Document], doubts: &[(usize, Vec<LocalDoubt>)]) -> Self {
        let mut own = Self::default();
        for sentence in sentences {
            let words = sentence.words().map(|word| own.number(word)).collect::<Surface>();
            for entity in sentence.entities() {
                let surface = words[entity.span.range()].to_vec();
                let types = own.labelled.entry(surface.clone()).or_default();
                *types.entry(entity.label.clone()).or_default() += 1;
                own.occurrences.insert(surface, 0);
            }
            own.sentences.push(words);
        }
        for (sentence, doubts) in doubts {
            for doubt in doubts {
                let suggested = doubt.suggestion.as_ref();
                if let Some(surface) = suggested.and_then(|e| own.surface(*sentence, e)) {
                    own.occurrences.insert(surface, 0);
                }
            }
        }
        let lengths: BTreeSet<usize> = own.occurrences.keys().map(Vec::len).collect();
        for words in &own.sentences {
            for &length in &lengths {
                for surface in words.windows(length) {
                    if let Some(count) = own.occurrences.get_mut(surface) {
                        *count += 1;
                    }
                }
            }
        }
        own
    }

    fn number(&mut self, word: &str) -> u32 {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(word.to_lowercase()).or_insert(next)
    }

    fn surface(&self, sentence: usize, entity: &Entity) -> Option<Surface> {
        Some(self.sentences.get(sentence)?.get(entity.span.range())?.to_vec())
    }

    /// How often the words of an entity have its type, and how often they have no label.
    fn counts(&self, sentence: usize, entity: &Entity) -> [f64; 2] {
        let Some(surface) = self.surface(sentence, entity) else { return [0.0; 2] };
        let types = self.labelled.get(&surface);
        let of_type = types.and_then(|types| types.get(&entity.label)).copied().unwrap_or(0);
        let labelled: u32 = types.map_or(0, |types| types.values().sum());
        let all = self.occurrences.get(&surface).copied().unwrap_or(0);
        [f64::from(of_type), f64::from(all.saturating_sub(labelled))]
    }

    /// The share of the other places with these words that agree with the suggestion, rather than
    /// with the annotation: 0 to 1, and one half where there are none.
    pub(super) fn support(&self, sentence: usize, doubt: &LocalDoubt) -> f64 {
        let counts = |entity: &Option<Entity>| {
            entity.as_ref().map_or([0.0; 2], |entity| self.counts(sentence, entity))
        };
        let ([gold, gold_bare], [suggested, suggested_bare]) =
            (counts(&doubt.gold), counts(&doubt.suggestion));
        // The place in doubt is not counted.
        let other = |count: f64| (count - 1.0).max(0.0);
        let (own, against) = match doubt.reason {
            DoubtReason::Missed => (suggested, other(suggested_bare)),
            DoubtReason::Spurious => (gold_bare, other(gold)),
            DoubtReason::Type | DoubtReason::Boundary => (suggested, other(gold)),
        };
        (own + 0.5) / (own + against + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use ner_align_core::{Scheme, Tag};

    use super::*;

    #[test]
    fn other_places_speak_for_or_against() {
        let sentence = |words: &[&str], tags: &[&str]| {
            let mut builder = Document::builder();
            words.iter().for_each(|word| builder.push_word(word));
            let tags = tags.iter().map(|tag| Tag::parse(tag).unwrap()).collect();
            builder.tagged(tags, Scheme::Iob2).unwrap()
        };
        let sentences = [
            sentence(&["in", "Oslo"], &["O", "B-PER"]),
            sentence(&["oslo", "and", "Bergen"], &["B-LOC", "O", "B-LOC"]),
            sentence(&["Oslo", "and", "in"], &["B-LOC", "O", "B-LOC"]),
            sentence(&["in", "Bergen"], &["O", "O"]),
        ];
        let entity =
            |start, end, label: &str| Some(Entity::new(start, end, label.parse().unwrap()));
        let doubt = |reason, gold, suggestion| LocalDoubt {
            reason,
            gold,
            suggestion,
            gold_probability: 0.0,
            suggestion_probability: 0.0,
        };
        let cases = [
            // Oslo is LOC twice, and PER nowhere else.
            (0, doubt(DoubtReason::Type, entity(1, 2, "PER"), entity(1, 2, "LOC")), 2.5 / 3.0),
            // Bergen has a label once, and elsewhere no place without one.
            (3, doubt(DoubtReason::Missed, None, entity(1, 2, "LOC")), 1.5 / 2.0),
            // "in" has no label twice, and this label nowhere else.
            (2, doubt(DoubtReason::Spurious, entity(2, 3, "LOC"), None), 2.5 / 3.0),
            // Nobody knows "and Bergen".
            (1, doubt(DoubtReason::Boundary, entity(2, 3, "LOC"), entity(1, 3, "LOC")), 0.5),
        ];
        let all: Vec<_> = cases.iter().map(|(at, doubt, _)| (*at, vec![doubt.clone()])).collect();
        let surfaces = Surfaces::of(&sentences, &all);
        for (at, doubt, expected) in &cases {
            let found = surfaces.support(*at, doubt);
            assert!((found - expected).abs() < 1e-9, "{doubt:?}: {found}");
        }
    }
}
