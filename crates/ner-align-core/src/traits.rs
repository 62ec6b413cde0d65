//! The contract between the crates: one trait for each step from a corpus file to scores.
//!
//! | step | trait | called by | implemented in |
//! |---|---|---|---|
//! | file to documents | [`CorpusReader`] | all that read a corpus | `ner-align-corpus` |
//! | entities to tags and back | [`TagScheme`] | code that is generic over schemes | this crate |
//! | words to subtokens | [`SubwordTokenizer`] | preparation of windows | `ner-align-subword` |
//! | tags to subtoken labels | [`LabelAligner`] | preparation of windows | `ner-align-subword` |
//! | batches to logits | [`TokenClassifier`] | prediction, evaluation | `ner-align-tch` |
//! | batches to new weights | [`TrainStep`] | the training loop | `ner-align-tch` |
//! | logits to scores of words | [`PieceAggregator`] | prediction, evaluation | `ner-align-subword` |
//! | scores of words to classes | [`TagDecoder`] | prediction, evaluation | `ner-align-subword` |
//! | gold and predicted to scores | [`Metric`] | evaluation, scoring | `ner-align-metrics` |
//! | documents to a file | [`CorpusWriter`] | conversion, prediction | `ner-align-corpus` |
//!
//! Each trait says who calls its methods and in which order, which is what an implementation may
//! rely on.

use std::path::Path;

use ndarray::{Array2, ArrayView2, ArrayViewMut1};

use crate::{
    Batch, DecodeMode, Decoded, Document, Encoding, Entity, Finding, Rows, SchemeError, SoftRows,
    SoftTarget, SpecialTokens, Tag, TransitionScores,
};

/// An error of any type that can be sent between threads, for traits that other crates implement.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// A source of documents.
///
/// Whoever reads a corpus (conversion, checks, training, prediction) calls
/// [`CorpusReader::read_document`] until it returns `Ok(None)` or an error, and
/// [`CorpusReader::take_findings`] at any time between, at least once at the end. After `Ok(None)`
/// it returns `Ok(None)` again; after an error the result of further calls is unspecified. A reader
/// starts at the beginning of its input and cannot be rewound.
///
/// ```
/// use std::convert::Infallible;
///
/// use ner_align_core::{CorpusReader, Document};
///
/// /// One document for each line, its words separated by white space.
/// struct Lines(std::vec::IntoIter<&'static str>);
///
/// impl CorpusReader for Lines {
///     type Error = Infallible;
///
///     fn read_document(&mut self) -> Result<Option<Document>, Infallible> {
///         Ok(self.0.next().map(|line| {
///             let mut builder = Document::builder();
///             line.split_whitespace().for_each(|word| builder.push_word(word));
///             builder.untagged()
///         }))
///     }
/// }
///
/// let mut reader = Lines(vec!["Ada wrote", "Oslo"].into_iter());
/// let lengths: Result<Vec<usize>, _> = reader.documents().map(|d| d.map(|d| d.len())).collect();
/// assert_eq!(lengths, Ok(vec![2, 1]));
/// ```
pub trait CorpusReader {
    /// The error of reading, which says where in the input it is.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The next document, or `None` at the end.
    ///
    /// # Errors
    /// Input that cannot be read or is ill-formed.
    fn read_document(&mut self) -> Result<Option<Document>, Self::Error>;

    /// The findings since the last call: input that was accepted, but not read as written.
    ///
    /// By default there are none.
    fn take_findings(&mut self) -> Vec<Finding> {
        Vec::new()
    }

    /// True if the next call of [`CorpusReader::read_document`] may block until input arrives, as
    /// at a pipe.
    ///
    /// A caller that processes several documents at once asks this before each read, and processes
    /// those that it has if the answer is yes. By default it is no.
    fn would_wait(&self) -> bool {
        false
    }

    /// An iterator over the remaining documents. It ends after the first error.
    fn documents(&mut self) -> Documents<'_, Self>
    where
        Self: Sized,
    {
        Documents { reader: self, done: false }
    }
}

impl<R: CorpusReader + ?Sized> CorpusReader for Box<R> {
    type Error = R::Error;

    fn read_document(&mut self) -> Result<Option<Document>, Self::Error> {
        (**self).read_document()
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        (**self).take_findings()
    }

