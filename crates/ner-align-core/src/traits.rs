//! The contract between the crates: one trait for each arrow on a sentence's way.

use std::path::Path;

use ndarray::{Array2, ArrayView2, ArrayViewMut1};

use crate::{
    Batch, DecodeMode, Decoded, Document, Encoding, Entity, Finding, Rows, SchemeError,
    SpecialTokens, Tag, TransitionScores,
};

/// Any error, sendable between threads; for traits that third parties implement.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// A source of documents. The caller pulls until `Ok(None)`, which stays; after an error the
/// reader need not go on.
pub trait CorpusReader {
    /// Errors with their place.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The next document, or `None` at the end.
    ///
    /// # Errors
    /// Input that cannot be read, with its place.
    fn read_document(&mut self) -> Result<Option<Document>, Self::Error>;

    /// What was read in another way than it was written, since the last call.
    fn take_findings(&mut self) -> Vec<Finding> {
        Vec::new()
    }

    /// True if the next document may have to be waited for, as at a pipe. Who hands documents on
    /// several at a time then hands on those that there are.
    fn would_wait(&self) -> bool {
        false
    }

    /// The documents as an iterator, which ends after the first error.
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

/// A destination of documents. The caller writes each, then calls `finish` once.
pub trait CorpusWriter {
    /// Errors of writing.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Writes one document.
    ///
    /// # Errors
    /// A full disk, or annotation that the format cannot express.
    fn write_document(&mut self, document: &Document) -> Result<(), Self::Error>;

    /// Writes what is pending.
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

/// A way to write entities as tags.
pub trait TagScheme: Sync {
    /// Name as on the command line.
    fn name(&self) -> &'static str;

    /// True if `next` may stand right after `previous`; `None` is the edge of the sentence.
    fn is_legal(&self, previous: Option<&Tag>, next: Option<&Tag>) -> bool;

    /// One tag a word of a sentence of `words` words.
    ///
    /// # Errors
    /// [`SchemeError`] if entities overlap or do not fit.
    fn encode(&self, entities: &[Entity], words: usize) -> Result<Vec<Tag>, SchemeError>;

    /// The entities of a sentence, and where its tags break the scheme.
    fn decode(&self, tags: &[Tag], mode: DecodeMode) -> Decoded;

    /// The tags of a word's subtokens: legal wherever the word's own tag is.
    fn spread(&self, tag: &Tag, subtokens: usize) -> Vec<Tag>;
}

/// Cuts words into subtokens.
pub trait SubwordTokenizer: Sync {
    /// Appends the subtokens of each word to `encoding`, one entry a word.
    ///
    /// # Errors
    /// Whatever the tokenizer reports.
    fn encode_words(&self, words: &[&str], encoding: &mut Encoding) -> Result<(), BoxError>;

    /// What frames a sequence.
    fn special_tokens(&self) -> &SpecialTokens;

    /// The text of a subtoken id.
    fn token(&self, id: u32) -> Option<String>;
}

/// Gives subtokens the labels of their words.
pub trait LabelAligner: Sync {
    /// Appends to `out` the class ids of one word's subtokens, [`crate::IGNORE_INDEX`] where
    /// nothing is to be learned. `class_of` gives a tag's class.
    fn align_word(
        &self,
        tag: &Tag,
        subtokens: usize,
        class_of: &dyn Fn(&Tag) -> Option<usize>,
        out: &mut Vec<i64>,
    );

    /// True if continuation subtokens carry labels of their own.
    fn labels_continuations(&self) -> bool;
}

/// Turns the logits of a word's subtokens into one row of scores of the word.
pub trait PieceAggregator: Sync {
    /// Which subtokens it must see: [`Rows::FirstOfOwned`] or [`Rows::AllOfOwned`].
    fn rows(&self) -> Rows;

