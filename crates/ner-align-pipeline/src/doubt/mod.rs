//! Labels that are probably wrong: where models that have not seen a sentence contradict its
//! annotation.

mod contested;
mod judge;
mod review;
mod sentences;
mod surfaces;

use std::collections::{BTreeMap, BTreeSet};

use ndarray::Array2;
use ner_align_core::{Document, Entity, Label, LabelSet, Scheme, WordSpan};
use ner_align_corpus::Input;
use ner_align_curate::split::{Parts, SplitOptions, split};

pub use contested::contested;
pub use judge::DoubtReason;
pub use review::{Decision, Review, Reviewed, apply_reviews};

use self::judge::Judge;
use self::sentences::Sentences;
use self::surfaces::Surfaces;
use crate::fine_tuner::entity_types;
use crate::{FineTuner, PipelineError};

/// One of so many training sentences chooses the best epoch of a fold.
const DEV_EVERY: usize = 10;

/// What the labels of the same words elsewhere count, where the margin of probabilities counts 1.
/// Chosen on planted errors in WNUT-17 and NCBI-disease, see `docs/doubt.md`.
const SUPPORT: f64 = 0.5;

/// How doubtful labels are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DoubtOptions {
    /// Parts of the corpus. The sentences of each are judged by a model that was trained on the
    /// others; 2 or more.
    pub folds: usize,
    /// Models for each fold, with different seeds, whose probabilities are averaged; 1 or more.
    pub runs: usize,
    /// The seed of the folds.
    pub seed: u64,
}

impl Default for DoubtOptions {
    fn default() -> Self {
        Self { folds: 5, runs: 1, seed: 1 }
    }
}

ner_align_core::setters! { DoubtOptions {
    with_folds: folds: usize,
    with_runs: runs: usize,
    with_seed: seed: u64,
} }

/// A label that may be wrong, or a mention without one.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Doubt {
    /// What may be wrong.
    pub reason: DoubtReason,
    /// Index of the document in the corpus.
    pub document: usize,
    /// Index of the sentence in the document.
    pub sentence: usize,
    /// The annotated entity, in words of the document; `None` if it is missed.
    pub gold: Option<Entity>,
    /// What the models say instead; `None`: no entity.
    pub suggestion: Option<Entity>,
    /// The probability of the annotation, 0 to 1: that exactly these words are such an entity, or
    /// that they are in none.
    pub gold_probability: f64,
    /// The same of the suggestion.
    pub suggestion_probability: f64,
    /// The share of the other places with the same words, in lower case, that agree with the
    /// suggestion rather than with the annotation: 0 to 1, one half where there are none.
    pub support: f64,
}

impl Doubt {
    /// The probability of the suggestion less that of the annotation, -1 to 1; above 0 the suggestion
    /// is likelier.
    #[must_use]
    pub fn margin(&self) -> f64 {
        self.suggestion_probability - self.gold_probability
    }

    /// What doubts of one reason are ordered by: the margin, and half as much what other places say.
    fn score(&self) -> f64 {
        self.margin() + SUPPORT * (self.support - 0.5)
    }

    /// The words in doubt, in the document: those of the annotation, else of the suggestion.
    #[must_use]
    pub fn words(&self) -> WordSpan {
        let entity = self.gold.as_ref().or(self.suggestion.as_ref());
        entity.map_or(WordSpan::new(0, 0), |entity| entity.span)
    }
}

/// What models said of a sentence that they had not seen.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct JudgedSentence {
    /// Index of the document in the corpus.
    pub document: usize,
    /// Index of the sentence in the document.
    pub sentence: usize,
    /// The words, in the document.
    pub words: WordSpan,
    /// The probability of each class for each word, averaged over the runs: `[words, classes]`.
    pub probabilities: Array2<f32>,
}

/// The outcome of [`find_doubts`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Doubts {
    /// All doubts, the greatest first: one about each judged gold entity, however likely it is, and
    /// one about each mention without a label. See [`find_doubts`] for the order.
    pub doubts: Vec<Doubt>,
    /// What the models said, in the order of the corpus.
    pub sentences: Vec<JudgedSentence>,
    /// The classes of the probabilities.
    pub labels: LabelSet,
    /// Gold entities that no model could judge, since the rest of the corpus has none of their
    /// type, by type.
    pub unjudged: BTreeMap<Label, usize>,
    /// Models that were trained.
    pub trainings: usize,
    /// Seconds that they were trained for, evaluation not counted.
    pub seconds: f64,
}

