//! Requests of many clients, joined into batches.
//!
//! One thread for each model takes what waits, computes it as one batch and answers. What arrives
//! meanwhile is the next batch. Texts of different requests take turns, so that a request of many
//! texts does not keep the others waiting.

mod turns;
mod work;
mod worker;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::oneshot;

use crate::error::ServeError;
use crate::metrics::Metrics;
use crate::models::Slot;
use crate::options::Batching;
use turns::Job;
pub(crate) use turns::JobError;
pub(crate) use work::{TextFound, Work};

/// What was found in each text of a request.
pub(crate) type Found = Vec<TextFound>;

/// Why a request is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// The way to the thread of one model.
#[derive(Debug)]
pub(crate) struct Batcher {
    queue: Arc<Queue>,
    most: usize,
}

/// What waits for the thread.
#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    /// Requests that wait or are computed.
    pending: AtomicUsize,
}

#[derive(Debug, Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    closed: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Batcher {
    /// Starts the thread of a model, which takes at most `most` requests at a time.
    pub(crate) fn start(
        slot: Arc<Slot>,
        batching: Batching,
        most: usize,
        metrics: Arc<Metrics>,
    ) -> Result<Self, ServeError> {
        let queue = Arc::new(Queue::default());
        let worker = worker::Worker::new(slot, Arc::clone(&queue), batching, metrics);
        thread::Builder::new()
            .name("ner-align-batches".to_owned())
            .spawn(move || worker.run())
            .map_err(ServeError::Thread)?;
        Ok(Self { queue, most })
    }

    /// Requests that wait or are computed.
    pub(crate) fn pending(&self) -> usize {
        self.queue.pending.load(Ordering::Relaxed)
    }

    /// What a model finds in texts. Dropping the future takes the request back, as far as it is not
    /// computed yet.
    pub(crate) async fn found(
        &self,
        texts: Vec<String>,
        work: Work,
    ) -> Result<Result<Found, JobError>, Full> {
        if texts.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let entered = Entered::new(&self.queue, self.most).ok_or(Full)?;
        let (sender, receiver) = oneshot::channel();
        self.queue.lock().jobs.push_back(Job::new(texts, work, sender));
        self.queue.arrived.notify_one();
        let answer = receiver.await.unwrap_or_else(|_| Err(JobError::panicked()));
        drop(entered);
        Ok(answer)
    }
}

impl Drop for Batcher {
    /// The thread answers what waits, and ends.
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.arrived.notify_all();
    }
}

/// A request that counts as pending until this is dropped.
struct Entered<'a>(&'a Queue);

impl<'a> Entered<'a> {
    fn new(queue: &'a Queue, most: usize) -> Option<Self> {
        let more = |pending| (pending < most).then_some(pending + 1);
        let entered = queue.pending.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        entered.is_ok().then(|| Self(queue))
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.pending.fetch_sub(1, Ordering::Relaxed);
    }
}
