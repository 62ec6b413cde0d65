//! Windows as padded rectangles, for models that take nothing else.

use ndarray::{Array2, ArrayView3, s};
use ner_align_core::{Batch, IGNORE_INDEX, SpecialTokens, Window};

use crate::SubwordError;

/// A batch as a rectangle, `[batch, seq]`: what `transformers`' `DataCollatorForTokenClassification`
/// makes. Row `i` is window `i`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PaddedBatch {
    /// Subtoken ids, `[batch, seq]`, the padding id beyond a window's end; `i64`, as engines take
    /// them.
    pub input_ids: Array2<i64>,
    /// 1 for a subtoken, 0 for padding, `[batch, seq]`.
    pub attention_mask: Array2<i64>,
    /// Class ids, [`IGNORE_INDEX`] where nothing is to be learned, padding included, `[batch, seq]`.
    pub labels: Array2<i64>,
}

/// Fills windows up to one length.
///
/// ```
/// use ner_align_core::{SpecialTokens, Window};
/// use ner_align_subword::Collator;
///
/// let specials = SpecialTokens::new(vec![101], vec![102], 0);
/// let window = |ids: &[u32], labels: &[i64]| Window {
///     input_ids: ids.to_vec(),
///     labels: labels.to_vec(),
///     ..Window::default()
/// };
/// let windows =
///     [window(&[101, 7, 8, 102], &[-100, 1, -100, -100]), window(&[101, 9, 102], &[-100, 0, -100])];
/// let batch = Collator::new(&specials).collate(&windows);
/// assert_eq!(batch.input_ids.row(1).to_vec(), [101, 9, 102, 0]);
/// assert_eq!(batch.attention_mask.row(1).to_vec(), [1, 1, 1, 0]);
/// assert_eq!(batch.labels.row(1).to_vec(), [-100, 0, -100, -100]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Collator {
    pad: i64,
    multiple: usize,
    left: bool,
}

impl Collator {
    /// Pads with the tokenizer's own padding token, on the right, up to the longest window.
    #[must_use]
    pub fn new(specials: &SpecialTokens) -> Self {
        Self { pad: i64::from(specials.pad), multiple: 1, left: false }
    }

    /// Rounds the length up to a multiple of this, which some accelerators like; 0 counts as 1.
    #[must_use]
    pub const fn pad_to_multiple_of(mut self, positions: usize) -> Self {
        self.multiple = if positions == 0 { 1 } else { positions };
        self
    }

    /// Pads on the left.
    #[must_use]
    pub const fn pad_left(mut self) -> Self {
        self.left = true;
        self
    }

    /// The windows as one rectangle; of no windows, one without rows.
    #[must_use]
    pub fn collate<'a, W>(&self, windows: W) -> PaddedBatch
    where
        W: IntoIterator<Item = &'a Window, IntoIter: Clone>,
    {
        let windows = windows.into_iter();
        let longest = windows.clone().map(Window::len).max().unwrap_or(0);
        let shape = (windows.clone().count(), longest.next_multiple_of(self.multiple));
        let mut batch = PaddedBatch {
            input_ids: Array2::from_elem(shape, self.pad),
            attention_mask: Array2::zeros(shape),
            labels: Array2::from_elem(shape, IGNORE_INDEX),
        };
        for (row, window) in windows.enumerate() {
            let start = if self.left { shape.1 - window.len() } else { 0 };
            for (position, &id) in window.input_ids.iter().enumerate() {
                let place = (row, start + position);
                batch.input_ids[place] = i64::from(id);
                batch.attention_mask[place] = 1;
                batch.labels[place] = window.labels.get(position).copied().unwrap_or(IGNORE_INDEX);
            }
        }
        batch
    }
}

impl PaddedBatch {
    /// The same windows packed, with a row for each label that counts: the inverse of
    /// [`Collator::collate`], equal to [`Batch::pack`] with
    /// [`Rows::Labelled`](ner_align_core::Rows::Labelled). A number that is no id becomes `u32::MAX`,
    /// which every vocabulary lacks.
    #[must_use]
    pub fn packed(&self) -> Batch {
        let mut batch = Batch { boundaries: vec![0], ..Batch::default() };
        for (row, mask) in self.attention_mask.rows().into_iter().enumerate() {
            for column in (0..mask.len()).filter(|&column| mask[column] != 0) {
                let label = self.labels[(row, column)];
                if label != IGNORE_INDEX {
                    batch.rows.push(batch.input_ids.len());
                    batch.targets.push(label);
                }
                let id = u32::try_from(self.input_ids[(row, column)]).unwrap_or(u32::MAX);
                batch.input_ids.push(id);
            }
            batch.boundaries.push(batch.input_ids.len());
        }
        batch
    }

