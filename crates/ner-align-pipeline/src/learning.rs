//! Runs on growing parts of a corpus: what a [learning curve](ner_align_metrics::learning_curve) is fitted to.

use ner_align_core::{BatchPlan, Document};
use ner_align_metrics::learning_curve::TrainedOn;
use serde::Serialize;

use crate::{FineTuner, PipelineError};

/// Which parts of a corpus models are trained on.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LearningPlan {
    /// Shares of the corpus, above 0 and up to 1.
    pub shares: Vec<f64>,
    /// Seeds; each share is trained on once with each of them.
    pub seeds: Vec<u64>,
}

impl Default for LearningPlan {
    /// An eighth, a quarter, a half and the whole, with three seeds.
    fn default() -> Self {
        Self { shares: vec![0.125, 0.25, 0.5, 1.0], seeds: vec![1, 2, 3] }
    }
}

ner_align_core::setters! { LearningPlan {
    with_shares: shares: Vec<f64>,
    with_seeds: seeds: Vec<u64>,
} }

/// A run on a part of a corpus.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LearningRun {
    /// The share of the documents that was asked for.
    pub share: f64,
    /// The seed of the choice and of the run.
    pub seed: u64,
    /// Documents that it learned from.
    pub documents: usize,
    /// Their sentences.
    pub sentences: usize,
    /// Strict F1 on the test data, or without any on the development data; 0 where nothing was found.
    pub f1: f64,
}

impl From<LearningRun> for TrainedOn {
    /// Amounts are sentences.
    fn from(run: LearningRun) -> Self {
        Self::new(run.sentences, run.f1)
    }
}

impl LearningPlan {
    /// Trains a model on each part with each seed, small parts first. `tuner` gives the fine-tuner of a seed, with
    /// all but the training data; `each` is told of every run that ended.
    ///
    /// Parts are whole documents, in an order that a seed shuffles: a part contains all smaller ones of its
    /// seed. A tuner without test data is scored on the development data, on which its best epoch was chosen too.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/counting/mod.rs"));
    /// use ner_align_metrics::learning_curve::{LearningCurve, TrainedOn};
    /// use ner_align_pipeline::learning::LearningPlan;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let read = |name| ner_align_corpus::read_path(fixture(name), &Default::default());
    /// # let train = read("postings/postings-train.tsv")?.documents;
    /// # let dev = read("postings/postings-dev.tsv")?.documents;
    /// # let base = fixture("tiny-bert");
    /// # let settings = Settings::of(Recipe::Trainer).with("epochs", "1")?;
    /// let plan = LearningPlan::default().with_seeds(vec![1]);
    /// let tuner = |seed: u64| {
    ///     let settings = settings.clone().with("seed", &seed.to_string());
    ///     let tuner = FineTuner::with_backend(CountingBackend, &base).dev([dev.clone()]);
    ///     Ok(tuner.settings(settings?))
    /// };
    /// let runs = plan.run(&train, tuner, |_| {})?;
    /// let runs: Vec<TrainedOn> = runs.into_iter().map(TrainedOn::from).collect();
    /// let curve = LearningCurve::fit(&runs)?;
    /// println!("{:?}", curve.forecast(2.0 * curve.largest() as f64, 0));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`PipelineError::Data`] for a plan without seeds or with other shares, and for parts that no model can be
    /// trained on since no word in them is in an entity; otherwise as [`FineTuner::run`].
    pub fn run<'a>(
        &self,
        documents: &[Document],
        mut tuner: impl FnMut(u64) -> Result<FineTuner<'a>, PipelineError>,
        mut each: impl FnMut(&LearningRun),
    ) -> Result<Vec<LearningRun>, PipelineError> {
        let mut shares = self.shares.clone();
        if let Some(share) = shares.iter().find(|share| !(**share > 0.0 && **share <= 1.0)) {
            return Err(unusable("shares", "shares above 0 and up to 1", share.to_string()));
        }
        if shares.is_empty() || self.seeds.is_empty() {
            return Err(unusable("shares and seeds", "one or more of each", "none".to_owned()));
        }
        shares.sort_by(f64::total_cmp);
        shares.dedup();
        let mut runs = Vec::new();
        for share in shares {
            for &seed in &self.seeds {
                let part = part(documents, share, seed);
                if part.iter().all(|document| document.entities().is_empty()) {
                    let found = format!("none in {} of {}", part.len(), documents.len());
                    let error = unusable("train", "documents with entities", found);
                    return Err(error);
                }
                let count = part.len();
                let sentences = part.iter().map(|document| document.sentences().len()).sum();
                let run = tuner(seed)?.train([part]).run()?;
                let scores = run.test().map_or(&run.best().evaluation.scores, |test| &test.scores);
                let f1 = scores.strict().micro.f1.unwrap_or_default();
                let run = LearningRun { share, seed, documents: count, sentences, f1 };
                each(&run);
                runs.push(run);
            }
        }
        Ok(runs)
    }
}

/// The first documents of the order of a seed, one at least, in the order of the corpus.
fn part(documents: &[Document], share: f64, seed: u64) -> Vec<Document> {
    let order = BatchPlan::windows(1).shuffled(seed).batches(&vec![1; documents.len()], 0);
    let count = ((share * documents.len() as f64).round() as usize).max(1);
    let mut chosen: Vec<usize> = order.into_iter().flatten().take(count).collect();
    chosen.sort_unstable();
    chosen.into_iter().filter_map(|index| documents.get(index).cloned()).collect()
}

fn unusable(place: &str, expected: &str, found: String) -> PipelineError {
    PipelineError::Data {
        place: place.to_owned(),
        expected: expected.to_owned(),
        found,
        hint: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn names(documents: &[Document]) -> BTreeSet<String> {
        documents.iter().map(|document| document.text().to_owned()).collect()
    }

    #[test]
    fn a_part_contains_the_smaller_ones_of_its_seed() {
        let documents: Vec<Document> = (0..40)
            .map(|index| {
                let mut builder = Document::builder();
                builder.push_word(&index.to_string());
                builder.untagged()
            })
            .collect();
        for seed in 0..5 {
            let parts = [0.01, 0.125, 0.25, 0.5, 1.0].map(|share| part(&documents, share, seed));
            assert_eq!(parts.each_ref().map(Vec::len), [1, 5, 10, 20, 40]);
            for pair in parts.windows(2) {
                assert!(names(&pair[0]).is_subset(&names(&pair[1])));
            }
            assert_eq!(part(&documents, 0.25, seed), parts[2]);
        }
        assert_ne!(names(&part(&documents, 0.25, 0)), names(&part(&documents, 0.25, 1)));
    }
}
