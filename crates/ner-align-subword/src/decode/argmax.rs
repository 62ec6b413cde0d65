//! Each word by itself.

use ndarray::ArrayView2;
use ner_align_core::{LabelSet, TagDecoder};

/// The best class of each word, whatever its neighbours: what transformers' example does.
///
/// The tags may break their scheme. Of equal scores the lowest class wins, as in NumPy; the class
/// `X` of continuation subtokens is never given to a word.
///
/// ```
/// use ndarray::array;
/// use ner_align_core::{Label, LabelSet, Scheme, TagDecoder};
/// use ner_align_subword::Argmax;
/// let labels = LabelSet::new(Label::new("PER"), Scheme::Iob2); // O B-PER I-PER
/// let scores = array![[-2.0, -0.5, -1.5], [f32::NAN, f32::NAN, f32::NAN], [-1.0, -3.0, -0.9]];
/// assert_eq!(Argmax::new(&labels).decode(scores.view()), [1, 0, 2]);
/// ```
#[derive(Debug, Clone)]
pub struct Argmax {
    classes: Vec<usize>,
    unseen: usize,
}

impl Argmax {
    /// A decoder into these classes.
    #[must_use]
    pub fn new(labels: &LabelSet) -> Self {
        Self { classes: super::word_classes(labels), unseen: super::unseen_class(labels) }
    }
}

impl TagDecoder for Argmax {
    fn decode(&self, log_probabilities: ArrayView2<'_, f32>) -> Vec<usize> {
        let best = |row: ndarray::ArrayView1<'_, f32>| {
            let mut best = (f32::NAN, self.unseen);
            for &class in &self.classes {
                let score = row.get(class).copied().unwrap_or(f32::NAN);
                if score > best.0 || (best.0.is_nan() && !score.is_nan()) {
                    best = (score, class);
                }
            }
            best.1
        };
        log_probabilities.rows().into_iter().map(best).collect()
    }
}