    /// The rows that a packed batch of the same windows asks for, `[rows, classes]`, out of a
    /// model's logits for the rectangle, `[batch, seq, classes]`: what
    /// [`WordScorer`](crate::WordScorer) takes. No padding position can come out.
    ///
    /// # Errors
    /// [`SubwordError::PaddedScores`] if the logits have another shape than the rectangle;
    /// [`SubwordError::Scores`] if the packed batch has other windows.
    pub fn rows_of(
        &self,
        packed: &Batch,
        logits: ArrayView3<'_, f32>,
    ) -> Result<Array2<f32>, SubwordError> {
        let (batch, positions, classes) = logits.dim();
        let (windows, length) = self.input_ids.dim();
        if (batch, positions) != (windows, length) {
            return Err(SubwordError::PaddedScores {
                expected: [windows, length],
                found: [batch, positions, classes],
            });
        }
        // Where each subtoken of the packed batch stands in the rectangle.
        let mask = self.attention_mask.indexed_iter();
        let places: Vec<(usize, usize)> =
            mask.filter(|(_, mask)| **mask != 0).map(|(place, _)| place).collect();
        let mut rows = Array2::zeros((packed.rows.len(), classes));
        for (mut row, &position) in rows.rows_mut().into_iter().zip(&packed.rows) {
            let place = places.get(position).filter(|_| places.len() == packed.subtokens());
            let Some(&(window, column)) = place else {
                return Err(SubwordError::Scores {
                    rows: packed.subtokens(),
                    classes,
                    found: [places.len(), classes],
                });
            };
            row.assign(&logits.slice(s![window, column, ..]));
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array3;
    use ner_align_core::{Rows, WordSpan};
    use proptest::prelude::*;

    use super::*;

    /// A window of words of 0 to 3 subtokens, framed by two special tokens; all labels but some.
    fn windows() -> impl Strategy<Value = Vec<Window>> {
        let word = (0_usize..4, prop::option::of(0_i64..5));
        prop::collection::vec(prop::collection::vec(word, 0..8), 0..6)
            .prop_map(|windows| windows.iter().map(|words| window(words)).collect())
    }

    fn window(words: &[(usize, Option<i64>)]) -> Window {
        let mut window = Window { owned: WordSpan::new(0, words.len()), ..Window::default() };
        let mut push = |id: u32, word: Option<usize>, label: Option<i64>| {
            window.input_ids.push(id);
            window.word_ids.push(word.map(|word| word as u32));
            window.labels.push(label.unwrap_or(IGNORE_INDEX));
        };
        push(1, None, None);
        for (word, &(subtokens, label)) in words.iter().enumerate() {
            (0..subtokens).for_each(|piece| push(10 + piece as u32, Some(word), label));
        }
        push(2, None, None);
        window
    }

    proptest! {
        #[test]
        fn packed_and_padded_say_the_same(
            windows in windows(), multiple in 0_usize..9, left: bool,
        ) {
            let specials = SpecialTokens::new(vec![1], vec![2], 10);
            let mut collator = Collator::new(&specials).pad_to_multiple_of(multiple);
            collator = if left { collator.pad_left() } else { collator };
            let padded = collator.collate(&windows);
            let (rows, length) = padded.input_ids.dim();
            prop_assert_eq!(rows, windows.len());
            prop_assert_eq!(length % multiple.max(1), 0);
            prop_assert_eq!(&padded.packed(), &Batch::pack(&windows, Rows::Labelled));
            if multiple < 2 && !left {
                let (ids, mask) = padded.packed().padded_ids(10);
                prop_assert_eq!((&ids, &mask), (&padded.input_ids, &padded.attention_mask));
            }
            // Logits that name their place come out at the places that were asked for.
            let logits = Array3::from_shape_fn((rows, length, 2), |(row, column, class)| {
                (row * 1_000 + column * 2 + class) as f32
            });
            for kind in [Rows::Labelled, Rows::FirstOfOwned, Rows::AllOfOwned] {
                let packed = Batch::pack(&windows, kind);
                let found = padded.rows_of(&packed, logits.view()).unwrap();
                for (found, &position) in found.rows().into_iter().zip(&packed.rows) {
                    let window = packed.boundaries.partition_point(|&start| start <= position) - 1;
                    let column = position - packed.boundaries[window];
                    let shift = if left { length - windows[window].len() } else { 0 };
                    let expected = (window * 1_000 + (column + shift) * 2) as f32;
                    prop_assert_eq!(found.to_vec(), [expected, expected + 1.0]);
                }
            }
        }
    }

    #[test]
    fn logits_of_another_shape_are_refused() {
        let specials = SpecialTokens::default();
        let windows = [window(&[(1, Some(0))]), window(&[(2, Some(1))])];
        let padded = Collator::new(&specials).collate(&windows);
        let packed = Batch::pack(&windows, Rows::Labelled);
        let error = padded.rows_of(&packed, Array3::zeros((2, 3, 5)).view()).unwrap_err();
        assert_eq!(error.to_string(), "expected scores of shape [2, 4, classes], found [2, 3, 5]");
        let other = Batch::pack(&windows[..1], Rows::Labelled);
        assert!(padded.rows_of(&other, Array3::zeros((2, 4, 5)).view()).is_err());
    }
}
