//! Batches of windows without padding.

use ndarray::Array2;

use crate::{IGNORE_INDEX, Window};

/// Which positions of a batch the model classifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rows {
    /// Positions with a label, for training.
    Labelled,
    /// The first subtoken of each owned word, for prediction and for evaluation with the strategy
    /// `first`.
    FirstOfOwned,
    /// All subtokens of owned words, for prediction that combines subtokens and for evaluation with
    /// strategies that label all of them.
    AllOfOwned,
}

/// Windows packed one after another, without padding.
///
/// Window `i` has the positions `boundaries[i]..boundaries[i + 1]` of `input_ids`. A model returns
/// one row of logits for each entry of `rows`, in their order, so that there is no logit of a
/// padding position that could be scored.
///
/// All fields are public, and a batch can be written out: a new field would change what every
/// backend must read.
///
/// ```
/// use ner_align_core::{Batch, IGNORE_INDEX, Rows, Window, WordSpan};
/// let mut window = Window::default();
/// window.input_ids = vec![101, 7, 8, 102];
/// window.word_ids = vec![None, Some(0), Some(0), None];
/// window.owned = WordSpan::new(0, 1);
/// window.labels = vec![IGNORE_INDEX, 1, IGNORE_INDEX, IGNORE_INDEX];
/// let batch = Batch::pack([&window, &window], Rows::Labelled);
/// assert_eq!(batch.boundaries, [0, 4, 8]);
/// assert_eq!((batch.rows, batch.targets), (vec![1, 5], vec![1, 1]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// Subtoken ids, `[total_subtokens]`.
    pub input_ids: Vec<u32>,
    /// Start of each window in `input_ids`, then the total: `[windows + 1]`.
    pub boundaries: Vec<usize>,
    /// Positions in `input_ids` to classify, ascending: `[rows]`.
    pub rows: Vec<usize>,
    /// Class id of each row, [`IGNORE_INDEX`] for a row without a label: `[rows]`.
    pub targets: Vec<i64>,
}

impl Batch {
    /// Packs windows in their order; `rows` says which positions to classify.
    #[must_use]
    pub fn pack<'a>(windows: impl IntoIterator<Item = &'a Window>, rows: Rows) -> Self {
        let mut batch = Self { boundaries: vec![0], ..Self::default() };
        for window in windows {
            let start = batch.input_ids.len();
            let mut take = |position: usize| {
                batch.rows.push(start + position);
                batch.targets.push(window.labels.get(position).copied().unwrap_or(IGNORE_INDEX));
            };
            match rows {
                Rows::Labelled => window.labelled().for_each(&mut take),
                Rows::FirstOfOwned => window.owned_positions(true).for_each(|(p, _)| take(p)),
                Rows::AllOfOwned => window.owned_positions(false).for_each(|(p, _)| take(p)),
            }
            batch.input_ids.extend_from_slice(&window.input_ids);
            batch.boundaries.push(batch.input_ids.len());
        }
        batch
    }

    /// Number of windows.
    #[must_use]
    pub fn windows(&self) -> usize {
        self.boundaries.len().saturating_sub(1)
    }

    /// Number of subtokens, special tokens included.
    #[must_use]
    pub fn subtokens(&self) -> usize {
        self.input_ids.len()
    }

    /// Number of rows with a label.
    #[must_use]
    pub fn targets(&self) -> usize {
        self.targets.iter().filter(|&&target| target != IGNORE_INDEX).count()
    }

    /// Number of subtokens of each window.
    #[must_use]
    pub fn lengths(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.boundaries.windows(2).map(|pair| pair[1] - pair[0])
    }

    /// Number of subtokens of the longest window; 0 without windows.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.lengths().max().unwrap_or(0)
    }

    /// The ids padded with `pad`, and the attention mask (1 for a subtoken, 0 for padding), both
    /// `[windows, longest]`. For models that need padded input.
    #[must_use]
    pub fn padded_ids(&self, pad: u32) -> (Array2<i64>, Array2<i64>) {
        let shape = (self.windows(), self.longest());
        let (mut ids, mut mask) = (Array2::from_elem(shape, i64::from(pad)), Array2::zeros(shape));
        for (window, pair) in self.boundaries.windows(2).enumerate() {
            for (column, &id) in self.input_ids[pair[0]..pair[1]].iter().enumerate() {
                ids[(window, column)] = i64::from(id);
                mask[(window, column)] = 1;
            }
        }
        (ids, mask)
    }
}