    fn would_wait(&self) -> bool {
        (**self).would_wait()
    }
}

impl<R: CorpusReader + ?Sized> CorpusReader for &mut R {
    type Error = R::Error;

    fn read_document(&mut self) -> Result<Option<Document>, Self::Error> {
        (**self).read_document()
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        (**self).take_findings()
    }

    fn would_wait(&self) -> bool {
        (**self).would_wait()
    }
}

/// Iterator over a reader's documents; see [`CorpusReader::documents`].
#[derive(Debug)]
pub struct Documents<'a, R: CorpusReader> {
    reader: &'a mut R,
    done: bool,
}

impl<R: CorpusReader> Iterator for Documents<'_, R> {
    type Item = Result<Document, R::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.reader.read_document().transpose();
        self.done = !matches!(next, Some(Ok(_)));
        next
    }
}

/// A destination of documents.
///
/// Whoever writes a corpus (conversion, prediction) calls [`CorpusWriter::write_document`] for each
/// document in order, then [`CorpusWriter::finish`] once. After an error, or if the caller gives
/// up, it drops the writer without `finish`; the output is then incomplete or missing.
pub trait CorpusWriter {
    /// The error of writing.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Writes one document.
    ///
    /// # Errors
    /// A full disk or another failure of writing, or annotation that the format cannot express.
    fn write_document(&mut self, document: &Document) -> Result<(), Self::Error>;

    /// Writes what is buffered and completes the output.
    ///
    /// # Errors
    /// As [`CorpusWriter::write_document`].
    fn finish(&mut self) -> Result<(), Self::Error>;
}

impl<W: CorpusWriter + ?Sized> CorpusWriter for Box<W> {
    type Error = W::Error;

    fn write_document(&mut self, document: &Document) -> Result<(), Self::Error> {
        (**self).write_document(document)
    }

    fn finish(&mut self) -> Result<(), Self::Error> {
        (**self).finish()
    }
}

/// A way to write entities as one tag for each word.
///
/// [`Scheme`](crate::Scheme) implements it and has the same methods itself. The trait is for code
/// that accepts other schemes too. The methods are independent of each other, and every call
/// concerns one sentence.
pub trait TagScheme: Sync {
    /// The name in configurations and messages.
    fn name(&self) -> &'static str;

    /// True if `next` may directly follow `previous`. `None` is the start or the end of the
    /// sentence.
    fn is_legal(&self, previous: Option<&Tag>, next: Option<&Tag>) -> bool;

    /// The tags of a sentence of `words` words, one for each word. `entities` have spans in words
    /// of the sentence and may come in any order.
    ///
    /// # Errors
    /// [`SchemeError`] if entities overlap or do not fit the sentence.
    fn encode(&self, entities: &[Entity], words: usize) -> Result<Vec<Tag>, SchemeError>;

    /// The entities of a sentence, and where its tags violate the scheme.
    fn decode(&self, tags: &[Tag], mode: DecodeMode) -> Decoded;

    /// The tags of a word's subtokens, one for each. Together they are legal wherever the word's
    /// tag is.
    fn spread(&self, tag: &Tag, subtokens: usize) -> Vec<Tag>;
}

/// Splits words into subtokens.
///
/// The preparation of windows calls [`SubwordTokenizer::special_tokens`] to plan the windows, then
/// [`SubwordTokenizer::encode_words`] for each sentence or document, from several threads at once.
/// [`SubwordTokenizer::token`] serves displays and messages only.
pub trait SubwordTokenizer: Sync {
    /// Appends one entry for each word to `encoding`, with the ids of its subtokens; a word without
    /// subtokens gets an empty entry. Adds no special tokens.
    ///
    /// # Errors
    /// Errors of the tokenizer.
    fn encode_words(&self, words: &[&str], encoding: &mut Encoding) -> Result<(), BoxError>;

    /// The special tokens that the model expects around each window.
    fn special_tokens(&self) -> &SpecialTokens;

    /// The text of a subtoken id; `None` for an id outside the vocabulary.
    fn token(&self, id: u32) -> Option<String>;
}

