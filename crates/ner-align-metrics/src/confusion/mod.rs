//! Confusion matrices whose rows are gold.

mod arrays;

use ner_align_core::{Scheme, Tag};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

pub use arrays::Mask;

use crate::MetricsError;

/// The last label of an entity confusion: no entity.
pub const NO_ENTITY: &str = "none";

/// Stands for the labels with the fewest counts in the confusions of [`crate::Scores`], where there
/// are more than a thousand, and in their rows by type, where there are more than ten thousand: every
/// label of its own would be a matrix of gigabytes, and a table that nobody reads.
pub const OTHER_LABELS: &str = "other labels";

/// Most labels that the confusions of scores list by name.
pub(crate) const MAX_LABELS: usize = 1000;

/// Most entity types that the scores of a measure list by name.
pub(crate) const MAX_TYPES: usize = 10_000;

/// What is true, so that it cannot be taken for what was predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Gold<T>(pub T);

/// What was predicted, so that it cannot be taken for what is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Predicted<T>(pub T);

/// Counts of gold against predicted labels: `matrix[gold][predicted]`.
///
/// ```
/// use ner_align_metrics::{ConfusionMatrix, Gold, Predicted};
/// let matrix = ConfusionMatrix::builder(["O", "B-PER"])
///     .count(Gold("B-PER"), Predicted("O"))?
///     .build();
/// assert_eq!(matrix.get(Gold("B-PER"), Predicted("O")), Some(1));
/// assert_eq!(matrix.get(Gold("O"), Predicted("B-PER")), Some(0));
/// # Ok::<(), ner_align_metrics::MetricsError>(())
/// ```
///
/// The two cannot be swapped by accident:
///
/// ```compile_fail
/// use ner_align_metrics::{ConfusionMatrix, Gold, Predicted};
/// ConfusionMatrix::builder(["O", "B-PER"]).count(Predicted("O"), Gold("B-PER"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ConfusionMatrix {
    labels: Vec<String>,
    matrix: Vec<Vec<u64>>,
}

impl ConfusionMatrix {
    /// A builder over these labels; a name given twice is one label.
    pub fn builder<S: Into<String>>(labels: impl IntoIterator<Item = S>) -> ConfusionBuilder {
        let mut builder = ConfusionBuilder::default();
        for label in labels {
            let label = label.into();
            if !builder.ids.contains_key(&label) {
                builder.ids.insert(label.clone(), builder.matrix.labels.len());
                builder.matrix.labels.push(label);
            }
        }
        let side = builder.matrix.labels.len();
        builder.matrix.matrix = vec![vec![0; side]; side];
        builder
    }

    /// The tags of one text's words, spelled in `scheme`. Words whose gold tag is missing are not
    /// counted; a missing prediction counts as `O`.
    ///
    /// # Errors
    /// [`MetricsError::LengthMismatch`] if there is not one tag a word on each side.
    pub fn from_words(
        scheme: Scheme,
        Gold(gold): Gold<&[Tag]>,
        Predicted(predicted): Predicted<&[Tag]>,
    ) -> Result<Self, MetricsError> {
        if gold.len() != predicted.len() {
            let (gold, predicted) = (gold.len(), predicted.len());
            return Err(MetricsError::LengthMismatch { sentence: 0, gold, predicted });
        }
        let pairs = gold.iter().zip(predicted).filter(|(gold, _)| **gold != Tag::Missing);
        let pairs: Vec<(&Tag, &Tag)> = pairs
            .map(|(gold, tag)| (gold, if *tag == Tag::Missing { &Tag::Outside } else { tag }))
            .collect();
        let mut tags: Vec<&Tag> = pairs.iter().flat_map(|(gold, tag)| [*gold, *tag]).collect();
        // O, then types by code point, each with its prefixes in the order of class ids.
        tags.push(&Tag::Outside);
        tags.sort_by_key(|tag| (tag.label(), tag.prefix()));
        tags.dedup();
        let spell = |tag: &Tag| tag.display(scheme).to_string();
        let mut builder = Self::builder(tags.into_iter().map(spell));
        for (gold, predicted) in pairs {
            builder = builder.count(Gold(&spell(gold)), Predicted(&spell(predicted)))?;
        }
        Ok(builder.build())
    }

