//! From windows through the model back to one tag per word.

use std::collections::BTreeSet;
use std::fmt;

use ndarray::{Array2, ArrayView2, Axis, s};
use ner_align_core::{
    Batch, BatchPlan, Dataset, GoldSentence, IGNORE_INDEX, Label, PieceAggregator, Rows, Tag,
    TagDecoder, TokenClassifier, TransitionScores, Window,
};

use crate::check::check_dataset;
use crate::error::TrainError;

/// The prediction for one sentence.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Prediction {
    /// One tag per word; `O` for a word without subtokens.
    pub tags: Vec<Tag>,
    /// Probability of each word's class, 0 to 1; 0 for a word without subtokens. With a model that
    /// has transitions and a decoder that uses them, the marginal probability of the class in the
    /// sentence; otherwise from the word's own scores.
    pub probabilities: Vec<f32>,
}

/// The predictions for a data set, and its loss where it has labels.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Predictions {
    /// One entry per sentence of the data set, in its order.
    pub sentences: Vec<Prediction>,
    /// The log-probabilities of each sentence's words, `[words, classes]`; a row of `NaN` for a word
    /// without subtokens.
    pub scores: Vec<Array2<f32>>,
    /// The transition scores by which sentences were decoded; `None` if words were decoded from
    /// their own scores.
    pub transitions: Option<TransitionScores>,
    /// Mean loss over all labelled subtokens: cross-entropy, or for a model with transitions the
    /// negative log-likelihood of the windows' paths. `None` without labels.
    pub loss: Option<f64>,
}

/// What a model says of the words of a data set, before tags are chosen. See [`score_words`].
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct WordScores {
    /// As [`Predictions::scores`].
    pub scores: Vec<Array2<f32>>,
    /// The transition scores of the model, if it has any.
    pub transitions: Option<TransitionScores>,
    /// As [`Predictions::loss`].
    pub loss: Option<f64>,
}

/// How logits become tags.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Decoding<'a> {
    /// From logits of subtokens to scores of words.
    pub aggregator: &'a dyn PieceAggregator,
    /// From scores of words to classes.
    pub decoder: &'a dyn TagDecoder,
    /// True if the loss covers all labelled subtokens, not only first ones.
    pub all_subtokens: bool,
    /// The entity types that are predicted; all if `None`. Words of others become `O`, where the data
    /// to score do not mark them.
    pub types: Option<&'a BTreeSet<Label>>,
}

impl<'a> Decoding<'a> {
    /// Decoding with a loss over first subtokens alone.
    #[must_use]
    pub const fn new(aggregator: &'a dyn PieceAggregator, decoder: &'a dyn TagDecoder) -> Self {
        Self { aggregator, decoder, all_subtokens: false, types: None }
    }

    /// Takes the loss over all labelled subtokens, not only first ones.
    #[must_use]
    pub const fn with_all_subtokens(mut self, all_subtokens: bool) -> Self {
        self.all_subtokens = all_subtokens;
        self
    }

    /// Predicts these entity types alone; all if `None`.
    #[must_use]
    pub const fn with_types(mut self, types: Option<&'a BTreeSet<Label>>) -> Self {
        self.types = types;
        self
    }
}

impl fmt::Debug for Decoding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoding")
            .field("all_subtokens", &self.all_subtokens)
            .finish_non_exhaustive()
    }
}

/// Runs the model over all windows of `dataset` and decodes each sentence. A batch holds at most
/// `batch_subtokens` subtokens, special tokens included; one window always fits.
///
/// # Errors
/// [`TrainError::Model`] for an error of the model, and [`TrainError::Mismatch`] for a data set
/// whose classes are not those of the model, for windows that do not fit their sentences, and for
/// logits or decoded classes of another shape than promised.
pub fn predict<M: TokenClassifier + ?Sized>(
    model: &M,
    dataset: &Dataset,
    decoding: Decoding<'_>,
    batch_subtokens: usize,
) -> Result<Predictions, TrainError> {
    score_words(model, dataset, decoding, batch_subtokens)?.decode(dataset, decoding)
}