/// Assigns the labels of words to their subtokens.
///
/// The preparation of windows calls [`LabelAligner::align_word`] for each word of a sentence, in
/// order, from several threads at once. Training and evaluation ask
/// [`LabelAligner::labels_continuations`] once, to know which subtokens the loss includes.
pub trait LabelAligner: Sync {
    /// Appends the class ids of a word's subtokens to `out`, `subtokens` of them, with
    /// [`crate::IGNORE_INDEX`] for a subtoken that is not trained on. `class_of` returns the class
    /// id of a tag, or `None` for a tag that is not a class.
    fn align_word(
        &self,
        tag: &Tag,
        subtokens: usize,
        class_of: &dyn Fn(&Tag) -> Option<usize>,
        out: &mut Vec<i64>,
    );

    /// True if subtokens after the first of a word get labels too.
    fn labels_continuations(&self) -> bool;
}

/// Combines the logits of a word's subtokens into the scores of the word.
///
/// Prediction and evaluation ask [`PieceAggregator::rows`] once, then call
/// [`PieceAggregator::aggregate`] once for each word that has subtokens, in the order of the
/// batches.
pub trait PieceAggregator: Sync {
    /// The subtokens whose logits it needs: [`Rows::FirstOfOwned`] or [`Rows::AllOfOwned`].
    fn rows(&self) -> Rows;

    /// Computes a word's log-probabilities, `[classes]`, from the logits of its subtokens in order,
    /// `[subtokens, classes]`. The logits are those of the first subtoken only, or of all, as
    /// [`PieceAggregator::rows`] says.
    fn aggregate(&self, logits: ArrayView2<'_, f32>, log_probabilities: ArrayViewMut1<'_, f32>);
}

/// Chooses a class for each word of a sentence from the words' scores.
///
/// Prediction and evaluation call it once for each sentence: [`TagDecoder::decode_chain`] first if
/// the model has transition scores, and [`TagDecoder::decode`] if it has none or `decode_chain`
/// returned `None`.
pub trait TagDecoder: Sync {
    /// The class id of each word. `log_probabilities` is `[words, classes]`. A word that the model
    /// did not see, because it has no subtokens, has a row of `NaN` and gets the class of `O`.
    fn decode(&self, log_probabilities: ArrayView2<'_, f32>) -> Vec<usize>;

    /// As [`TagDecoder::decode`], with the model's transition scores. By default it returns `None`,
    /// as a decoder does that chooses each class independently.
    fn decode_chain(
        &self,
        _log_probabilities: ArrayView2<'_, f32>,
        _transitions: &TransitionScores,
    ) -> Option<Vec<usize>> {
        None
    }
}

/// A model that classifies subtokens.
///
/// Prediction and evaluation call [`TokenClassifier::num_labels`] and
/// [`TokenClassifier::transition_scores`] once, then [`TokenClassifier::logits`] for each batch,
/// the longest windows first. Evaluation happens between steps of training, so weights may differ
/// from one evaluation to the next, but not within one.
pub trait TokenClassifier {
    /// The error of the backend.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Number of classes.
    fn num_labels(&self) -> usize;

    /// The logits of [`Batch::rows`], `[rows, num_labels]` in their order, computed without
    /// dropout.
    ///
    /// # Errors
    /// Errors of the backend.
    fn logits(&self, batch: &Batch) -> Result<Array2<f32>, Self::Error>;

    /// The transition scores of a model with a CRF. By default `None`: the model scores each word
    /// independently.
    ///
    /// # Errors
    /// Errors of the backend.
    fn transition_scores(&self) -> Result<Option<TransitionScores>, Self::Error> {
        Ok(None)
    }
}

/// The input of one optimizer step.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct StepInput<'a> {
    /// The batches of the step. Their gradients are accumulated; the loss is the mean over the
    /// labelled rows of all batches together.
    pub batches: &'a [Batch],
    /// Rows that have no class but a distribution or several: a list for each batch, or no list at
    /// all. In [`Batch::targets`] they have [`IGNORE_INDEX`](crate::IGNORE_INDEX). They count as
    /// labelled rows.
    pub soft: &'a [SoftRows],
    /// Number of the step in the run, from 0. Randomness of a step, such as dropout, must depend
    /// only on the model's seed and this number, so that a resumed run equals an uninterrupted one.
    pub step: usize,
    /// Learning rate of the step; a model may scale it for some of its layers.
    pub learning_rate: f64,
}

