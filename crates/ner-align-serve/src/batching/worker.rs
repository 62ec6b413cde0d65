//! The thread that computes the batches of a model.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use ner_align_pipeline::Predictor;

use super::turns::{JobError, Turns};
use super::work::{TextFound, Work};
use super::{Found, Queue};
use crate::metrics::Metrics;
use crate::models::Slot;
use crate::options::Batching;

pub(super) struct Worker {
    slot: Arc<Slot>,
    queue: Arc<Queue>,
    batching: Batching,
    metrics: Arc<Metrics>,
    turns: Turns,
    /// Requests of the last batch. As many are worth waiting for: clients that were answered
    /// together tend to ask again together.
    expected: usize,
}

impl Worker {
    pub(super) fn new(
        slot: Arc<Slot>,
        queue: Arc<Queue>,
        batching: Batching,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { slot, queue, batching, metrics, turns: Turns::default(), expected: 1 }
    }

    /// Answers until the queue is closed and empty.
    pub(super) fn run(mut self) {
        while self.gather() {
            self.turns.forget_abandoned();
            let batch = self.turns.next_batch(self.batching.texts, self.batching.chars);
            let Some(work) = &batch.work else { continue };
            // A model that is replaced now serves this batch to its end.
            let model = self.slot.current();
            let jobs = self.turns.by_job(&batch);
            self.expected = jobs.len();
            let texts = self.turns.texts(&batch);
            let outcomes = outcomes(&model.predictor, work, &texts, &jobs);
            let found = outcomes.iter().filter_map(|(_, outcome)| outcome.as_ref().ok()).flatten();
            let labels = found.flat_map(TextFound::labels);
            self.metrics.batch(&self.slot.name, texts.len(), labels);
            self.turns.settle(outcomes);
        }
    }

    /// Takes what waits; waits for something if there is nothing to do. False at the end.
    fn gather(&mut self) -> bool {
        let mut waiting = self.queue.lock();
        while waiting.jobs.is_empty() && self.turns.is_empty() {
            if waiting.closed {
                return false;
            }
            waiting = self.queue.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let until = Instant::now() + self.batching.gather;
        while self.turns.len() + waiting.jobs.len() < self.expected && !waiting.closed {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.queue.arrived.wait_timeout(waiting, left);
            waiting = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        self.turns.extend(waiting.jobs.drain(..));
        true
    }
}

/// What becomes of the texts of each request. If the batch fails, each request is tried alone, so
/// that only the one at fault fails.
fn outcomes(
    predictor: &Predictor,
    work: &Work,
    texts: &[&str],
    jobs: &[(usize, Vec<usize>)],
) -> Vec<(usize, Result<Found, JobError>)> {
    let mut together = computed(predictor, work, texts);
    let alone = jobs.len() > 1;
    jobs.iter()
        .map(|(job, places)| {
            let outcome = match &mut together {
                Ok(found) => Ok(places.iter().filter_map(|&at| found[at].take()).collect()),
                Err(_) if alone => {
                    let texts: Vec<&str> = places.iter().map(|&at| texts[at]).collect();
                    computed(predictor, work, &texts)
                        .map(|found| found.into_iter().flatten().collect())
                }
                Err(error) => Err(error.clone()),
            };
            (*job, outcome)
        })
        .collect()
}

/// What is found in texts. A panic of the model is an error of these texts.
fn computed(
    predictor: &Predictor,
    work: &Work,
    texts: &[&str],
) -> Result<Vec<Option<TextFound>>, JobError> {
    // The predictor is not changed by a call, so that none can leave it in pieces.
    match catch_unwind(AssertUnwindSafe(|| work.compute(predictor, texts))) {
        Ok(found) => Ok(found?.into_iter().map(Some).collect()),
        Err(_) => Err(JobError::panicked()),
    }
}
