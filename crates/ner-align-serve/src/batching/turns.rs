//! Whose turn it is: the texts of the next batch.

use std::collections::VecDeque;

use ner_align_pipeline::{FaultKind, PipelineError};
use tokio::sync::oneshot;

use super::Found;
use super::work::Work;

/// Why the texts of a request have no entities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JobError {
    /// The text is at fault, and not the server.
    pub(crate) of_input: bool,
    pub(crate) message: String,
}

impl JobError {
    pub(crate) fn panicked() -> Self {
        Self { of_input: false, message: "the model panicked".to_owned() }
    }
}

impl From<PipelineError> for JobError {
    fn from(error: PipelineError) -> Self {
        Self { of_input: error.kind() == FaultKind::Input, message: error.to_string() }
    }
}

/// The texts of a request on their way through the model.
#[derive(Debug)]
pub(super) struct Job {
    texts: Vec<String>,
    work: Work,
    /// Texts that are in a batch or were.
    taken: usize,
    found: Found,
    answer: oneshot::Sender<Result<Found, JobError>>,
}

impl Job {
    pub(super) const fn new(
        texts: Vec<String>,
        work: Work,
        answer: oneshot::Sender<Result<Found, JobError>>,
    ) -> Self {
        Self { texts, work, taken: 0, found: Vec::new(), answer }
    }
}

/// Requests that are being computed, in the order of their turns.
#[derive(Debug, Default)]
pub(super) struct Turns(VecDeque<Job>);

/// The texts of one batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Batch {
    /// The number of each request among those that are computed, and of its text.
    pub(super) places: Vec<(usize, usize)>,
    /// What all of them ask; `None` for an empty batch.
    pub(super) work: Option<Work>,
}

impl Turns {
    pub(super) fn extend(&mut self, jobs: impl IntoIterator<Item = Job>) {
        self.0.extend(jobs);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets the requests whose clients wait no more.
    pub(super) fn forget_abandoned(&mut self) {
        self.0.retain(|job| !job.answer.is_closed());
    }

    /// The next batch: a text of each request in turn, until it is full. One text always goes.
    /// Requests that ask something else than the first wait for the next batch.
    pub(super) fn next_batch(&mut self, most_texts: usize, most_chars: usize) -> Batch {
        let (mut batch, mut chars, mut left_out) = (Batch::default(), 0, false);
        while !left_out {
            let before = batch.places.len();
            for (index, job) in self.0.iter_mut().enumerate() {
                let Some(text) = job.texts.get(job.taken) else { continue };
                let work = match &batch.work {
                    None => Some(job.work.clone()),
                    Some(work) => work.joined(&job.work),
                };
                let Some(work) = work else { continue };
                // Bytes are an upper bound of code points, and cost nothing.
                let more = text.len();
                let full = batch.places.len() >= most_texts || chars + more > most_chars;
                if full && !batch.places.is_empty() {
                    left_out = true;
                    break;
                }
                batch.places.push((index, job.taken));
                batch.work = Some(work);
                job.taken += 1;
                chars += more;
            }
            left_out |= batch.places.len() == before;
        }
        batch
    }

    /// The texts of a batch.
    pub(super) fn texts(&self, batch: &Batch) -> Vec<&str> {
        batch.places.iter().map(|&(job, text)| self.0[job].texts[text].as_str()).collect()
    }

    /// The texts that a batch has of each request, and the numbers of these in the batch.
    pub(super) fn by_job(&self, batch: &Batch) -> Vec<(usize, Vec<usize>)> {
        let mut jobs: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut order: Vec<usize> = (0..batch.places.len()).collect();
        order.sort_by_key(|&at| batch.places[at]);
        for at in order {
            let job = batch.places[at].0;
            match jobs.last_mut() {
                Some((last, texts)) if *last == job => texts.push(at),
                _ => jobs.push((job, vec![at])),
            }
        }
        jobs
    }

    /// Takes the outcome of the texts that a batch had of each request. Requests that are complete
    /// or failed are answered and leave; the others wait for their next turn.
    pub(super) fn settle(
        &mut self,
        outcomes: impl IntoIterator<Item = (usize, Result<Found, JobError>)>,
    ) {
        let mut outcomes: Vec<_> = outcomes.into_iter().collect();
        outcomes.sort_by_key(|(job, _)| *job);
        let mut outcomes = outcomes.into_iter().peekable();
        let (mut rest, mut served) = (VecDeque::new(), VecDeque::new());
        for (index, mut job) in std::mem::take(&mut self.0).into_iter().enumerate() {
            match outcomes.next_if(|(of, _)| *of == index) {
                None => rest.push_back(job),
                // A client that waits no more takes no answer.
                Some((_, Err(error))) => drop(job.answer.send(Err(error))),
                Some((_, Ok(found))) => {
                    job.found.extend(found);
                    if job.found.len() == job.texts.len() {
                        drop(job.answer.send(Ok(job.found)));
                    } else {
                        served.push_back(job);
                    }
                }
            }
        }
        // Those that had no turn are the next.
        rest.append(&mut served);
        self.0 = rest;
    }
}

#[cfg(test)]
mod tests {
    use ner_align_pipeline::PipelineOptions;

