//! From windows through the model back to one tag a word.

use ndarray::{Array2, ArrayView2, Axis, s};
use ner_align_core::{
    Batch, BatchPlan, Dataset, IGNORE_INDEX, PieceAggregator, Rows, Tag, TagDecoder,
    TokenClassifier,
};

/// What the model says about one sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// One tag a word; `O` for a word without subtokens.
    pub tags: Vec<Tag>,
    /// Probability of each word's class, 0 to 1; 0 for a word without subtokens.
    pub probabilities: Vec<f32>,
}

/// The predictions of a data set, and its loss where it has labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    /// One entry a sentence of the data set, in its order.
    pub sentences: Vec<Prediction>,
    /// Mean cross-entropy over all labelled subtokens; `None` if there is none.
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
    let mut scores: Vec<Array2<f32>> = dataset
        .sentences
        .iter()
        .map(|sentence| Array2::from_elem((sentence.tags.len(), classes), f32::NAN))
        .collect();
    let hears_first = decoding.aggregator.rows() == Rows::FirstOfOwned;
    let first_only = hears_first && !decoding.all_subtokens;
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
            let pieces: Vec<usize> =
                window.owned_positions(first_only).map(|(_, word)| word).collect();
            for run in pieces.chunk_by(|a, b| a == b) {
                let taken = if hears_first { 1 } else { run.len() };
                let logits = logits.slice(s![row..row + taken, ..]);
                decoding.aggregator.aggregate(logits, scores[window.sentence].row_mut(run[0]));
                row += run.len();
            }
        }
        for (logits, &target) in logits.axis_iter(Axis(0)).zip(&batch.targets) {
            if target != IGNORE_INDEX {
                let largest = logits.fold(f32::NEG_INFINITY, |a, &b| a.max(b));
                let sum: f32 = logits.iter().map(|logit| (logit - largest).exp()).sum();
                let own = logits.get(target as usize).copied().unwrap_or(f32::NAN);
                loss += f64::from(largest + sum.ln() - own);
                counted += 1;
            }
        }
    }
    let sentences = scores.iter().map(|s| decode(s.view(), dataset, decoding.decoder)).collect();
    Ok(Predictions { sentences, loss: (counted > 0).then(|| loss / counted as f64) })
}

fn decode(scores: ArrayView2<'_, f32>, dataset: &Dataset, decoder: &dyn TagDecoder) -> Prediction {
    let classes = decoder.decode(scores);
    let probability = |(word, &class): (usize, &usize)| {
        let score = scores.get((word, class)).copied().unwrap_or(f32::NAN);
        if score.is_nan() { 0.0 } else { score.exp() }
    };
    Prediction {
        probabilities: classes.iter().enumerate().map(probability).collect(),
        tags: classes
            .iter()
            .map(|&class| dataset.labels.tag(class).cloned().unwrap_or(Tag::Outside))
            .collect(),
    }
}
