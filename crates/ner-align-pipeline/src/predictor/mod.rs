//! Entities of texts, words and documents, by a fine-tuned model.

mod entity;
mod resumable;
mod stream;
mod texts;

use std::path::Path;
use std::sync::Arc;

use ner_align_core::{AlignmentCounts, Dataset, Document, LabelSet, Score, Tag, WordSplitting};
use ner_align_corpus::words::WordSplitter;
use ner_align_subword::{Aggregate, HfTokenizer};
use ner_align_train::{Decoding, Evaluation, Prediction, evaluate, predict};

pub use entity::FoundEntity;
pub use resumable::{OutputIdentity, ResumableOutput};
pub use stream::PredictionStream;
use texts::Cutting;
pub use texts::{TextLines, Texts};

use crate::PipelineError;
use crate::backend::{Backend, BoxedClassifier, OpenedModel};
use crate::codec::Codec;
use crate::model_folder::{ModelMeta, check_is_folder};
use crate::settings::{Computing, Decode};

/// The default number of subtokens that go through the model at a time.
pub const BATCH_SUBTOKENS: usize = 4096;

/// A fine-tuned model, ready to find entities.
///
/// It makes the windows that the model was trained on and decodes within the tag scheme. Threads
/// share it, and do not wait for each other; each call also computes on several threads by itself.
///
/// | setting | default | |
/// |---|---|---|
/// | [`decode`](Self::with_decode) | constrained | how scores of words become tags |
/// | [`aggregate`](Self::with_aggregate) | first | how scores of subtokens become scores of words |
/// | [`sentences`](Self::with_sentences) | no | cut texts into sentences |
/// | [`batch_subtokens`](Self::with_batch_subtokens) | 4096 | subtokens in a batch |
pub struct Predictor {
    model: BoxedClassifier,
    codec: Codec,
    meta: ModelMeta,
    cutting: Cutting,
    batch_subtokens: usize,
}

impl std::fmt::Debug for Predictor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Predictor")
            .field("codec", &self.codec)
            .field("cutting", &self.cutting)
            .field("batch_subtokens", &self.batch_subtokens)
            .finish_non_exhaustive()
    }
}

impl Predictor {
    /// Opens a model folder of ner-align or transformers with a backend of the caller's choice.
    ///
    /// # Errors
    /// A folder without a fine-tuned model or a tokenizer, a `meta.json` that cannot be read, or a
    /// device that the machine lacks.
    pub fn open_with(
        backend: &dyn Backend,
        folder: impl AsRef<Path>,
        computing: &Computing,
    ) -> Result<Self, PipelineError> {
        let folder = folder.as_ref();
        check_is_folder(folder)?;
        let mut meta = ModelMeta::read(folder)?;
        let model = backend.open(folder, computing)?;
        let tokenizer = HfTokenizer::from_dir(folder)?;
        meta.codec = meta.codec.fitted(backend.shape(folder)?.longest_window, &tokenizer);
        Self::new(model, tokenizer, meta)
    }

    /// A predictor of a model in memory.
    ///
    /// # Errors
    /// [`PipelineError::Data`] if the model has another number of classes than labels, and
    /// [`PipelineError::Subword`] if its strategy needs a class that it lacks.
    pub fn new(
        model: OpenedModel,
        tokenizer: HfTokenizer,
        meta: ModelMeta,
    ) -> Result<Self, PipelineError> {
        let OpenedModel { classifier, labels } = model;
        if classifier.num_labels() != labels.len() {
            return Err(PipelineError::Data {
                place: "model".to_owned(),
                expected: format!("a model of {} classes, as there are labels", labels.len()),
                found: format!("one of {}", classifier.num_labels()),
                hint: None,
            });
        }
        let words = WordSplitter::new(&meta.codec.words)?;
        // Whatever the scores of the folder rest on, prediction keeps to the scheme by default.
        let codec =
            Codec::new(meta.codec.clone(), tokenizer, labels)?.with_decode(Decode::Constrained);
        Ok(Self {
            model: classifier,
            codec,
            meta,
            cutting: Cutting { words: Arc::new(words), in_sentences: false },
            batch_subtokens: BATCH_SUBTOKENS,
        })
    }

