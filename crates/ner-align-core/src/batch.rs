//! Windows packed one after another: there is no padding that could be computed or scored.

use ndarray::Array2;

use crate::{IGNORE_INDEX, Window};

/// Which positions a model shall classify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rows {
    /// Positions with a label: training.
    Labelled,
    /// The first subtoken of each owned word: prediction, and evaluation under `first`.
    FirstOfOwned,
    /// All subtokens of owned words: prediction that averages pieces, evaluation of strategies
    /// that label them.
    AllOfOwned,
}

/// A batch of windows, packed.
///
/// `input_ids` holds the windows' subtokens one after another, `[total_subtokens]`; window `i` has
/// `boundaries[i]..boundaries[i + 1]`. A model answers with one row of logits for each entry of
/// `rows`, a position in `input_ids`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// Subtoken ids, `[total_subtokens]`.
    pub input_ids: Vec<i64>,
    /// Starts of the windows and, last, the total: `[windows + 1]`.
    pub boundaries: Vec<usize>,
    /// Positions to classify, ascending: `[rows]`.
    pub rows: Vec<i64>,
    /// Class ids of `rows`, [`IGNORE_INDEX`] where there is none: `[rows]`.
    pub targets: Vec<i64>,
}

impl Batch {
    /// Packs windows.
    #[must_use]
    pub fn pack<'a>(windows: impl IntoIterator<Item = &'a Window>, rows: Rows) -> Self {
        let mut batch = Self { boundaries: vec![0], ..Self::default() };
        for window in windows {
            let start = batch.input_ids.len();
            let mut take = |position: usize| {
                batch.rows.push((start + position) as i64);
                batch.targets.push(window.labels.get(position).copied().unwrap_or(IGNORE_INDEX));
            };
            match rows {
                Rows::Labelled => window.labelled().for_each(&mut take),
                Rows::FirstOfOwned => window.owned_positions(true).for_each(|(p, _)| take(p)),
                Rows::AllOfOwned => window.owned_positions(false).for_each(|(p, _)| take(p)),
            }
            batch.input_ids.extend(window.input_ids.iter().map(|&id| i64::from(id)));
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

    /// Number of rows whose target counts.
    #[must_use]
    pub fn targets(&self) -> usize {
        self.targets.iter().filter(|&&target| target != IGNORE_INDEX).count()
    }

    /// Lengths of the windows.
    #[must_use]
    pub fn lengths(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.boundaries.windows(2).map(|pair| pair[1] - pair[0])
    }

    /// Length of the longest window.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.lengths().max().unwrap_or(0)
    }

    /// The ids as a rectangle `[windows, longest]`, filled up with `pad`, and its mask: 1 for a
    /// subtoken, 0 for filling. For models that take nothing else.
    #[must_use]
    pub fn padded_ids(&self, pad: i64) -> (Array2<i64>, Array2<i64>) {
        let shape = (self.windows(), self.longest());
        let (mut ids, mut mask) = (Array2::from_elem(shape, pad), Array2::zeros(shape));
        for (window, pair) in self.boundaries.windows(2).enumerate() {
            for (column, &id) in self.input_ids[pair[0]..pair[1]].iter().enumerate() {
                ids[(window, column)] = id;
                mask[(window, column)] = 1;
            }
        }
        (ids, mask)
    }
}
