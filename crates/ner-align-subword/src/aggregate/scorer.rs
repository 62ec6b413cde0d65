//! The way back from subtokens to words, for models trained under any strategy.

use std::collections::BTreeSet;

use ndarray::{Array2, ArrayView2, ArrayViewMut1};
use ner_align_core::{LabelAligner, LabelSet, PieceAggregator, Rows, Window};

use super::Aggregate;
use crate::SubwordError;

/// The place of a subtoken within its word; a word of one subtoken has it as [`FIRST`].
const FIRST: usize = 0;
const MIDDLE: usize = 1;
const LAST: usize = 2;

/// Turns logits of subtokens into log-probabilities of words, minding how the subtokens were
/// labelled.
///
/// A subtoken speaks about its own label, which under `propagate-inside` is not the word's: the
/// second subtoken of a `B-PER` word says `I-PER`. So each word class is scored by what it would
/// have made of the subtoken. Under `mark-x`, continuations say `X` whatever the word is, and are
/// not asked.
///
/// Where the first subtoken alone cannot tell two classes apart (BILUO's `U-PER` and `B-PER` both
/// begin with `B-PER`), [`Aggregate::First`] reads the first and the last one together, and so
/// does [`Aggregate::Max`] beside the surest. The rows of a word sum to 1 in probability.
///
/// ```
/// use ndarray::array;
/// use ner_align_core::{Label, LabelSet, Rows, Scheme};
/// use ner_align_subword::{Aggregate, Aligner, Strategy, WordScorer};
///
/// let labels = LabelSet::new(Label::new("PER"), Scheme::Iob2); // O B-PER I-PER
/// let aligner = Aligner::new(Strategy::PropagateInside, &labels)?;
/// let scorer = WordScorer::new(Aggregate::Mean, &aligner, &labels);
/// assert_eq!(scorer.rows(), Rows::AllOfOwned);
/// // Two subtokens that say B-PER, I-PER: a word that is B-PER.
/// let word = scorer.word(array![[0.0_f32, 9.0, 0.0], [0.0, 0.0, 9.0]].view());
/// assert!(word[1] > -0.5 && word[2] < -1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct WordScorer {
    aggregate: Aggregate,
    /// For each place, the class of such a subtoken by the class of its word.
    spread: [Vec<usize>; 3],
    /// For each position, whether the scores of such a subtoken differ between all classes of words.
    tells_all: [bool; 3],
    /// Continuation subtokens say nothing about the word.
    continuations_are_ignored: bool,
}

impl WordScorer {
    /// A scorer for models trained with this aligner over these classes.
    #[must_use]
    pub fn new(aggregate: Aggregate, aligner: &dyn LabelAligner, labels: &LabelSet) -> Self {
        let classes = labels.len();
        let mut spread = [FIRST, MIDDLE, LAST].map(|_| (0..classes).collect::<Vec<_>>());
        let mut pieces = Vec::with_capacity(3);
        for (class, tag) in (0..classes).filter_map(|class| Some((class, labels.tag(class)?))) {
            pieces.clear();
            aligner.align_word(tag, 3, &|tag| labels.id(tag), &mut pieces);
            for (place, &piece) in spread.iter_mut().zip(&pieces) {
                // A subtoken that is not trained on is read as if it carried the word's own class.
                place[class] = usize::try_from(piece).unwrap_or(class);
            }
        }
        let distinct = [FIRST, MIDDLE, LAST].map(|place| {
            let of_words = (0..classes).filter(|&class| labels.tag(class).is_some());
            of_words.map(|class| spread[place][class]).collect::<BTreeSet<_>>().len()
        });
        let of_words = (0..classes).filter(|&class| labels.tag(class).is_some()).count();
        Self {
            aggregate,
            spread,
            tells_all: distinct.map(|labels| labels == of_words),
            continuations_are_ignored: of_words > 1 && distinct[MIDDLE] == 1 && distinct[LAST] == 1,
        }
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.spread[FIRST].len()
    }

    /// Which rows of logits the scorer needs of a model.
    #[must_use]
    pub const fn rows(&self) -> Rows {
        let only_first = matches!(self.aggregate, Aggregate::First) && self.tells_all[FIRST];
        if only_first || self.continuations_are_ignored {
            Rows::FirstOfOwned
        } else {
            Rows::AllOfOwned
        }
    }

    /// The log-probabilities of one word, `[classes]`, from the logits of its subtokens,
    /// `[subtokens, classes]`, in order. A word without subtokens gets `NaN`.
    #[must_use]
    pub fn word(&self, logits: ArrayView2<'_, f32>) -> Vec<f32> {
        let mut scores = vec![f32::NAN; self.classes()];
        self.word_into(logits, ArrayViewMut1::from(&mut scores));
        scores
    }