/// Finds doubtful labels in a corpus: trains a model for each fold on the other folds, and compares
/// the annotation of the fold with what the model says.
///
/// `tuner` makes the fine-tuner of a run and a fold, both counted from 0, with its base model and
/// settings; its data are given here. Runs should differ in their seed. Sentences are judged one by
/// one, and near-duplicates are in one fold. Words whose annotation is missing are not judged.
///
/// The probabilities are those of entities over all tag sequences
/// ([`SpanScorer`](ner_align_subword::SpanScorer)), not of single words, so that a doubt is about
/// what an annotator decides.
///
/// Models miss many entities that are annotated rightly, where data are few, and such disagreement
/// would fill the list. So doubts of each reason are ordered by themselves, by the margin of the
/// probabilities and by how the rest of the corpus labels the same words. The lists are merged by how
/// many errors each would hold so far if errors of all kinds were equally common: all invented labels,
/// and of the others the share of entities that the models find, divided by the length.
///
/// # Errors
/// Fewer than two folds or no run; fewer groups of sentences than folds; errors of the fine-tuner.
pub fn find_doubts<'a>(
    documents: &[Document],
    options: &DoubtOptions,
    mut tuner: impl FnMut(usize, usize) -> FineTuner<'a>,
) -> Result<Doubts, PipelineError> {
    let folds = Parts::folds(options.folds)?;
    if options.runs == 0 {
        return Err(PipelineError::Data {
            place: "runs".to_owned(),
            expected: "1 or more".to_owned(),
            found: "0".to_owned(),
            hint: None,
        });
    }
    let sentences = Sentences::of(documents)?;
    let types: Vec<Label> = sentences.types().into_iter().collect();
    let labels = LabelSet::new(types, Scheme::Iob2);
    let how = SplitOptions::new(folds).with_seed(options.seed).with_stratify(true);
    let parts = split(&sentences.documents, &how)?;
    let mut sums: Vec<Option<Array2<f32>>> = vec![None; sentences.documents.len()];
    let mut unjudged: BTreeMap<Label, usize> = BTreeMap::new();
    // The same by sentence: another fold may know the type.
    let mut blind: BTreeSet<(usize, Label)> = BTreeSet::new();
    let (mut trainings, mut seconds) = (0, 0.0);
    for fold in 0..options.folds {
        let held_out = parts.part(&sentences.documents, fold);
        let rest: Vec<Document> = parts
            .documents(&sentences.documents, |part| part != fold)
            .map(std::borrow::Cow::into_owned)
            .collect();
        let (dev, train): (Vec<_>, Vec<_>) =
            rest.into_iter().enumerate().partition(|(index, _)| index % DEV_EVERY == 0);
        let of = |part: Vec<(usize, Document)>| part.into_iter().map(|(_, d)| d).collect();
        let (dev, train): (Vec<Document>, Vec<Document>) = (of(dev), of(train));
        let known = entity_types(&train);
        for document in &held_out {
            let unknown = document.entities().iter().map(|entity| &entity.label);
            for label in unknown.filter(|label| !known.contains(*label)) {
                *unjudged.entry(label.clone()).or_default() += 1;
                blind.extend(sentences.number(document).map(|number| (number, label.clone())));
            }
        }
        for run in 0..options.runs {
            let name = |part: &str| format!("{part} of fold {}", fold + 1);
            let done = tuner(run, fold)
                .train([Input::documents(name("train"), train.clone())])
                .dev([Input::documents(name("dev"), dev.clone())])
                .run()?;
            trainings += 1;
            seconds += done.training().seconds;
            let scored = done.predictor().class_probabilities(&held_out, &labels)?;
            for (document, own) in held_out.iter().zip(scored) {
                let Some(sum) = sentences.number(document).and_then(|i| sums.get_mut(i)) else {
                    continue;
                };
                match sum {
                    Some(sum) => *sum += &own,
                    None => *sum = Some(own),
                }
            }
        }
    }
    let judge = Judge::new(&labels);
    let (mut local, mut judged) = (Vec::new(), Vec::new());
    for (number, sum) in sums.into_iter().enumerate() {
        let Some(sum) = sum else { continue };
        let place = &sentences.places[number];
        let probabilities = sum / options.runs as f32;
        let log = probabilities.mapv(|share| share.max(f32::MIN_POSITIVE).ln());
        let gold = &sentences.tags[number];
        let known = |entity: &Option<Entity>| {
            entity.as_ref().is_none_or(|entity| !blind.contains(&(number, entity.label.clone())))
        };
        let mut own = judge.doubts(gold, &labels, log.view());
        own.retain(|doubt| known(&doubt.gold));
        local.push((number, own));
        let JudgedPlace { document, sentence, words } = *place;
        judged.push(JudgedSentence { document, sentence, words, probabilities });
    }
    let surfaces = Surfaces::of(&sentences.documents, &local);
    let place = |(number, own): (usize, Vec<judge::LocalDoubt>)| {
        let (surfaces, place) = (&surfaces, sentences.places[number]);
        own.into_iter().map(move |own| place.doubt(surfaces.support(number, &own), own))
    };
    let doubts = ordered(local.into_iter().flat_map(place).collect());
    Ok(Doubts { doubts, sentences: judged, labels, unjudged, trainings, seconds })
}

