//! Reading, the model and what follows it at the same time.

use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, scope};

use ner_align_core::{AlignmentCounts, CorpusReader};
use ner_align_train::WordScores;

use super::ahead::{self, Ahead, Chunk, End};
use super::{FoundChunk, FoundEntity, Predictor};
use crate::PipelineError;

/// What [`Predictor::predict_each`] leaves when the source has ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Predicted<R> {
    /// The source, read to its end.
    pub reader: R,
    /// What became of the words.
    pub counts: AlignmentCounts,
}

/// A chunk with what the model says of its words.
type Scored<N> = (Chunk<N>, WordScores);

impl Predictor {
    /// Sends the documents of a reader through the model, and hands them on with its annotation in
    /// place of theirs, in their order. Reading, cutting into subtokens, the model, and decoding with
    /// `each` run at the same time, a thread for each; the model runs on the caller's. Memory is
    /// bounded: no more than a chunk lies between two of them.
    ///
    /// `note` says what `each` is to know of the reader as it was after the documents of a chunk.
    /// A chunk ends early where the next document may have to be waited for and the model is idle.
    /// Chunks are those of [`Predictor::stream`] otherwise.
    ///
    /// `None` if `each` breaks off. The thread that reads then ends with what it waits for.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/counting/mod.rs"));
    /// # use std::ops::ControlFlow;
    /// # use ner_align_pipeline::PipelineError;
    /// # fn main() -> Result<(), PipelineError> {
    /// # let model = predictor();
    /// let lines = model.text_lines("Python\nSQL\n".as_bytes(), "texts");
    /// let mut texts = Vec::new();
    /// let predicted = model.predict_each(lines, |_| (), |chunk, ()| {
    ///     texts.extend(chunk.into_iter().map(|(document, _entities)| document.text().to_owned()));
    ///     Ok::<_, PipelineError>(ControlFlow::Continue(()))
    /// })?;
    /// assert_eq!(texts, ["Python", "SQL"]);
    /// assert_eq!(predicted.map(|predicted| predicted.counts.words), Some(2));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the reader, the model and `each` report. The documents before an error of the reader
    /// come first.
    pub fn predict_each<R, N, E>(
        &self,
        reader: R,
        note: fn(&R) -> N,
        each: impl FnMut(FoundChunk, N) -> Result<ControlFlow<()>, E> + Send,
    ) -> Result<Option<Predicted<R>>, E>
    where
        R: CorpusReader + Send + 'static,
        N: Send + 'static,
        E: From<PipelineError> + Send,
    {
        let (sender, ahead) = sync_channel(1);
        ahead::start(reader, note, self.codec.windows().clone(), sender.clone())?;
        let (scored, results) = sync_channel(1);
        scope(|scope| {
            let handing_on = Builder::new().name("results".to_owned()).spawn_scoped(scope, || {
                let _wake = StopAtEnd(sender);
                self.hand_on(results, each)
            });
            let handing_on =
                handing_on.map_err(|error| PipelineError::io("thread \"results\"", error))?;
            let end = self.score_all(&ahead, &scored);
            drop(scored);
            let handed_on = handing_on.join().unwrap_or_else(|panic| resume_unwind(panic))?;
            let (Some(counts), Some(end)) = (handed_on, end) else { return Ok(None) };
            match end {
                End::Whole(reader) => Ok(Some(Predicted { reader, counts })),
                End::Failed(error) => Err(error.into()),
                End::Panicked(panic) => resume_unwind(panic),
            }
        })
    }

    /// Sends all chunks through the model; `None` if nobody takes the results any more.
    fn score_all<R, N>(
        &self,
        ahead: &Receiver<Ahead<R, N>>,
        scored: &SyncSender<Scored<N>>,
    ) -> Option<End<R>> {
        loop {
            match ahead.recv().ok()? {
                Ahead::Chunk(chunk) => match self.score_words(&chunk.dataset) {
                    Ok(scores) => scored.send((chunk, scores)).ok()?,
                    Err(error) => return Some(End::Failed(error)),
                },
                Ahead::End(end) => return Some(end),
                Ahead::Stop => return None,
            }
        }
    }

    /// Decodes what the model said, and hands it on; `None` if `each` breaks off.
    fn hand_on<N, E: From<PipelineError>>(
        &self,
        results: Receiver<Scored<N>>,
        mut each: impl FnMut(FoundChunk, N) -> Result<ControlFlow<()>, E>,
    ) -> Result<Option<AlignmentCounts>, E> {
        let mut counts = AlignmentCounts::default();
        for (Chunk { mut documents, dataset, note }, scores) in results {
            let alternatives =
                self.write_back(&mut documents, &dataset, scores, self.alternatives)?;
            counts.add(&dataset.counts);
            let found = FoundEntity::of_each(&documents, alternatives);
            if each(documents.into_iter().zip(found).collect(), note)?.is_break() {
                return Ok(None);
            }
        }
        Ok(Some(counts))
    }
}

/// Wakes the model where it waits for documents, as whoever takes its results ends.
struct StopAtEnd<R, N>(SyncSender<Ahead<R, N>>);

impl<R, N> Drop for StopAtEnd<R, N> {
    fn drop(&mut self) {
        // Where there is no room, the model does not wait.
        let _ = self.0.try_send(Ahead::Stop);
    }
}
