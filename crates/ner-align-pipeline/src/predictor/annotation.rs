//! Predictions into documents: tags, entities with scores, and what else entities could be.

use std::cmp::Reverse;
use std::ops::Range;

use ndarray::s;
use ner_align_core::{Dataset, Document, Label, Score, Tag};
use ner_align_subword::{SpanLattice, SpanScorer};
use ner_align_train::Predictions;
use serde::Serialize;

use super::Thresholds;
use crate::PipelineError;

/// What the words of an entity could be instead.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Alternative {
    /// Another type; `None` if the words are in no entity.
    pub label: Option<Label>,
    /// The probability that exactly these words are an entity of that type, or that none of them is
    /// in an entity.
    pub score: f32,
}

/// The alternatives of each entity of a document, in the order of the entities.
pub(super) type Alternatives = Vec<Vec<Alternative>>;

/// How predictions become annotation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Annotator<'a> {
    pub(super) scorer: &'a SpanScorer,
    pub(super) thresholds: &'a Thresholds,
    /// The number of alternatives of an entity.
    pub(super) alternatives: usize,
}

impl Annotator<'_> {
    /// Replaces the documents' annotation by predictions.
    pub(super) fn write_back(
        self,
        documents: &mut [Document],
        dataset: &Dataset,
        predictions: &Predictions,
    ) -> Result<Vec<Alternatives>, PipelineError> {
        let mut tags: Vec<Vec<Tag>> =
            documents.iter().map(|d| Vec::with_capacity(d.len())).collect();
        for (sentence, prediction) in dataset.sentences.iter().zip(&predictions.sentences) {
            tags[sentence.document].extend_from_slice(&prediction.tags);
        }
        for (document, tags) in documents.iter_mut().zip(tags) {
            set_tags(document, tags, dataset)?;
            // Gold spans that fit no words are no predictions.
            document.set_unaligned(Vec::new());
        }
        let mut judged = vec![Judged::default(); documents.len()];
        for ((gold, scores), index) in dataset.sentences.iter().zip(&predictions.scores).zip(0..) {
            let (document, judged) = (&documents[gold.document], &mut judged[gold.document]);
            let seen = predictions.sentences.get(index).map_or(0, |own| own.tags.len());
            for words in gold.sentences() {
                let scores = scores.slice(s![words.clone(), ..]);
                let here = judged.words + words.start..judged.words + words.end;
                let entities = document.entities().get(judged.scores.len()..).unwrap_or_default();
                let entities: Vec<(Range<usize>, &Label)> = entities
                    .iter()
                    .take_while(|entity| entity.span.end <= here.end)
                    .map(|e| (e.span.start - here.start..e.span.end - here.start, &e.label))
                    .collect();
                if entities.is_empty() {
                    continue;
                }
                let lattice = self.scorer.lattice(scores, predictions.transitions.as_ref());
                for (words, label) in entities {
                    let probability = lattice.as_ref().and_then(|l| l.entity(words.clone(), label));
                    judged.scores.push(probability.and_then(|own| Score::new(own as f32)));
                    judged.alternatives.push(self.alternatives(
                        lattice.as_ref(),
                        &words,
                        label,
                        dataset,
                    ));
                }
            }
            judged.words += seen;
        }
        documents
            .iter_mut()
            .zip(judged)
            .map(|(document, Judged { scores, alternatives, .. })| {
                document.set_scores(scores);
                self.cut(document, alternatives, dataset)
            })
            .collect()
    }

    /// The most probable other readings of an entity's words.
    fn alternatives(
        self,
        lattice: Option<&SpanLattice<'_>>,
        words: &Range<usize>,
        label: &Label,
        dataset: &Dataset,
    ) -> Vec<Alternative> {
        let Some(lattice) = lattice.filter(|_| self.alternatives > 0) else { return Vec::new() };
        let types = dataset.labels.types().into_iter().filter(|other| other != label).map(Some);
        let mut found: Vec<Alternative> = types
            .chain([None])
            .filter_map(|label| {
                let probability = match &label {
                    Some(label) => lattice.entity(words.clone(), label),
                    None => lattice.outside(words.clone()),
                };
                Some(Alternative { label, score: probability? as f32 })
            })
            .collect();
        found.sort_by_key(|alternative| Reverse(Score::new(alternative.score)));
        found.truncate(self.alternatives);
        found
    }

    /// Drops the entities below their threshold, from the tags too.
    fn cut(
        self,
        document: &mut Document,
        mut alternatives: Alternatives,
        dataset: &Dataset,
    ) -> Result<Alternatives, PipelineError> {
        let kept: Vec<bool> =
            document.entities().iter().map(|entity| self.thresholds.keep(entity)).collect();
        if kept.iter().all(|kept| *kept) {
            return Ok(alternatives);
        }
        let mut each = kept.iter();
        alternatives.retain(|_| each.next().copied().unwrap_or(true));
        let entities = document.entities().iter().zip(&kept);
        let entities: Vec<_> =
            entities.filter(|(_, kept)| **kept).map(|(entity, _)| entity.clone()).collect();
        let scores: Vec<Option<Score>> = entities.iter().map(|entity| entity.score).collect();
        document.set_entities(entities).map_err(unfit)?;
        let tags = document.encode_tags(dataset.labels.scheme()).map_err(unfit)?;
        set_tags(document, tags, dataset)?;
        document.set_scores(scores);
        Ok(alternatives)
    }
}

/// What is known of a document so far.
#[derive(Debug, Clone, Default)]
struct Judged {
    /// Words of the sentences before.
    words: usize,
    scores: Vec<Option<Score>>,
    alternatives: Alternatives,
}

fn set_tags(
    document: &mut Document,
    tags: Vec<Tag>,
    dataset: &Dataset,
) -> Result<(), PipelineError> {
    document.set_tags(tags, dataset.labels.scheme()).map_err(unfit)
}

fn unfit(error: impl std::fmt::Display) -> PipelineError {
    PipelineError::Data {
        place: "prediction".to_owned(),
        expected: "one tag a word".to_owned(),
        found: error.to_string(),
        hint: None,
    }
}