/// The first half of [`predict()`], which needs the model; [`WordScores::decode`] is the other half,
/// which another thread may do meanwhile.
///
/// # Errors
/// As [`predict()`].
pub fn score_words<M: TokenClassifier + ?Sized>(
    model: &M,
    dataset: &Dataset,
    decoding: Decoding<'_>,
    batch_subtokens: usize,
) -> Result<WordScores, TrainError> {
    let classes = model.num_labels();
    check_dataset("the data", dataset, classes)?;
    let transitions = model.transition_scores().map_err(TrainError::model)?;
    if let Some(found) = transitions.as_ref().map(TransitionScores::classes)
        && found != classes
    {
        return Err(mismatch("the model's transitions", format!("{classes} classes"), found));
    }
    let mut scores: Vec<Array2<f32>> = dataset
        .sentences
        .iter()
        .map(|sentence| Array2::from_elem((sentence.tags.len(), classes), f32::NAN))
        .collect();
    let aggregates_first = decoding.aggregator.rows() == Rows::FirstOfOwned;
    let first_only = aggregates_first && !decoding.all_subtokens;
    let rows = if first_only { Rows::FirstOfOwned } else { Rows::AllOfOwned };
    let lengths: Vec<usize> = dataset.windows.iter().map(Window::len).collect();
    let (mut loss, mut counted) = (0.0, 0_usize);
    // Longest first: if memory runs out, it does so in the first batch.
    let plan = BatchPlan::subtokens(batch_subtokens).bucketed().with_little_padding();
    for indices in plan.batches(&lengths, 0) {
        let windows = || indices.iter().filter_map(|&index| dataset.windows.get(index));
        let batch = Batch::pack(windows(), rows);
        let logits = model.logits(&batch).map_err(TrainError::model)?;
        let expected = (batch.rows.len(), classes);
        if logits.dim() != expected {
            let found = format!("{:?}", logits.dim());
            return Err(mismatch("the model", format!("logits of shape {expected:?}"), found));
        }
        let mut row = 0;
        for window in windows() {
            let first_row = row;
            let pieces: Vec<usize> =
                window.owned_positions(first_only).map(|(_, word)| word).collect();
            for run in pieces.chunk_by(|a, b| a == b) {
                let taken = if aggregates_first { 1 } else { run.len() };
                let logits = logits.slice(s![row..row + taken, ..]);
                decoding.aggregator.aggregate(logits, scores[window.sentence].row_mut(run[0]));
                row += run.len();
            }
            if let Some(targets) = batch.targets.get(first_row..row) {
                let logits = logits.slice(s![first_row..row, ..]);
                let (sum, rows) = window_loss(logits, targets, transitions.as_ref());
                loss += sum;
                counted += rows;
            }
        }
    }
    let loss = (counted > 0).then(|| loss / counted as f64);
    Ok(WordScores { scores, transitions, loss })
}

impl WordScores {
    /// Decodes each sentence of the data set that the scores are of.
    ///
    /// # Errors
    /// [`TrainError::Mismatch`] for decoded classes of another number than promised.
    pub fn decode(
        self,
        dataset: &Dataset,
        decoding: Decoding<'_>,
    ) -> Result<Predictions, TrainError> {
        let Self { scores, transitions, loss } = self;
        let (decoder, chain) = (decoding.decoder, transitions.as_ref());
        let sentences = scores
            .iter()
            .zip(&dataset.sentences)
            .map(|(scores, gold)| decode_all(scores, gold, dataset, decoder, chain))
            .collect::<Result<Vec<Prediction>, _>>()?;
        let sentences = match decoding.types {
            None => sentences,
            Some(types) => sentences.into_iter().map(|own| own.of_types(types)).collect(),
        };
        // An empty sentence says whether the decoder uses transitions.
        let nothing = Array2::zeros((0, dataset.labels.len()));
        let uses = |t: &TransitionScores| decoder.decode_chain(nothing.view(), t).is_some();
        Ok(Predictions { sentences, scores, transitions: transitions.filter(uses), loss })
    }
}

