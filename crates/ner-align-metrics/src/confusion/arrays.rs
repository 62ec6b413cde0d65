//! Confusion matrices from a model's arrays.
//!
//! Padding cannot slip in: packed arrays have none, and padded ones are taken only with a mask, or
//! through a function whose name says that the labels mark what to pass over.

use ndarray::{ArrayView1, ArrayView2, Axis};
use ner_align_core::{IGNORE_INDEX, LabelSet};

use super::{ConfusionMatrix, Gold, Predicted};
use crate::MetricsError;

/// Which positions of a padded `[batch, seq]` array are words: 1 counts, 0 does not.
#[derive(Debug, Clone, Copy)]
pub struct Mask<'a>(ArrayView2<'a, i64>);

impl<'a> Mask<'a> {
    /// A mask of zeros and ones, such as a tokenizer's attention mask with special tokens cleared.
    ///
    /// # Errors
    /// [`MetricsError::Mask`] if it holds another number.
    pub fn new(mask: ArrayView2<'a, i64>) -> Result<Self, MetricsError> {
        match mask.iter().enumerate().find(|(_, value)| !matches!(value, 0 | 1)) {
            Some((position, &found)) => Err(MetricsError::Mask { position, found }),
            None => Ok(Self(mask)),
        }
    }
}

impl ConfusionMatrix {
    /// Packed class ids, `[rows]` each; rows whose target is [`IGNORE_INDEX`] are not counted.
    ///
    /// ```
    /// use ner_align_core::{Label, LabelSet, Scheme};
    /// use ner_align_metrics::{ConfusionMatrix, Gold, Predicted};
    /// let labels = LabelSet::new(Label::new("PER"), Scheme::Iob2);
    /// let matrix = ConfusionMatrix::from_packed(&labels, Gold(&[0, 1, -100]), Predicted(&[0, 2, 1]))?;
    /// assert_eq!(matrix.matrix(), [[1, 0, 0], [0, 0, 1], [0, 0, 0]]);
    /// # Ok::<(), ner_align_metrics::MetricsError>(())
    /// ```
    ///
    /// # Errors
    /// [`MetricsError::Shape`] if the lengths differ; [`MetricsError::UnknownClass`] for an id
    /// without a label.
    pub fn from_packed(
        labels: &LabelSet,
        Gold(targets): Gold<&[i64]>,
        Predicted(predicted): Predicted<&[i64]>,
    ) -> Result<Self, MetricsError> {
        same_shape("predicted", &[targets.len()], &[predicted.len()])?;
        count(labels, targets.iter().copied().zip(predicted.iter().copied()).map(Some))
    }

    /// Packed logits, `[rows, classes]`, of which the largest wins, the first of equals; targets
    /// are `[rows]`, and rows whose target is [`IGNORE_INDEX`] are not counted.
    ///
    /// # Errors
    /// As [`ConfusionMatrix::from_packed`].
    pub fn from_packed_logits(
        labels: &LabelSet,
        Gold(targets): Gold<&[i64]>,
        Predicted(logits): Predicted<ArrayView2<'_, f32>>,
    ) -> Result<Self, MetricsError> {
        same_shape("logits", &[targets.len(), labels.len()], logits.shape())?;
        let predicted = logits.axis_iter(Axis(0)).map(argmax);
        count(labels, targets.iter().copied().zip(predicted).map(Some))
    }

    /// Padded class ids, `[batch, seq]` each, of which those under the mask's ones count.
    ///
    /// Positions with [`IGNORE_INDEX`] are passed over as well.
    ///
    /// # Errors
    /// As [`ConfusionMatrix::from_packed`].
    pub fn from_padded_masked(
        labels: &LabelSet,
        Gold(targets): Gold<ArrayView2<'_, i64>>,
        Predicted(predicted): Predicted<ArrayView2<'_, i64>>,
        Mask(mask): Mask<'_>,
    ) -> Result<Self, MetricsError> {
        same_shape("predicted", targets.shape(), predicted.shape())?;
        same_shape("mask", targets.shape(), mask.shape())?;
        let pairs = targets.iter().copied().zip(predicted.iter().copied()).zip(mask);
        count(labels, pairs.map(|(pair, &counts)| (counts == 1).then_some(pair)))
    }

    /// Padded class ids, `[batch, seq]` each, whose targets are [`IGNORE_INDEX`] at every position
    /// that is not to be counted: padding, special tokens, continuations.
    ///
    /// # Errors
    /// As [`ConfusionMatrix::from_packed`].
    pub fn from_padded_ignoring(
        labels: &LabelSet,
        Gold(targets): Gold<ArrayView2<'_, i64>>,
        Predicted(predicted): Predicted<ArrayView2<'_, i64>>,
    ) -> Result<Self, MetricsError> {
        same_shape("predicted", targets.shape(), predicted.shape())?;
        count(labels, targets.iter().copied().zip(predicted.iter().copied()).map(Some))
    }
}

fn same_shape(what: &'static str, expected: &[usize], found: &[usize]) -> Result<(), MetricsError> {
    if expected == found {
        return Ok(());
    }
    Err(MetricsError::Shape { what, expected: expected.to_vec(), found: found.to_vec() })
}

/// The index of the largest value, the first of equals; NaN never wins.
fn argmax(row: ArrayView1<'_, f32>) -> i64 {
    let best = row.iter().enumerate().fold((0, f32::NEG_INFINITY), |best, (id, &value)| {
        if value > best.1 { (id, value) } else { best }
    });
    best.0 as i64
}

/// Counts pairs of target and prediction; `None` is a position that the mask hides.
fn count(
    labels: &LabelSet,
    pairs: impl Iterator<Item = Option<(i64, i64)>>,
) -> Result<ConfusionMatrix, MetricsError> {
    let classes = labels.len();
    let mut cells = vec![0; classes * classes];
    for (position, pair) in pairs.enumerate() {
        let Some((target, predicted)) = pair.filter(|(target, _)| *target != IGNORE_INDEX) else {
            continue;
        };
        let index = |found: i64| {
            let id = usize::try_from(found).ok().filter(|&id| id < classes);
            id.ok_or(MetricsError::UnknownClass { position, found, classes })
        };
        cells[index(target)? * classes + index(predicted)?] += 1;
    }
    let names = labels.names().to_vec();
    Ok(ConfusionMatrix::from_cells(names, |gold, predicted| cells[gold * classes + predicted]))
}
