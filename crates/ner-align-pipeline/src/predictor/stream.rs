//! Any number of documents through a model, in order and in bounded memory.

use std::collections::VecDeque;

use ner_align_core::{AlignmentCounts, CorpusReader, Document};

use super::annotation::Alternatives;
use super::{FoundEntity, Predictor, Texts};
use crate::PipelineError;

/// Documents that are read and predicted together at most.
const CHUNK_DOCUMENTS: usize = 256;
/// Bytes of text after which a chunk is full.
const CHUNK_BYTES: usize = 1 << 18;

/// True if documents with so much text are to go through the model.
pub(super) const fn is_full(documents: usize, bytes: usize) -> bool {
    documents >= CHUNK_DOCUMENTS || bytes >= CHUNK_BYTES
}

impl Predictor {
    /// The documents of a reader with the model's annotation in place of theirs, as an iterator
    /// that reads ahead by one chunk: up to 256 documents or 256 KiB of text. It reads and predicts
    /// in turns; [`Predictor::predict_each`] does both at once.
    ///
    /// The documents before an error come first, then the error, then nothing.
    pub fn stream<R: CorpusReader>(&self, reader: R) -> PredictionStream<'_, R> {
        PredictionStream {
            predictor: self,
            reader,
            ready: VecDeque::new(),
            failed: None,
            ended: false,
            counts: AlignmentCounts::default(),
        }
    }

    /// The texts of a program as documents with the model's annotation; see [`Predictor::stream`].
    pub fn stream_texts<I>(&self, texts: I) -> PredictionStream<'_, Texts<I::IntoIter>>
    where
        I: IntoIterator<Item: Into<String>>,
    {
        self.stream(Texts::new(texts.into_iter(), self.cutting.clone()))
    }
}

/// Documents that went through the model together, each with its entities.
pub type FoundChunk = Vec<(Document, Vec<FoundEntity>)>;

/// Documents with the model's annotation, in the order of their source; see
/// [`Predictor::stream`].
#[derive(Debug)]
pub struct PredictionStream<'p, R> {
    predictor: &'p Predictor,
    reader: R,
    ready: VecDeque<(Document, Alternatives)>,
    /// The error that stopped the reader; it comes after the documents before it.
    failed: Option<PipelineError>,
    ended: bool,
    counts: AlignmentCounts,
}

impl<R: CorpusReader> PredictionStream<'_, R> {
    /// What became of the words so far.
    #[must_use]
    pub const fn counts(&self) -> &AlignmentCounts {
        &self.counts
    }

    /// The source of the documents.
    pub const fn reader(&mut self) -> &mut R {
        &mut self.reader
    }

    /// Skips documents of the source. Returns how many it skipped: fewer than `documents` if the
    /// source ends.
    ///
    /// # Errors
    /// What the reader reports.
    pub fn skip_documents(&mut self, documents: usize) -> Result<usize, PipelineError> {
        for skipped in 0..documents {
            if self.reader.read_document().map_err(source_error)?.is_none() {
                return Ok(skipped);
            }
        }
        Ok(documents)
    }

    /// The next documents that go through the model together; `None` at the end.
    ///
    /// A chunk ends early where the next document may have to be waited for, so that what has
    /// arrived is answered.
    ///
    /// # Errors
    /// What the reader and the model report.
    pub fn next_chunk(&mut self) -> Result<Option<Vec<Document>>, PipelineError> {
        let chunk = self.annotated()?;
        Ok(chunk.map(|chunk| chunk.into_iter().map(|(document, _)| document).collect()))
    }

    /// As [`PredictionStream::next_chunk`], each document with its entities, which have alternatives
    /// if [asked for](Predictor::with_alternatives).
    ///
    /// # Errors
    /// What the reader and the model report.
    pub fn next_chunk_found(&mut self) -> Result<Option<FoundChunk>, PipelineError> {
        let with_entities = |(document, alternatives)| {
            let found = FoundEntity::all_of(&document, alternatives);
            (document, found)
        };
        let chunk = self.annotated()?;
        Ok(chunk.map(|chunk| chunk.into_iter().map(with_entities).collect()))
    }

    fn annotated(&mut self) -> Result<Option<VecDeque<(Document, Alternatives)>>, PipelineError> {
        if !self.ready.is_empty() {
            return Ok(Some(std::mem::take(&mut self.ready)));
        }
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let (mut documents, mut bytes) = (Vec::new(), 0);
        while !self.ended && !is_full(documents.len(), bytes) {
            if !documents.is_empty() && self.reader.would_wait() {
                break;
            }
            match self.reader.read_document() {
                Ok(Some(document)) => {
                    bytes += document.text().len();
                    documents.push(document);
                }
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    self.failed = Some(source_error(error));
                }
            }
        }
        if documents.is_empty() {
            return self.failed.take().map_or(Ok(None), Err);
        }
        match self.predictor.annotate_all(&mut documents, self.predictor.alternatives) {
            Ok((counts, alternatives)) => {
                self.counts.add(&counts);
                Ok(Some(documents.into_iter().zip(alternatives).collect()))
            }
            Err(error) => {
                self.ended = true;
                self.failed = None;
                Err(error)
            }
        }
    }
}

impl<R: CorpusReader> Iterator for PredictionStream<'_, R> {
    type Item = Result<Document, PipelineError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty() {
            match self.annotated() {
                Ok(Some(chunk)) => self.ready = chunk,
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
        self.ready.pop_front().map(|(document, _)| Ok(document))
    }
}

/// An error of a reader, as it was where the reader is one of the toolkit's.
pub(super) fn source_error<E: std::error::Error + Send + Sync + 'static>(
    error: E,
) -> PipelineError {
    PipelineError::from_source(Box::new(error))
}
