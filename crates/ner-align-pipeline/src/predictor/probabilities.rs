//! What a model says of each word, before tags are chosen.

use ndarray::Array2;
use ner_align_core::{Document, LabelSet, Tag};

use super::Predictor;
use crate::PipelineError;

impl Predictor {
    /// The probability of each class of `labels` for each word of documents of one sentence each,
    /// `[words, classes]`, at the temperature of the model's calibration. Classes that the model
    /// lacks have the probability 0, and `O` has the share of those that `labels` lacks.
    ///
    /// A word that the model does not see is `O`. The transitions of a CRF are left out.
    pub(crate) fn class_probabilities(
        &self,
        documents: &[Document],
        labels: &LabelSet,
    ) -> Result<Vec<Array2<f32>>, PipelineError> {
        let dataset = self.codec.preparer().without_gold().dataset(documents)?;
        let temperature = self.calibration.as_ref().map_or(1.0, |own| own.temperature) as f32;
        let scores = self.score_words(&dataset)?.scores;
        let outside = labels.id(&Tag::Outside).unwrap_or_default();
        let own = labels.partial_ids_of(&dataset.labels);
        let of_sentence = |scores: &Array2<f32>| {
            let mut shares = Array2::zeros((scores.nrows(), labels.len()));
            for (mut share, scores) in shares.rows_mut().into_iter().zip(scores.rows()) {
                let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                if !highest.is_finite() {
                    share[outside] = 1.0;
                    continue;
                }
                let weight = |score: f32| ((score - highest) / temperature).exp();
                let total: f32 = scores.iter().copied().map(weight).sum();
                for (id, score) in own.iter().zip(scores) {
                    share[id.unwrap_or(outside)] += weight(*score) / total;
                }
            }
            shares
        };
        Ok(scores.iter().map(of_sentence).collect())
    }
}
