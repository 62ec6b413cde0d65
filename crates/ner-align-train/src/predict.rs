//! From windows through the model back to one tag a word.

use ndarray::{Array2, ArrayView2, Axis, s};
use ner_align_core::{
    Batch, BatchPlan, Dataset, GoldSentence, IGNORE_INDEX, PieceAggregator, Rows, Tag, TagDecoder,
    TokenClassifier, TransitionScores,
};

/// What the model says about one sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// One tag a word; `O` for a word without subtokens.
    pub tags: Vec<Tag>,
    /// Probability of each word's class, 0 to 1; 0 for a word without subtokens. Of a model with
    /// transitions and a decoder that uses them, the class's marginal probability in the sentence;
    /// else what the word's own scores say.
    pub probabilities: Vec<f32>,
}

/// The predictions of a data set, and its loss where it has labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    /// One entry a sentence of the data set, in its order.
    pub sentences: Vec<Prediction>,
    /// Mean loss over all labelled subtokens: cross-entropy, or of a model with transitions the
    /// negative log-likelihood of the windows' paths; `None` if there is none.
    pub loss: Option<f64>,
}

/// How logits become tags.
#[derive(Clone, Copy)]
pub struct Decoding<'a> {
    /// From subtokens to words.
    pub aggregator: &'a dyn PieceAggregator,
    /// From scores of words to classes.
    pub decoder: &'a dyn TagDecoder,
    /// True if the loss is to be taken over all labelled subtokens, not only first ones.
    pub all_subtokens: bool,
}

impl std::fmt::Debug for Decoding<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoding").field("all_subtokens", &self.all_subtokens).finish()
    }
}

/// Runs the model over all windows of `dataset` and decodes each sentence.
///
/// # Errors
/// Whatever the model reports.
pub fn predict<M: TokenClassifier + ?Sized>(
    model: &M,
    dataset: &Dataset,
    decoding: Decoding<'_>,
    batch_subtokens: usize,
) -> Result<Predictions, M::Error> {
    let classes = model.num_labels();
    let transitions = model.transition_scores()?;
    let mut scores: Vec<Array2<f32>> = dataset
        .sentences
        .iter()
        .map(|sentence| Array2::from_elem((sentence.tags.len(), classes), f32::NAN))
        .collect();
    let takes_first = decoding.aggregator.rows() == Rows::FirstOfOwned;
    let first_only = takes_first && !decoding.all_subtokens;
    let rows = if first_only { Rows::FirstOfOwned } else { Rows::AllOfOwned };
    let lengths: Vec<usize> = dataset.windows.iter().map(ner_align_core::Window::len).collect();
    let (mut loss, mut counted) = (0.0, 0_usize);
    // Longest first: running out of memory happens at once.
    for indices in BatchPlan::subtokens(batch_subtokens).bucketed().batches(&lengths, 0) {
        let windows = || indices.iter().filter_map(|&index| dataset.windows.get(index));
        let batch = Batch::pack(windows(), rows);
        let logits = model.logits(&batch)?;
        let mut row = 0;
        for window in windows() {
            let first_row = row;
            let pieces: Vec<usize> =
                window.owned_positions(first_only).map(|(_, word)| word).collect();
            for run in pieces.chunk_by(|a, b| a == b) {
                let taken = if takes_first { 1 } else { run.len() };
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
    let whole = |(scores, gold): (&Array2<f32>, &GoldSentence)| {
        let mut whole = Prediction { tags: Vec::new(), probabilities: Vec::new() };
        // Each sentence by itself, although the model saw the document.
        for words in gold.sentences() {
            let scores = scores.slice(s![words, ..]);
            let Prediction { tags, probabilities } =
                decode(scores, dataset, decoding.decoder, transitions.as_ref());
            whole.tags.extend(tags);
            whole.probabilities.extend(probabilities);
        }
        whole
    };
    let sentences = scores.iter().zip(&dataset.sentences).map(whole).collect();
    Ok(Predictions { sentences, loss: (counted > 0).then(|| loss / counted as f64) })
}

/// The loss of a window's labelled rows, added up, and their number.
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
) -> Prediction {
    let chained = transitions.and_then(|transitions| {
        Some((decoder.decode_chain(scores, transitions)?, transitions.marginals(scores)))
    });
    let (classes, probabilities) =
        chained.unwrap_or_else(|| (decoder.decode(scores), scores.mapv(f32::exp)));
    let probability = |(word, &class): (usize, &usize)| {
        let probability = probabilities.get((word, class)).copied().unwrap_or(f32::NAN);
        if probability.is_nan() { 0.0 } else { probability }
    };
    Prediction {
        probabilities: classes.iter().enumerate().map(probability).collect(),
        tags: classes
            .iter()
            .map(|&class| dataset.labels.tag(class).cloned().unwrap_or(Tag::Outside))
            .collect(),
    }
}