    /// Turns scores of words into tags in this way.
    #[must_use]
    pub fn with_decode(mut self, decode: Decode) -> Self {
        self.codec = self.codec.with_decode(decode);
        self
    }

    /// Turns scores of subtokens into scores of words in this way.
    #[must_use]
    pub fn with_aggregate(mut self, aggregate: Aggregate) -> Self {
        self.codec = self.codec.with_aggregate(aggregate);
        self
    }

    /// Cuts texts into sentences before they become windows.
    #[must_use]
    pub const fn with_sentences(mut self, yes: bool) -> Self {
        self.cutting.in_sentences = yes;
        self
    }

    /// Cuts texts into words in this way, instead of that of the model's training.
    ///
    /// # Errors
    /// [`PipelineError::Corpus`] for a pattern that is not a regular expression.
    pub fn with_words(mut self, words: &WordSplitting) -> Result<Self, PipelineError> {
        self.cutting.words = Arc::new(WordSplitter::new(words)?);
        Ok(self)
    }

    /// Sends up to this many subtokens through the model at a time; one window always goes.
    #[must_use]
    pub const fn with_batch_subtokens(mut self, subtokens: usize) -> Self {
        self.batch_subtokens = subtokens;
        self
    }

    /// The classes of the model, by id.
    #[must_use]
    pub const fn labels(&self) -> &LabelSet {
        self.codec.labels()
    }

    /// What the model's folder says of its training.
    #[must_use]
    pub const fn meta(&self) -> &ModelMeta {
        &self.meta
    }

    /// The tokenizer of the model.
    #[must_use]
    pub const fn tokenizer(&self) -> &HfTokenizer {
        self.codec.tokenizer()
    }

    /// The entities of a text, by position.
    ///
    /// # Errors
    /// Errors of the tokenizer and the model.
    pub fn entities(&self, text: &str) -> Result<Vec<FoundEntity>, PipelineError> {
        let mut documents = [self.document(text)?];
        self.annotate(&mut documents)?;
        Ok(FoundEntity::all_of(&documents[0]))
    }

    /// The entities of each text. Several texts share a batch, so that this is faster than one
    /// text at a time.
    ///
    /// # Errors
    /// As [`Predictor::entities`].
    pub fn entities_of_each<S: AsRef<str>>(
        &self,
        texts: &[S],
    ) -> Result<Vec<Vec<FoundEntity>>, PipelineError> {
        let mut documents =
            texts.iter().map(|text| self.document(text.as_ref())).collect::<Result<Vec<_>, _>>()?;
        self.annotate(&mut documents)?;
        Ok(documents.iter().map(FoundEntity::all_of).collect())
    }

    /// One tag for each word of a sentence, in the scheme of [`Predictor::labels`].
    ///
    /// # Errors
    /// As [`Predictor::entities`].
    pub fn tags<S: AsRef<str>>(&self, words: &[S]) -> Result<Vec<Tag>, PipelineError> {
        let mut builder = Document::builder();
        words.iter().for_each(|word| builder.push_word(word.as_ref()));
        let mut documents = [builder.untagged()];
        self.annotate(&mut documents)?;
        let [document] = documents;
        Ok(document.tags().map(|(tags, _)| tags.to_vec()).unwrap_or_default())
    }

    /// A text with its words, and its sentences where texts are cut into them.
    ///
    /// # Errors
    /// [`PipelineError::Data`] if the words do not fit the text, which no splitter of the toolkit
    /// causes.
    pub fn document(&self, text: &str) -> Result<Document, PipelineError> {
        self.cutting.document(text.to_owned())
    }

