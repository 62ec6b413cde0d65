//! Entities of texts, words and documents, by a fine-tuned model.

mod ahead;
mod annotation;
mod choices;
mod entity;
mod evaluation;
mod probabilities;
mod relay;
mod resumable;
mod stream;
mod suggest;
mod texts;
mod thresholds;
mod transformers;

use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use ner_align_core::{AlignmentCounts, Dataset, Document, LabelSet, Tag};
use ner_align_corpus::words::WordSplitter;
use ner_align_subword::{HfTokenizer, SpanScorer};
use ner_align_train::{Decoding, WordScores, score_words};

pub use annotation::Alternative;
use annotation::{Alternatives, Annotator};
pub use entity::FoundEntity;
pub use relay::Predicted;
pub use resumable::{OutputIdentity, ResumableOutput};
pub use stream::{FoundChunk, PredictionStream};
pub use suggest::Suggestions;
use texts::Cutting;
pub use texts::{TextLines, Texts};
pub use thresholds::Thresholds;
pub use transformers::{
    AggregationStrategy, PipelineAnswer, PipelineEntity, PipelineInputs, PipelineOptions,
    PipelineRequest,
};

use crate::PipelineError;
use crate::backend::{Backend, BoxedClassifier, OpenedModel};
use crate::calibration::Calibration;
use crate::codec::Codec;
use crate::model_folder::{ModelMeta, check_is_folder};
use crate::settings::{Computing, Decode, Precision};

/// The default number of subtokens that go through the model at a time.
pub const BATCH_SUBTOKENS: usize = 4096;

