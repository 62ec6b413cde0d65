//! A decoder that some classes get an advantage in.

use ndarray::{Array1, Array2, ArrayView2};
use ner_align_core::{LabelSet, Tag, TagDecoder, TransitionScores};

/// Decodes as another decoder does, after a bonus was added to the log-probabilities of each class: more words
/// become what is favoured, and the sequence keeps to whatever the other decoder keeps to.
///
/// A bonus of b for the classes of a type multiplies the odds of the type against `O` by exp(b), as if it were
/// that much more frequent. A word that the model did not see stays one.
///
/// ```
/// use ndarray::array;
/// use ner_align_core::{Label, LabelSet, Scheme, TagDecoder};
/// use ner_align_subword::{Argmax, Favouring};
/// let labels = LabelSet::new(Label::new("PER"), Scheme::Iob2); // O B-PER I-PER
/// let scores = array![[-0.1_f32, -2.4, -6.0], [-0.01, -5.3, -5.3]];
/// let decoder = |bonus| {
///     let of_tag = move |tag: &ner_align_core::Tag| tag.label().map_or(0.0, |_| bonus);
///     Favouring::new(Argmax::new(&labels), &labels, of_tag)
/// };
/// assert_eq!(decoder(0.0).decode(scores.view()), [0, 0]);
/// assert_eq!(decoder(3.0).decode(scores.view()), [1, 0]);
/// assert_eq!(decoder(6.0).decode(scores.view()), [1, 1]);
/// ```
#[derive(Debug, Clone)]
pub struct Favouring<D> {
    decoder: D,
    bonus: Array1<f32>,
}

impl<D: TagDecoder> Favouring<D> {
    /// A decoder into these classes, with this bonus for each.
    #[must_use]
    pub fn new(decoder: D, labels: &LabelSet, bonus: impl Fn(&Tag) -> f32) -> Self {
        let of_class = |class| labels.tag(class).map_or(0.0, &bonus);
        Self { decoder, bonus: Array1::from_shape_fn(labels.len(), of_class) }
    }

    /// The scores with the bonus; as they are where they have another number of classes.
    fn favoured(&self, log_probabilities: ArrayView2<'_, f32>) -> Array2<f32> {
        if log_probabilities.ncols() == self.bonus.len() {
            &log_probabilities + &self.bonus
        } else {
            log_probabilities.to_owned()
        }
    }
}

impl<D: TagDecoder> TagDecoder for Favouring<D> {
    fn decode(&self, log_probabilities: ArrayView2<'_, f32>) -> Vec<usize> {
        self.decoder.decode(self.favoured(log_probabilities).view())
    }

    fn decode_chain(
        &self,
        log_probabilities: ArrayView2<'_, f32>,
        transitions: &TransitionScores,
    ) -> Option<Vec<usize>> {
        self.decoder.decode_chain(self.favoured(log_probabilities).view(), transitions)
    }
}