    /// The lines of a plain text as documents of this predictor's kind; `name` is the path in
    /// messages.
    pub fn text_lines<R: std::io::Read>(&self, reader: R, name: impl Into<String>) -> TextLines<R> {
        TextLines::new(reader, name.into(), self.cutting.clone())
    }

    /// Replaces the annotation of the documents by the model's: tags, and entities with scores.
    /// Says what became of the words on the way.
    ///
    /// The score of an entity is the mean probability of its words' classes; a word without
    /// subtokens is `O`.
    ///
    /// # Errors
    /// As [`Predictor::entities`].
    pub fn annotate(&self, documents: &mut [Document]) -> Result<AlignmentCounts, PipelineError> {
        let dataset = self.codec.preparer().without_gold().dataset(documents)?;
        // Only the loss needs all subtokens, and nobody reads it here.
        let decoding = self.codec.decoding().with_all_subtokens(false);
        let predictions = predict(&*self.model, &dataset, decoding, self.batch_subtokens)?;
        write_back(documents, &dataset, predictions.sentences)?;
        Ok(dataset.counts)
    }

    /// The number of sentences that make a document of an unmarked corpus for this model: `asked`, or
    /// that of training if the model sees the text around a sentence.
    #[must_use]
    pub fn sentences_per_document(&self, asked: Option<usize>) -> Option<usize> {
        let codec = &self.meta.codec;
        asked.or(codec.sees_documents().then_some(codec.sentences_per_document))
    }

    /// Scores the model on annotated documents, and replaces their annotation by the model's.
    ///
    /// Gold spans that fit no words are in no score; the counts say how many there were.
    ///
    /// # Errors
    /// As [`Predictor::entities`].
    pub fn evaluate(
        &self,
        documents: &mut [Document],
    ) -> Result<(Evaluation, AlignmentCounts), PipelineError> {
        let dataset = self.codec.encode(documents)?;
        let (evaluation, predictions) =
            self.score(&dataset, self.codec.decoding(), self.batch_subtokens)?;
        write_back(documents, &dataset, predictions)?;
        Ok((evaluation, dataset.counts))
    }

    /// Scores the model on windows that a codec like its own made.
    pub(crate) fn score(
        &self,
        dataset: &Dataset,
        decoding: Decoding<'_>,
        batch_subtokens: usize,
    ) -> Result<(Evaluation, Vec<Prediction>), PipelineError> {
        Ok(evaluate(&*self.model, dataset, decoding, batch_subtokens)?)
    }
}

/// Replaces the documents' annotation by predictions.
fn write_back(
    documents: &mut [Document],
    dataset: &Dataset,
    predictions: Vec<Prediction>,
) -> Result<(), PipelineError> {
    let mut tags: Vec<Vec<Tag>> = documents.iter().map(|d| Vec::with_capacity(d.len())).collect();
    let mut probabilities: Vec<Vec<f32>> = vec![Vec::new(); documents.len()];
    for (sentence, prediction) in dataset.sentences.iter().zip(predictions) {
        tags[sentence.document].extend(prediction.tags);
        probabilities[sentence.document].extend(prediction.probabilities);
    }
    let scheme = dataset.labels.scheme();
    for ((document, tags), words) in documents.iter_mut().zip(tags).zip(probabilities) {
        document.set_tags(tags, scheme).map_err(|error| PipelineError::Data {
            place: "prediction".to_owned(),
            expected: "one tag a word".to_owned(),
            found: error.to_string(),
            hint: None,
        })?;
        // Gold spans that fit no words are no predictions.
        document.set_unaligned(Vec::new());
        let scores: Vec<Option<Score>> = document
            .entities()
            .iter()
            .map(|entity| Score::mean(words.get(entity.span.range()).unwrap_or_default()))
            .collect();
        document.set_scores(scores);
    }
    Ok(())
}