    /// A matrix of these labels with `cell(gold, predicted)` in it.
    pub(crate) fn from_cells(labels: Vec<String>, cell: impl Fn(usize, usize) -> u64) -> Self {
        let side = labels.len();
        let row = |gold: usize| (0..side).map(|predicted| cell(gold, predicted)).collect();
        Self { matrix: (0..side).map(row).collect(), labels }
    }

    /// The labels of the rows and columns.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The counts, rows gold, columns predicted.
    #[must_use]
    pub fn matrix(&self) -> &[Vec<u64>] {
        &self.matrix
    }

    /// How often `gold` was predicted as `predicted`; `None` if the matrix lacks either label.
    #[must_use]
    pub fn get(
        &self,
        Gold(gold): Gold<&str>,
        Predicted(predicted): Predicted<&str>,
    ) -> Option<u64> {
        let index = |name: &str| self.labels.iter().position(|label| label == name);
        Some(self.matrix[index(gold)?][index(predicted)?])
    }

    /// The cells that are not 0, as the indices of the gold and the predicted label and the count; row by row.
    pub fn cells(&self) -> impl Iterator<Item = (usize, usize, u64)> + '_ {
        self.matrix.iter().enumerate().flat_map(|(gold, row)| {
            let counts = row.iter().enumerate().filter(|(_, count)| **count > 0);
            counts.map(move |(predicted, count)| (gold, predicted, *count))
        })
    }

    /// The sum of all cells.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.matrix.iter().flatten().sum()
    }

    /// The sum of the diagonal.
    #[must_use]
    pub fn correct(&self) -> u64 {
        self.matrix.iter().enumerate().map(|(i, row)| row[i]).sum()
    }

    /// The same counts with gold and predicted exchanged.
    #[must_use]
    pub fn transposed(&self) -> Self {
        Self::from_cells(self.labels.clone(), |gold, predicted| self.matrix[predicted][gold])
    }
}

/// Builds a [`ConfusionMatrix`] count by count.
#[derive(Debug, Clone, Default)]
pub struct ConfusionBuilder {
    matrix: ConfusionMatrix,
    ids: FxHashMap<String, usize>,
}

impl ConfusionBuilder {
    /// Counts one word or entity by its labels' names.
    ///
    /// # Errors
    /// [`MetricsError::UnknownLabel`] if the matrix lacks a label.
    pub fn count(
        mut self,
        Gold(gold): Gold<&str>,
        Predicted(predicted): Predicted<&str>,
    ) -> Result<Self, MetricsError> {
        let id = |name: &str| {
            let id = self.ids.get(name).copied();
            id.ok_or_else(|| MetricsError::UnknownLabel { found: name.to_owned() })
        };
        let (gold, predicted) = (id(gold)?, id(predicted)?);
        self.matrix.matrix[gold][predicted] += 1;
        Ok(self)
    }

    /// Counts one word or entity by its labels' indices.
    ///
    /// # Errors
    /// [`MetricsError::UnknownClass`] if an index is past the last label.
    pub fn count_ids(
        mut self,
        Gold(gold): Gold<usize>,
        Predicted(predicted): Predicted<usize>,
    ) -> Result<Self, MetricsError> {
        let classes = self.matrix.labels.len();
        if let Some(found) = [gold, predicted].into_iter().find(|&id| id >= classes) {
            return Err(MetricsError::UnknownClass { position: 0, found: found as i64, classes });
        }
        self.matrix.matrix[gold][predicted] += 1;
        Ok(self)
    }

    /// The matrix.
    #[must_use]
    pub fn build(self) -> ConfusionMatrix {
        self.matrix
    }
}