impl Prediction {
    /// The same with `O` for words of other types.
    fn of_types(mut self, types: &BTreeSet<Label>) -> Self {
        for tag in &mut self.tags {
            if tag.label().is_some_and(|label| !types.contains(label)) {
                *tag = Tag::Outside;
            }
        }
        self
    }
}

fn mismatch(place: &str, expected: String, found: impl fmt::Display) -> TrainError {
    TrainError::Mismatch { place: place.to_owned(), expected, found: found.to_string() }
}

/// Decodes each sentence of a document by itself, although the model saw the document.
fn decode_all(
    scores: &Array2<f32>,
    gold: &GoldSentence,
    dataset: &Dataset,
    decoder: &dyn TagDecoder,
    transitions: Option<&TransitionScores>,
) -> Result<Prediction, TrainError> {
    let mut all = Prediction::default();
    for words in gold.sentences() {
        let Prediction { tags, probabilities } =
            decode(scores.slice(s![words, ..]), dataset, decoder, transitions)?;
        all.tags.extend(tags);
        all.probabilities.extend(probabilities);
    }
    Ok(all)
}

/// The sum of the losses of a window's labelled rows, and the number of these rows.
fn window_loss(
    logits: ArrayView2<'_, f32>,
    targets: &[i64],
    transitions: Option<&TransitionScores>,
) -> (f64, usize) {
    let labelled: Vec<usize> =
        (0..targets.len()).filter(|&row| targets[row] != IGNORE_INDEX).collect();
    let class = |row: &usize| usize::try_from(targets[*row]).unwrap_or(usize::MAX);
    let loss = if let Some(transitions) = transitions {
        let path: Vec<usize> = labelled.iter().map(class).collect();
        transitions.negative_log_likelihood(logits.select(Axis(0), &labelled).view(), &path)
    } else {
        let of_row = |row: &usize| {
            let logits = logits.row(*row);
            let largest = logits.fold(f32::NEG_INFINITY, |a, &b| a.max(b));
            let sum: f32 = logits.iter().map(|logit| (logit - largest).exp()).sum();
            let own = logits.get(class(row)).copied().unwrap_or(f32::NAN);
            f64::from(largest + sum.ln() - own)
        };
        labelled.iter().map(of_row).sum()
    };
    (loss, labelled.len())
}

fn decode(
    scores: ArrayView2<'_, f32>,
    dataset: &Dataset,
    decoder: &dyn TagDecoder,
    transitions: Option<&TransitionScores>,
) -> Result<Prediction, TrainError> {
    let chained = transitions.and_then(|transitions| {
        Some((decoder.decode_chain(scores, transitions)?, transitions.marginals(scores)))
    });
    let (classes, probabilities) =
        chained.unwrap_or_else(|| (decoder.decode(scores), scores.mapv(f32::exp)));
    if classes.len() != scores.nrows() {
        let expected = format!("a class for each of {} words", scores.nrows());
        return Err(mismatch("the decoder", expected, classes.len()));
    }
    let tag = |&class: &usize| {
        dataset.labels.tag(class).cloned().ok_or_else(|| {
            mismatch("the decoder", format!("classes below {}", dataset.labels.len()), class)
        })
    };
    let probability = |(word, &class): (usize, &usize)| {
        let probability = probabilities.get((word, class)).copied().unwrap_or(f32::NAN);
        if probability.is_nan() { 0.0 } else { probability }
    };
    Ok(Prediction {
        probabilities: classes.iter().enumerate().map(probability).collect(),
        tags: classes.iter().map(tag).collect::<Result<_, _>>()?,
    })
}