    use super::super::work::TextFound;
    use super::*;

    const ENTITIES: Work = Work::Entities { alternatives: 0 };

    fn turns(jobs: &[&[&str]]) -> (Turns, Vec<oneshot::Receiver<Result<Found, JobError>>>) {
        let (mut turns, mut receivers) = (Turns::default(), Vec::new());
        for texts in jobs {
            let (sender, receiver) = oneshot::channel();
            let texts = texts.iter().map(ToString::to_string).collect();
            turns.extend([Job::new(texts, ENTITIES, sender)]);
            receivers.push(receiver);
        }
        (turns, receivers)
    }

    fn none() -> TextFound {
        TextFound::Entities(Vec::new())
    }

    /// Computes until nothing is left; the texts of each batch.
    fn batches(turns: &mut Turns, texts: usize, chars: usize) -> Vec<String> {
        let mut shown = Vec::new();
        while !turns.is_empty() {
            let batch = turns.next_batch(texts, chars);
            shown.push(turns.texts(&batch).join(" "));
            let found = turns.by_job(&batch).into_iter();
            let found: Vec<_> =
                found.map(|(job, texts)| (job, Ok(vec![none(); texts.len()]))).collect();
            turns.settle(found);
        }
        shown
    }

    #[test]
    fn requests_take_turns() {
        let many: &[&str] = &["a1", "a2", "a3", "a4", "a5"];
        for (jobs, texts, chars, expected) in [
            (&[many, &["b1"], &["c1", "c2"]][..], 3, 99, &["a1 b1 c1", "a2 c2 a3", "a4 a5"][..]),
            (&[many], 2, 99, &["a1 a2", "a3 a4", "a5"]),
            (&[many, &["b1"]], 9, 4, &["a1 b1", "a2 a3", "a4 a5"]),
            (&[&["longer than a batch"], &["b"]], 9, 4, &["longer than a batch", "b"]),
            (&[&["b"], &["longer than a batch"]], 9, 4, &["b", "longer than a batch"]),
            (&[&["", ""]], 9, 0, &[" "]),
            (&[many], 0, 0, &["a1", "a2", "a3", "a4", "a5"]),
        ] {
            let (mut turns, mut receivers) = turns(jobs);
            assert_eq!(batches(&mut turns, texts, chars), expected, "{jobs:?} {texts} {chars}");
            for (receiver, texts) in receivers.iter_mut().zip(jobs) {
                assert_eq!(receiver.try_recv().unwrap().unwrap().len(), texts.len());
            }
        }
    }

    #[test]
    fn a_failure_is_that_of_its_request() {
        let (mut turns, mut receivers) = turns(&[&["a"], &["b", "c"], &["d"]]);
        turns.next_batch(9, 9);
        turns.settle([
            (0, Ok(vec![none()])),
            (1, Err(JobError::panicked())),
            (2, Ok(vec![none()])),
        ]);
        assert!(turns.is_empty());
        let answers = receivers.iter_mut().map(|receiver| receiver.try_recv().unwrap().is_ok());
        assert_eq!(answers.collect::<Vec<_>>(), [true, false, true]);
    }

    #[test]
    fn a_batch_is_of_one_kind() {
        let (mut turns, mut receivers) = (Turns::default(), Vec::new());
        let pipeline = || Work::Pipeline(PipelineOptions::default());
        let other = Work::Pipeline(PipelineOptions::default().with_stride(Some(1)));
        for (text, work) in [
            ("a", ENTITIES),
            ("b", pipeline()),
            ("c", Work::Entities { alternatives: 3 }),
            ("d", other.clone()),
            ("e", pipeline()),
        ] {
            let (sender, receiver) = oneshot::channel();
            turns.extend([Job::new(vec![text.to_owned()], work, sender)]);
            receivers.push(receiver);
        }
        for (expected, work) in
            [("a c", Work::Entities { alternatives: 3 }), ("b e", pipeline()), ("d", other)]
        {
            let batch = turns.next_batch(9, 9);
            assert_eq!(
                (turns.texts(&batch).join(" "), batch.work.clone()),
                (expected.into(), Some(work))
            );
            let jobs = turns.by_job(&batch);
            turns.settle(jobs.into_iter().map(|(job, _)| (job, Ok(vec![none()]))));
        }
        assert!(turns.is_empty());
    }

    #[test]
    fn abandoned_requests_are_forgotten() {
        let (mut turns, mut receivers) = turns(&[&["a"], &["b"]]);
        receivers.remove(0);
        turns.forget_abandoned();
        let batch = turns.next_batch(9, 9);
        assert_eq!(turns.texts(&batch), ["b"]);
    }
}
