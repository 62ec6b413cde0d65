//! Documents that are read, and made windows of, on threads of their own, ahead of the model.
//!
//! The threads are detached: a source that waits for input, as a pipe does, keeps nobody else
//! waiting when a prediction ends early. They end when the source next gives something.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;

use ner_align_core::{CorpusReader, Dataset, Document};

use super::stream::{is_full, source_error};
use crate::PipelineError;
use crate::codec::WindowMaker;

/// What the threads have for the model, in order.
pub(super) enum Ahead<R, N> {
    Chunk(Chunk<N>),
    End(End<R>),
    /// Nobody needs more.
    Stop,
}

/// Documents that go through the model together.
pub(super) struct Chunk<N> {
    pub(super) documents: Vec<Document>,
    pub(super) dataset: Dataset,
    /// What the caller noted of the reader after these documents.
    pub(super) note: N,
}

/// How the source ended.
pub(super) enum End<R> {
    Whole(R),
    Failed(PipelineError),
    Panicked(Box<dyn Any + Send>),
}

/// Starts the threads.
pub(super) fn start<R, N>(
    reader: R,
    note: fn(&R) -> N,
    windows: WindowMaker,
    sender: SyncSender<Ahead<R, N>>,
) -> Result<(), PipelineError>
where
    R: CorpusReader + Send + 'static,
    N: Send + 'static,
{
    let queue = Arc::new(Queue::default());
    let filled = Arc::clone(&queue);
    spawn("reading", move || {
        let read = catch_unwind(AssertUnwindSafe(|| read(reader, note, &filled)));
        if let Some((end, note)) = read.unwrap_or_else(|panic| Some((End::Panicked(panic), None))) {
            filled.end(end, note);
        }
    })?;
    spawn("windows", move || {
        let made = catch_unwind(AssertUnwindSafe(|| make_windows(&queue, &windows, &sender)));
        // Whoever fills the queue is to find it closed.
        queue.close();
        if let Some(end) = made.unwrap_or_else(|panic| Some(End::Panicked(panic))) {
            // The model may be gone.
            let _ = sender.send(Ahead::End(end));
        }
    })
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), PipelineError> {
    let spawned = Builder::new().name(name.to_owned()).spawn(work);
    spawned.map(drop).map_err(|error| PipelineError::io(format!("thread {name:?}"), error))
}

/// Reads to the end; `None` if nobody takes documents any more.
fn read<R: CorpusReader, N>(
    mut reader: R,
    note: fn(&R) -> N,
    queue: &Queue<R, N>,
) -> Option<(End<R>, Option<N>)> {
    loop {
        match reader.read_document() {
            Ok(Some(document)) => {
                if !queue.push(document, note(&reader), reader.would_wait()) {
                    return None;
                }
            }
            Ok(None) => {
                let last = note(&reader);
                return Some((End::Whole(reader), Some(last)));
            }
            Err(error) => return Some((End::Failed(source_error(error)), Some(note(&reader)))),
        }
    }
}

/// Makes windows to the end; `None` if the model takes no more.
fn make_windows<R, N>(
    queue: &Queue<R, N>,
    windows: &WindowMaker,
    sender: &SyncSender<Ahead<R, N>>,
) -> Option<End<R>> {
    loop {
        let (documents, note, end) = queue.take();
        if let Some(note) = note.filter(|_| !documents.is_empty()) {
            let dataset = match windows.preparer().without_gold().dataset(&documents) {
                Ok(dataset) => dataset,
                Err(error) => return Some(End::Failed(error.into())),
            };
            sender.send(Ahead::Chunk(Chunk { documents, dataset, note })).ok()?;
        }
        if end.is_some() {
            return end;
        }
    }
}

/// Documents that were read and are no windows yet: one chunk at most.
struct Queue<R, N> {
    state: Mutex<State<R, N>>,
    changed: Condvar,
}

struct State<R, N> {
    documents: Vec<Document>,
    bytes: usize,
    note: Option<N>,
    /// The next document may have to be waited for.
    waits: bool,
    end: Option<End<R>>,
    closed: bool,
}

impl<R, N> Default for Queue<R, N> {
    fn default() -> Self {
        let state = State {
            documents: Vec::new(),
            bytes: 0,
            note: None,
            waits: false,
            end: None,
            closed: false,
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }
}

impl<R, N> Queue<R, N> {
    /// Waits until this is so.
    fn when(&self, ready: impl Fn(&State<R, N>) -> bool) -> MutexGuard<'_, State<R, N>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.changed
            .wait_while(state, |state| !ready(state))
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a document once there is room; false if nobody takes documents any more.
    fn push(&self, document: Document, note: N, waits: bool) -> bool {
        let mut state = self.when(|state| state.closed || !state.is_full());
        if state.closed {
            return false;
        }
        state.bytes += document.text().len();
        state.documents.push(document);
        (state.note, state.waits) = (Some(note), waits);
        if waits || state.is_full() {
            self.changed.notify_one();
        }
        true
    }

    fn end(&self, end: End<R>, note: Option<N>) {
        let mut state = self.when(|_| true);
        state.end = Some(end);
        state.note = note.or_else(|| state.note.take());
        self.changed.notify_one();
    }

    fn close(&self) {
        self.when(|_| true).closed = true;
        self.changed.notify_one();
    }

    /// A full chunk; fewer documents where the next one may have to be waited for, and at the end.
    fn take(&self) -> (Vec<Document>, Option<N>, Option<End<R>>) {
        let ready = |state: &State<R, N>| {
            let some = !state.documents.is_empty();
            state.end.is_some() || state.is_full() || (some && state.waits)
        };
        let mut state = self.when(ready);
        state.bytes = 0;
        self.changed.notify_one();
        (std::mem::take(&mut state.documents), state.note.take(), state.end.take())
    }
}

impl<R, N> State<R, N> {
    fn is_full(&self) -> bool {
        is_full(self.documents.len(), self.bytes)
    }
}