/// The order that [`find_doubts`] describes; doubts whose suggestion is not likelier come last.
fn ordered(mut doubts: Vec<Doubt>) -> Vec<Doubt> {
    doubts.sort_by(|a, b| b.score().total_cmp(&a.score()));
    let gold = doubts.iter().filter(|doubt| doubt.gold.is_some());
    let (mut all, mut agreed) = (0_u32, 0_u32);
    gold.for_each(|doubt| {
        all += 1;
        agreed += u32::from(doubt.margin() <= 0.0);
    });
    let found = f64::from(agreed) / f64::from(all.max(1));
    let mut before: BTreeMap<DoubtReason, f64> = BTreeMap::new();
    let mut keyed: Vec<(f64, Doubt)> = Vec::with_capacity(doubts.len());
    for doubt in doubts {
        let length = before.entry(doubt.reason).or_default();
        *length += 1.0;
        let share = if doubt.reason == DoubtReason::Spurious { 1.0 } else { found };
        // The margin is at least -1.
        let is_likely = doubt.margin() > 0.0;
        let key = if is_likely { share / *length } else { doubt.score() - 2.0 };
        keyed.push((key, doubt));
    }
    // Stable, so that equals stay in the order of their scores.
    keyed.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    keyed.into_iter().map(|(_, doubt)| doubt).collect()
}

/// Where a sentence of the corpus is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct JudgedPlace {
    document: usize,
    sentence: usize,
    words: WordSpan,
}

impl JudgedPlace {
    /// A doubt about the sentence, in words of its document.
    fn doubt(&self, support: f64, local: judge::LocalDoubt) -> Doubt {
        let moved = |entity: Entity| {
            let (start, end) = (entity.span.start, entity.span.end);
            Entity {
                span: WordSpan::new(self.words.start + start, self.words.start + end),
                ..entity
            }
        };
        Doubt {
            reason: local.reason,
            document: self.document,
            sentence: self.sentence,
            gold: local.gold.map(moved),
            suggestion: local.suggestion.map(moved),
            gold_probability: local.gold_probability,
            suggestion_probability: local.suggestion_probability,
            support,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_of_disagreement_fills_the_list() {
        let entity = || Some(Entity::new(0, 1, "X".parse().unwrap()));
        let doubt = |reason: DoubtReason, score: f64| Doubt {
            reason,
            document: 0,
            sentence: 0,
            gold: if reason == DoubtReason::Missed { None } else { entity() },
            suggestion: if reason == DoubtReason::Spurious { None } else { entity() },
            gold_probability: 0.0,
            suggestion_probability: score,
            support: 0.5,
        };
        let spurious = [0.99, 0.98, 0.97, 0.96].map(|score| doubt(DoubtReason::Spurious, score));
        let missed = [0.5, 0.4].map(|score| doubt(DoubtReason::Missed, score));
        // The models find half of the entities.
        let agreed = [-0.9, -0.8, -0.9, -0.9].map(|score| doubt(DoubtReason::Type, score));
        let all: Vec<Doubt> = spurious.into_iter().chain(missed).chain(agreed).collect();
        let scores: Vec<f64> = ordered(all).iter().map(Doubt::margin).collect();
        assert_eq!(scores, [0.99, 0.98, 0.5, 0.97, 0.96, 0.4, -0.8, -0.9, -0.9, -0.9]);
    }
}