    fn word_into(&self, logits: ArrayView2<'_, f32>, mut scores: ArrayViewMut1<'_, f32>) {
        let pieces = logits.nrows();
        if pieces == 0 {
            return;
        }
        let asked = if self.continuations_are_ignored { 1 } else { pieces };
        let last = asked - 1;
        let mut heard: Vec<usize> = match self.aggregate {
            Aggregate::First => vec![0],
            Aggregate::Mean => (0..asked).collect(),
            Aggregate::Max => vec![surest(logits, asked)],
        };
        let mut word = if self.aggregate == Aggregate::Mean {
            self.mean(logits, &heard)
        } else {
            if !self.tells_all[place(heard[0], pieces)] {
                heard.push(0);
                heard.extend((!self.tells_all[FIRST]).then_some(last));
            }
            heard.sort_unstable();
            heard.dedup();
            self.joint(logits, &heard)
        };
        normalise(&mut word);
        scores.iter_mut().zip(word).for_each(|(score, value)| *score = value as f32);
    }

    /// Log of the mean of what these subtokens say.
    fn mean(&self, logits: ArrayView2<'_, f32>, pieces: &[usize]) -> Vec<f64> {
        let mut sum = vec![0.0; self.classes()];
        for &piece in pieces {
            let said = self.read(logits, piece);
            sum.iter_mut().zip(said).for_each(|(sum, said)| *sum += said.exp());
        }
        sum.iter().map(|sum| (sum / pieces.len() as f64).ln()).collect()
    }

    /// Log of the product of what these subtokens say.
    fn joint(&self, logits: ArrayView2<'_, f32>, pieces: &[usize]) -> Vec<f64> {
        let mut sum = vec![0.0; self.classes()];
        for &piece in pieces {
            let said = self.read(logits, piece);
            sum.iter_mut().zip(said).for_each(|(sum, said)| *sum += said);
        }
        sum
    }

    /// What one subtoken says of each class of its word, as log-probabilities.
    fn read(&self, logits: ArrayView2<'_, f32>, piece: usize) -> Vec<f64> {
        let own = log_softmax(logits, piece);
        let place = place(piece, logits.nrows());
        if logits.nrows() == 1 {
            return own;
        }
        self.spread[place].iter().map(|&class| own[class]).collect()
    }

    /// A sentence's scores before any window was added, `[words, classes]`: all `NaN`.
    #[must_use]
    pub fn unseen(&self, words: usize) -> Array2<f32> {
        Array2::from_elem((words, self.classes()), f32::NAN)
    }

    /// Writes the log-probabilities of the words that a window owns into its sentence's `scores`,
    /// `[words, classes]`. `logits` are the model's rows for this window, `[rows, classes]`, of
    /// the kind that [`WordScorer::rows`] names, as [`Batch::pack`](ner_align_core::Batch::pack)
    /// asks for them.
    ///
    /// # Errors
    /// [`SubwordError::Scores`] if there is not one row for each such position, or not one column
    /// a class; [`SubwordError::TagCount`] if the window owns words past the last row of `scores`.
    pub fn add_window(
        &self,
        window: &Window,
        logits: ArrayView2<'_, f32>,
        scores: &mut Array2<f32>,
    ) -> Result<(), SubwordError> {
        let first_only = self.rows() == Rows::FirstOfOwned;
        let words: Vec<usize> = window.owned_positions(first_only).map(|(_, word)| word).collect();
        if logits.dim() != (words.len(), self.classes()) {
            let (rows, columns) = logits.dim();
            return Err(SubwordError::Scores {
                rows: words.len(),
                classes: self.classes(),
                found: [rows, columns],
            });
        }
        if let Some(&word) = words.iter().find(|word| **word >= scores.nrows()) {
            return Err(SubwordError::TagCount { tags: scores.nrows(), words: word + 1 });
        }
        let mut start = 0;
        for pieces in words.chunk_by(|a, b| a == b) {
            let end = start + pieces.len();
            let of_word = logits.slice(ndarray::s![start..end, ..]);
            self.word_into(of_word, scores.row_mut(pieces[0]));
            start = end;
        }
        Ok(())
    }
}

/// The subtoken, of the first `asked`, that is surest of its best class; of several the first.
fn surest(logits: ArrayView2<'_, f32>, asked: usize) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for piece in 0..asked {
        let score = highest(&log_softmax(logits, piece));
        if score > best.1 {
            best = (piece, score);
        }
    }
    best.0
}

const fn place(piece: usize, pieces: usize) -> usize {
    match piece {
        0 => FIRST,
        _ if piece + 1 == pieces => LAST,
        _ => MIDDLE,
    }
}

fn highest(scores: &[f64]) -> f64 {
    scores.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn log_softmax(logits: ArrayView2<'_, f32>, row: usize) -> Vec<f64> {
    let mut scores: Vec<f64> = logits.row(row).iter().copied().map(f64::from).collect();
    normalise(&mut scores);
    scores
}

/// Shifts log-probabilities so that the probabilities sum to 1.
fn normalise(scores: &mut [f64]) {
    let highest = highest(scores);
    if !highest.is_finite() {
        return;
    }
    let sum: f64 = scores.iter().map(|score| (score - highest).exp()).sum();
    let total = highest + sum.ln();
    scores.iter_mut().for_each(|score| *score -= total);
}

impl PieceAggregator for WordScorer {
    fn rows(&self) -> Rows {
        self.rows()
    }

    fn aggregate(&self, logits: ArrayView2<'_, f32>, log_probabilities: ArrayViewMut1<'_, f32>) {
        self.word_into(logits, log_probabilities);
    }
}
