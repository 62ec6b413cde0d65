//! Which gold entities are found at a sensitivity.

use std::collections::BTreeMap;
use std::ops::Range;

use ndarray::{ArrayView2, s};
use ner_align_core::{Dataset, DecodeMode, Label, LabelSet, Tag, TagDecoder, TransitionScores};
use ner_align_train::Predictions;

use super::promise::Group;
use crate::codec::decoder;
use crate::sensitivity::Sensitivity;
use crate::settings::Decode;

/// Annotated sentences, and what the model says of their words.
#[derive(Clone, Copy)]
pub(crate) struct Evidence<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) predictions: &'a Predictions,
    pub(crate) decode: Decode,
}

impl<'a> Evidence<'a> {
    /// The sentences with their document, scores and gold tags.
    fn sentences(self) -> impl Iterator<Item = (usize, ArrayView2<'a, f32>, &'a [Tag])> {
        let all = self.dataset.sentences.iter().zip(&self.predictions.scores);
        all.flat_map(|(gold, scores)| {
            gold.sentences().filter_map(move |words| {
                let tags = gold.tags.get(words.clone())?;
                Some((gold.document, scores.slice(s![words, ..]), tags))
            })
        })
    }

    fn labels(self) -> &'a LabelSet {
        &self.dataset.labels
    }

    fn decoder(self, sensitivity: &Sensitivity) -> Box<dyn TagDecoder + Send> {
        decoder(self.decode, sensitivity, self.labels())
    }

    fn transitions(self) -> Option<&'a TransitionScores> {
        self.predictions.transitions.as_ref()
    }

    /// For each document, how many entities of each group are predicted at a sensitivity, and how many of them are
    /// right. Of words whose annotation is missing, nobody knows.
    pub(super) fn predicted(
        self,
        groups: &[Group],
        sensitivity: &Sensitivity,
    ) -> BTreeMap<usize, Vec<(usize, usize)>> {
        let (labels, decoder) = (self.labels(), self.decoder(sensitivity));
        let mut counts: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (document, scores, gold) in self.sentences() {
            let counts = counts.entry(document).or_insert_with(|| vec![(0, 0); groups.len()]);
            let classes = classes(decoder.as_ref(), scores, self.transitions());
            let tags: Vec<Tag> =
                classes.iter().filter_map(|&class| labels.tag(class).cloned()).collect();
            let right = labels.scheme().decode(gold, DecodeMode::Lenient).entities;
            for entity in labels.scheme().decode(&tags, DecodeMode::Lenient).entities {
                let words = gold.get(entity.span.range()).unwrap_or_default();
                let group = groups.iter().position(|group| group.types.contains(&entity.label));
                if let Some((predicted, correct)) = group.and_then(|group| counts.get_mut(group))
                    && !words.contains(&Tag::Missing)
                {
                    *predicted += 1;
                    *correct += usize::from(right.contains(&entity));
                }
            }
        }
        counts
    }

    /// Of the entities of each group that are predicted at a sensitivity, the share that is right.
    pub(super) fn precision(self, groups: &[Group], sensitivity: &Sensitivity) -> Vec<Option<f64>> {
        let counts = self.predicted(groups, sensitivity);
        let share = |group: usize| {
            let of_group = counts.values().filter_map(|counts| counts.get(group));
            let (predicted, correct) =
                of_group.fold((0, 0), |all, own| (all.0 + own.0, all.1 + own.1));
            (predicted > 0).then(|| correct as f64 / predicted as f64)
        };
        (0..groups.len()).map(share).collect()
    }
}

fn classes(
    decoder: &(dyn TagDecoder + Send),
    scores: ArrayView2<'_, f32>,
    transitions: Option<&TransitionScores>,
) -> Vec<usize> {
    transitions
        .and_then(|transitions| decoder.decode_chain(scores, transitions))
        .unwrap_or_else(|| decoder.decode(scores))
}

/// A sentence with gold entities of a group: their words, type and group.
struct GoldSentence<'a> {
    scores: ArrayView2<'a, f32>,
    entities: Vec<(Range<usize>, Label, usize)>,
}

/// Gold entities by document, in a random order of the documents that is always the same.
pub(super) struct Counting<'a> {
    evidence: Evidence<'a>,
    groups: &'a [Group],
    documents: Vec<Vec<GoldSentence<'a>>>,
    /// The index of each within the corpus.
    indices: Vec<usize>,
}

impl<'a> Counting<'a> {
    pub(super) fn new(evidence: Evidence<'a>, groups: &'a [Group]) -> Self {
        let mut documents: BTreeMap<(u64, usize), Vec<GoldSentence<'a>>> = BTreeMap::new();
        for (document, scores, gold) in evidence.sentences() {
            let found = evidence.labels().scheme().decode(gold, DecodeMode::Lenient).entities;
            let of_groups = found.into_iter().filter_map(|entity| {
                let group = groups.iter().position(|group| group.types.contains(&entity.label))?;
                Some((entity.span.range(), entity.label, group))
            });
            let entities: Vec<_> = of_groups.collect();
            if !entities.is_empty() {
                let sentence = GoldSentence { scores, entities };
                documents.entry((mixed(document as u64), document)).or_default().push(sentence);
            }
        }
        let indices = documents.keys().map(|(_, document)| *document).collect();
        Self { evidence, groups, documents: documents.into_values().collect(), indices }
    }

    /// The index of each document within the corpus.
    pub(super) fn indices(&self) -> &[usize] {
        &self.indices
    }

    /// Documents with entities of a group.
    pub(super) const fn documents(&self) -> usize {
        self.documents.len()
    }

    /// For each group, the number of entities in each of these documents.
    pub(super) fn gold(&self, documents: Range<usize>) -> Vec<Vec<usize>> {
        self.count(documents, |sentence| vec![true; sentence.entities.len()])
    }

    /// For each group, the number of entities in each of these documents that are not found: a word of theirs is in no
    /// predicted entity of their type.
    pub(super) fn missed(
        &self,
        documents: Range<usize>,
        sensitivity: &Sensitivity,
    ) -> Vec<Vec<usize>> {
        let (labels, decoder) = (self.evidence.labels(), self.evidence.decoder(sensitivity));
        let transitions = self.evidence.transitions();
        self.count(documents, |sentence| {
            let classes = classes(decoder.as_ref(), sentence.scores, transitions);
            let type_of = |class: &usize| labels.tag(*class).and_then(Tag::label);
            let is_missed = |(words, label, _): &(Range<usize>, Label, usize)| {
                let words = classes.get(words.clone()).unwrap_or_default();
                words.is_empty() || words.iter().any(|class| type_of(class) != Some(label))
            };
            sentence.entities.iter().map(is_missed).collect()
        })
    }

    /// For each group, the number of entities in each of these documents that are chosen.
    fn count(
        &self,
        documents: Range<usize>,
        choose: impl Fn(&GoldSentence<'a>) -> Vec<bool>,
    ) -> Vec<Vec<usize>> {
        let documents = self.documents.get(documents).unwrap_or_default();
        let mut counts = vec![vec![0; documents.len()]; self.groups.len()];
        for (document, sentences) in documents.iter().enumerate() {
            for sentence in sentences {
                for ((_, _, group), is_chosen) in sentence.entities.iter().zip(choose(sentence)) {
                    counts[*group][document] += usize::from(is_chosen);
                }
            }
        }
        counts
    }
}

/// A number that looks like a random one (the finaliser of SplitMix64).
const fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
