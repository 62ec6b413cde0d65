//! Documents from a source to data sets, on all threads and in bounded memory.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

use ner_align_core::{Dataset, Document};

use super::Preparer;
use crate::SubwordError;

/// Words, or documents where those have none, of a share of a stream: enough that handing it on
/// costs nothing, little enough to stay in a thread's caches.
const WORDS_PER_SHARE: usize = 1 << 14;

/// Shares beside one for each thread that are read, or wait for those before them.
const SHARES_AHEAD: usize = 2;

impl Preparer<'_> {
    /// Documents from a source, prepared on all threads while more are read: memory does not grow
    /// with the corpus. `next` gives the documents until it gives `None`; `each` gets the data sets
    /// in order, of which a document's index counts from the source's first one. Both are called on
    /// the thread of the caller.
    ///
    /// ```
    /// # use ner_align_core::{Document, Label, LabelSet, Scheme};
    /// # use ner_align_subword::{Aligner, HfTokenizer, Preparer, Strategy, SubwordError};
    /// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tokenizers/wordpiece");
    /// # let tokenizer = HfTokenizer::from_dir(folder)?;
    /// # let labels = LabelSet::new(Label::new("LOC"), Scheme::Iob2);
    /// # let aligner = Aligner::new(Strategy::First, &labels)?;
    /// let mut sentences = ["in", "Oslo", "today"].into_iter();
    /// let mut next = || {
    ///     Ok(sentences.next().map(|word| {
    ///         let mut builder = Document::builder();
    ///         builder.push_word(word);
    ///         builder.untagged()
    ///     }))
    /// };
    /// let mut words = 0;
    /// Preparer::new(&tokenizer, &aligner, &labels).stream(&mut next, |dataset| {
    ///     words += dataset.counts.words;
    ///     Ok::<(), SubwordError>(())
    /// })?;
    /// assert_eq!(words, 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Preparer::dataset`], and those of `next` and `each`; the first one ends it. Documents
    /// before the one that cannot be read are handed on.
    pub fn stream<E: From<SubwordError>>(
        &self,
        next: &mut dyn FnMut() -> Result<Option<Document>, E>,
        each: impl FnMut(Dataset) -> Result<(), E>,
    ) -> Result<(), E> {
        self.stream_map(next, |dataset| dataset, each)
    }

    /// As [`Preparer::stream`], with work on each data set, such as the making of
    /// [lines](crate::WindowLines), that is done on the thread that prepared it.
    ///
    /// # Errors
    /// As [`Preparer::stream`].
    pub fn stream_map<T: Send, E: From<SubwordError>>(
        &self,
        next: &mut dyn FnMut() -> Result<Option<Document>, E>,
        work: impl Fn(Dataset) -> T + Sync,
        mut each: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        self.plan()?;
        let at_once = rayon::current_num_threads() + SHARES_AHEAD;
        let work = &work;
        rayon::in_place_scope(|scope| {
            let mut shares: VecDeque<Share<T>> = VecDeque::with_capacity(at_once);
            let (mut first, mut end) = (0, None);
            loop {
                // What is done leaves at once; what is not is waited for only where nothing can be
                // read meanwhile.
                while let Some(share) = shares.front() {
                    let must_wait = end.is_some() || shares.len() >= at_once;
                    match share.done(must_wait) {
                        Ok(done) => each(done?)?,
                        Err(TryRecvError::Empty) => break,
                        // It panicked, which the scope passes on.
                        Err(TryRecvError::Disconnected) => return Ok(()),
                    }
                    shares.pop_front();
                }
                if let Some(end) = end {
                    return end;
                }
                let (documents, read) = read_some(next);
                end = read;
                if documents.is_empty() {
                    continue;
                }
                let (sender, receiver) = sync_channel(1);
                shares.push_back(Share(receiver));
                let start = first;
                first += documents.len();
                scope.spawn(move |_| {
                    // Nobody waits for it after an error.
                    let _ = sender.send(self.share(start, &documents).map(work));
                });
            }
        })
    }

    /// The data set of some documents, of which the first has this index, on one thread.
    fn share(&self, first: usize, documents: &[Document]) -> Result<Dataset, SubwordError> {
        self.part(first, documents, &self.plan()?).map(|part| self.dataset_of(part))
    }
}

/// What becomes of documents on another thread.
struct Share<T>(Receiver<Result<T, SubwordError>>);

impl<T> Share<T> {
    /// What became of them, unless that takes longer and is not to be waited for.
    fn done(&self, wait: bool) -> Result<Result<T, SubwordError>, TryRecvError> {
        loop {
            match self.0.try_recv() {
                Err(TryRecvError::Empty) if wait => {}
                done => return done,
            }
            // A caller that is one of the threads lends a hand: there may be no other.
            match rayon::yield_now() {
                None => return self.0.recv().map_err(|_| TryRecvError::Disconnected),
                Some(rayon::Yield::Executed) => {}
                Some(rayon::Yield::Idle) => std::thread::yield_now(),
            }
        }
    }
}

/// The next documents, and how the source ended, if it did.
fn read_some<E>(
    next: &mut dyn FnMut() -> Result<Option<Document>, E>,
) -> (Vec<Document>, Option<Result<(), E>>) {
    let (mut documents, mut words) = (Vec::new(), 0);
    while words < WORDS_PER_SHARE && documents.len() < WORDS_PER_SHARE {
        match next() {
            Ok(Some(document)) => {
                words += document.len();
                documents.push(document);
            }
            Ok(None) => return (documents, Some(Ok(()))),
            Err(error) => return (documents, Some(Err(error))),
        }
    }
    (documents, None)
}

#[cfg(test)]
mod tests;