impl<'a> StepInput<'a> {
    /// The input of the step with this number, from 0.
    #[must_use]
    pub const fn new(batches: &'a [Batch], step: usize, learning_rate: f64) -> Self {
        Self { batches, soft: &[], step, learning_rate }
    }

    /// The same step with rows that have soft targets, a list for each batch.
    #[must_use]
    pub const fn with_soft(mut self, soft: &'a [SoftRows]) -> Self {
        self.soft = soft;
        self
    }

    /// The batches with the soft targets of each.
    pub fn parts(&self) -> impl Iterator<Item = (&'a Batch, &'a [(usize, SoftTarget)])> + use<'a> {
        let (batches, soft) = (self.batches, self.soft);
        let of = move |index| soft.get(index).map_or(&[][..], Vec::as_slice);
        batches.iter().enumerate().map(move |(index, batch)| (batch, of(index)))
    }
}

/// The result of one optimizer step.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct StepOutput {
    /// Mean loss over the labelled rows with the weights before the step: the cross-entropy, or for
    /// a CRF the negative log-likelihood of the windows' paths divided by the number of rows.
    pub loss: f64,
    /// Euclidean norm of all gradients together, before clipping.
    pub gradient_norm: f64,
}

impl StepOutput {
    /// A step with this loss and this norm of its gradients.
    #[must_use]
    pub const fn new(loss: f64, gradient_norm: f64) -> Self {
        Self { loss, gradient_norm }
    }
}

/// A model that can be trained.
///
/// The training loop calls [`TrainStep::train_step`] with steps in ascending order. Between steps
/// it evaluates with the methods of [`TokenClassifier`], and saves: [`TrainStep::save`] alone for
/// the best and the last model, [`TrainStep::save`] and then [`TrainStep::save_state`] for a
/// checkpoint. To resume a run it builds the model as for a new run and calls
/// [`TrainStep::restore`] once before the first step.
pub trait TrainStep: TokenClassifier {
    /// Computes the loss of the labelled rows and its gradients, and updates the weights once.
    ///
    /// # Errors
    /// Errors of the backend.
    fn train_step(&mut self, input: StepInput<'_>) -> Result<StepOutput, Self::Error>;

    /// True if [`StepInput::soft`] is learned. By default it is not, and the training loop refuses
    /// data with soft targets.
    fn learns_soft_targets(&self) -> bool {
        false
    }

    /// Writes the weights and the model's configuration into `directory`, which exists.
    ///
    /// # Errors
    /// A failure of writing, or errors of the backend.
    fn save(&self, directory: &Path) -> Result<(), Self::Error>;

    /// Writes the optimizer's state into `directory`: all that the next step depends on and
    /// [`TrainStep::save`] leaves out.
    ///
    /// # Errors
    /// As [`TrainStep::save`].
    fn save_state(&self, directory: &Path) -> Result<(), Self::Error>;

    /// Loads the weights and the state that [`TrainStep::save`] and [`TrainStep::save_state`] wrote
    /// into one directory. The next step then has the same result as in an uninterrupted run.
    ///
    /// # Errors
    /// Files that are missing, damaged or from another model.
    fn restore(&mut self, directory: &Path) -> Result<(), Self::Error>;
}

/// Accumulates examples and computes scores of them.
///
/// Whoever scores adds examples in any order. To use several threads, each fills its own
/// accumulator, and [`Metric::merge`] adds them up; the order does not matter. [`Metric::compute`]
/// may be called at any time and does not change the accumulator.
pub trait Metric: Clone + Send {
    /// One sentence or document of gold and predicted annotation.
    type Example: ?Sized;
    /// The result.
    type Score;
    /// The error of a pair that cannot be counted.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Counts one pair.
    ///
    /// # Errors
    /// A pair that cannot be counted, such as two sides of different lengths. Nothing of it is
    /// counted then.
    fn update(
        &mut self,
        gold: &Self::Example,
        predicted: &Self::Example,
    ) -> Result<(), Self::Error>;

    /// Adds the counts of another accumulator; associative and commutative.
    fn merge(&mut self, other: Self);

    /// The scores of all pairs so far.
    fn compute(&self) -> Self::Score;
}