/// A fine-tuned model, ready to find entities.
///
/// It makes the windows that the model was trained on and decodes within the tag scheme. Threads
/// share it, and do not wait for each other; each call also computes on several threads by itself.
///
/// The folder of another tool does not say the scheme. Where the names of the classes do not settle
/// it ([`LabelSet::settles_scheme`]), each word gets its best class instead: many public models were
/// trained on IOB1, and the rules of IOB2 would forbid what they learned.
///
/// | setting | default | |
/// |---|---|---|
/// | [`decode`](Self::with_decode) | constrained, or argmax where the scheme is not known | how scores of words become tags |
/// | [`aggregate`](Self::with_aggregate) | first | how scores of subtokens become scores of words |
/// | [`sentences`](Self::with_sentences) | no | cut texts into sentences |
/// | [`batch_subtokens`](Self::with_batch_subtokens) | 4096 | subtokens in a batch |
/// | [`thresholds`](Self::with_thresholds) | 0 | scores below which entities are dropped |
/// | [`alternatives`](Self::with_alternatives) | 0 | other readings given for each entity |
///
/// The score of an entity is the probability that exactly its words are an entity of its type, over
/// all tag sequences that the decoder may choose ([`SpanScorer`]), at the temperature of the model's
/// [`Calibration`].
pub struct Predictor {
    model: BoxedClassifier,
    codec: Codec,
    meta: ModelMeta,
    cutting: Cutting,
    batch_subtokens: usize,
    decode: Decode,
    scheme_is_known: bool,
    scorer: SpanScorer,
    calibration: Option<Calibration>,
    thresholds: Thresholds,
    alternatives: usize,
    /// Positions of the model, where a backend said so.
    longest_window: Option<usize>,
    /// What the model computes in, where a backend said so.
    precision: Option<Precision>,
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
        // The tokenizer is parsed while the weights are read; of two faults the model's is told.
        let (model, tokenizer) = thread::scope(|scope| {
            let tokenizer = scope.spawn(|| HfTokenizer::from_dir(folder));
            let model = backend.open(folder, computing);
            (model, tokenizer.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        let (model, tokenizer) = (model?, tokenizer?);
        let longest_window = backend.shape(folder)?.longest_window;
        meta.codec = meta.codec.fitted(longest_window, &tokenizer);
        let calibration = Calibration::read(folder)?;
        let predictor = Self::new(model, tokenizer, meta)?.with_calibration(calibration);
        Ok(Self { longest_window: Some(longest_window), ..predictor })
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
        let OpenedModel { classifier, labels, precision } = model;
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
        let scheme_is_known = meta.is_own() || labels.settles_scheme();
        let decode = if scheme_is_known { Decode::Constrained } else { Decode::Argmax };
        let codec = Codec::new(meta.codec.clone(), tokenizer, labels)?;
        let scorer = SpanScorer::constrained(codec.labels());
        let predictor = Self {
            model: classifier,
            codec,
            meta,
            cutting: Cutting { words: Arc::new(words), in_sentences: false },
            batch_subtokens: BATCH_SUBTOKENS,
            decode,
            scheme_is_known,
            scorer,
            calibration: None,
            thresholds: Thresholds::default(),
            alternatives: 0,
            longest_window: None,
            precision,
        };
        Ok(predictor.with_decode(decode))
    }

    /// What the model computes in, where `auto` left it to be chosen for the machine; `None` if the
    /// backend has no choice.
    #[must_use]
    pub const fn precision(&self) -> Option<Precision> {
        self.precision
    }

    /// How scores of words become tags.
    #[must_use]
    pub const fn decode(&self) -> Decode {
        self.decode
    }

    /// True if the scheme of the classes is known: from the folder, from the names of the classes, or
    /// from [`Predictor::with_scheme`].
    #[must_use]
    pub const fn scheme_is_known(&self) -> bool {
        self.scheme_is_known
    }

    /// The classes of the model, by id.
    #[must_use]
    pub const fn labels(&self) -> &LabelSet {
        self.codec.labels()
    }

    /// What the development data said of the model's scores; `None` for a model that was not
    /// calibrated.
    #[must_use]
    pub const fn calibration(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    /// The thresholds of entities' scores.
    #[must_use]
    pub const fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    /// What the model's folder says of its training.
    #[must_use]
    pub const fn meta(&self) -> &ModelMeta {
        &self.meta
    }

    /// The number of alternatives of each entity.
    #[must_use]
    pub const fn alternatives(&self) -> usize {
        self.alternatives
    }

    /// The tokenizer of the model.
    #[must_use]
    pub fn tokenizer(&self) -> &HfTokenizer {
        self.codec.tokenizer()
    }

    /// The entities of a text, by position.
    ///
    /// # Errors
    /// Errors of the tokenizer and the model.
    pub fn entities(&self, text: &str) -> Result<Vec<FoundEntity>, PipelineError> {
        let mut found = self.annotate_found(&mut [self.document(text)?])?;
        Ok(found.pop().unwrap_or_default())
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
        self.entities_with_alternatives(texts, self.alternatives)
    }

    /// As [`Predictor::entities_of_each`], with up to this many alternatives of each entity,
    /// whatever [`Predictor::with_alternatives`] says.
    ///
    /// # Errors
    /// As [`Predictor::entities`].
    pub fn entities_with_alternatives<S: AsRef<str>>(
        &self,
        texts: &[S],
        alternatives: usize,
    ) -> Result<Vec<Vec<FoundEntity>>, PipelineError> {
        let mut documents =
            texts.iter().map(|text| self.document(text.as_ref())).collect::<Result<Vec<_>, _>>()?;
        let (_, alternatives) = self.annotate_all(&mut documents, alternatives)?;
        Ok(FoundEntity::of_each(&documents, alternatives))
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
    /// A word without subtokens is `O`.
    ///
    /// # Errors
    /// As [`Predictor::entities`].
    pub fn annotate(&self, documents: &mut [Document]) -> Result<AlignmentCounts, PipelineError> {
        Ok(self.annotate_all(documents, 0)?.0)
    }

    /// As [`Predictor::annotate`]. Returns the entities of each document, with alternatives if
    /// [asked for](Self::with_alternatives).
    ///
    /// # Errors
    /// As [`Predictor::entities`].
    pub fn annotate_found(
        &self,
        documents: &mut [Document],
    ) -> Result<Vec<Vec<FoundEntity>>, PipelineError> {
        let (_, alternatives) = self.annotate_all(documents, self.alternatives)?;
        Ok(FoundEntity::of_each(documents, alternatives))
    }

    fn annotate_all(
        &self,
        documents: &mut [Document],
        alternatives: usize,
    ) -> Result<(AlignmentCounts, Vec<Alternatives>), PipelineError> {
        let dataset = self.codec.preparer().without_gold().dataset(documents)?;
        let scores = self.score_words(&dataset)?;
        Ok((dataset.counts, self.write_back(documents, &dataset, scores, alternatives)?))
    }

    /// What the model says of the words.
    fn score_words(&self, dataset: &Dataset) -> Result<WordScores, PipelineError> {
        Ok(score_words(&*self.model, dataset, self.decoding(), self.batch_subtokens)?)
    }

    /// Replaces the annotation of the documents by what the scores of their words say.
    fn write_back(
        &self,
        documents: &mut [Document],
        dataset: &Dataset,
        scores: WordScores,
        alternatives: usize,
    ) -> Result<Vec<Alternatives>, PipelineError> {
        let predictions = scores.decode(dataset, self.decoding())?;
        let annotator = self.annotator(&self.thresholds, alternatives);
        annotator.write_back(documents, dataset, &predictions)
    }

    /// How logits become tags where nobody reads a loss.
    fn decoding(&self) -> Decoding<'_> {
        self.codec.decoding().with_all_subtokens(false)
    }

    const fn annotator<'a>(
        &'a self,
        thresholds: &'a Thresholds,
        alternatives: usize,
    ) -> Annotator<'a> {
        Annotator { scorer: &self.scorer, thresholds, alternatives }
    }

    /// The number of sentences that make a document of an unmarked corpus for this model: `asked`, or
    /// that of training if the model sees the text around a sentence.
    #[must_use]
    pub fn sentences_per_document(&self, asked: Option<usize>) -> Option<usize> {
        let codec = &self.meta.codec;
        asked.or(codec.sees_documents().then_some(codec.sentences_per_document))
    }
}