    /// Writes a word's log-probabilities, `[classes]`, from the logits of its subtokens in order,
    /// `[subtokens, classes]`: the first one alone or all of them, as [`PieceAggregator::rows`]
    /// says.
    fn aggregate(&self, logits: ArrayView2<'_, f32>, log_probabilities: ArrayViewMut1<'_, f32>);
}

/// Turns scores of words into class ids.
pub trait TagDecoder: Sync {
    /// The classes of one sentence's words. `log_probabilities` is `[words, classes]`; a word that
    /// the model did not see has a row of `NaN` and gets the class of `O`.
    fn decode(&self, log_probabilities: ArrayView2<'_, f32>) -> Vec<usize>;

    /// The same for a model that scores neighbouring classes, too. `None` from a decoder that
    /// looks at each word by itself; [`TagDecoder::decode`] is asked then.
    fn decode_chain(
        &self,
        _log_probabilities: ArrayView2<'_, f32>,
        _transitions: &TransitionScores,
    ) -> Option<Vec<usize>> {
        None
    }
}

/// A model that classifies subtokens.
pub trait TokenClassifier {
    /// Errors of the backend.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Number of classes.
    fn num_labels(&self) -> usize;

    /// Logits of the batch's rows, `[rows, num_labels]`, dropout off.
    ///
    /// # Errors
    /// Whatever the backend reports.
    fn logits(&self, batch: &Batch) -> Result<Array2<f32>, Self::Error>;

    /// What the model has learned of neighbouring classes, as a CRF does; `None` if words are
    /// independent.
    ///
    /// # Errors
    /// Whatever the backend reports.
    fn transition_scores(&self) -> Result<Option<TransitionScores>, Self::Error> {
        Ok(None)
    }
}

/// What one optimizer step is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepInput<'a> {
    /// Batches whose gradients are added up. The loss is the mean over the labelled rows of all
    /// of them together.
    pub batches: &'a [Batch],
    /// Number of the step, from 0. What is random in a step depends on the model's seed and this
    /// number alone, so that a run can be taken up again.
    pub step: usize,
    /// Rate of the step.
    pub learning_rate: f64,
}

/// What one optimizer step did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepOutput {
    /// Mean loss over the labelled rows, before the step: cross-entropy, or of a CRF the negative
    /// log-likelihood of the windows' paths, shared out over their rows.
    pub loss: f64,
    /// Norm of all gradients together, before clipping.
    pub gradient_norm: f64,
}

/// A model that learns.
pub trait TrainStep: TokenClassifier {
    /// Forward, backward and one optimizer step on the labelled rows.
    ///
    /// # Errors
    /// Whatever the backend reports.
    fn train_step(&mut self, input: StepInput<'_>) -> Result<StepOutput, Self::Error>;

    /// Writes the weights and their configuration into `directory`, which exists.
    ///
    /// # Errors
    /// A full disk, or whatever the backend reports.
    fn save(&self, directory: &Path) -> Result<(), Self::Error>;

    /// Writes into `directory` what [`TrainStep::save`] leaves out and the next step depends on:
    /// the optimizer's state.
    ///
    /// # Errors
    /// As [`TrainStep::save`].
    fn save_state(&self, directory: &Path) -> Result<(), Self::Error>;

    /// Takes up weights and state that `save` and `save_state` wrote into one directory; the next
    /// step is then the one that it would have been.
    ///
    /// # Errors
    /// Files that are missing, damaged or another model's.
    fn restore(&mut self, directory: &Path) -> Result<(), Self::Error>;
}

/// An accumulator of scores.
pub trait Metric: Clone + Send {
    /// One sentence or document of gold and predicted annotation.
    type Example: ?Sized;
    /// The result.
    type Score;

    /// Counts one pair.
    fn update(&mut self, gold: &Self::Example, predicted: &Self::Example);

    /// Adds the counts of another accumulator; associative and commutative.
    fn merge(&mut self, other: Self);

    /// The scores of all pairs so far.
    fn compute(&self) -> Self::Score;
}
