//! Scores of a model on a data set.

use ner_align_core::{Dataset, DecodeMode, TokenClassifier};
use ner_align_metrics::{Scorer, Scores};
use serde::{Deserialize, Serialize};

use crate::error::TrainError;
use crate::predict::{Decoding, Prediction, predict};

/// How well a model does on a data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Mean loss over labelled subtokens, as [`predict`] takes it; `None` if there is none.
    pub loss: Option<f64>,
    /// Entity and token scores over words. Gold entities that the model could not see count as
    /// missed.
    pub scores: Scores,
}

impl Evaluation {
    /// Strict micro F1, 0 where it is undefined: what the best model is chosen by.
    #[must_use]
    pub fn f1(&self) -> f64 {
        self.scores.strict().micro.f1.unwrap_or(0.0)
    }
}

/// Predicts and scores every sentence of `dataset`; also gives the predictions.
///
/// # Errors
/// Whatever the model reports.
pub fn evaluate<M: TokenClassifier + ?Sized>(
    model: &M,
    dataset: &Dataset,
    decoding: Decoding<'_>,
    batch_subtokens: usize,
) -> Result<(Evaluation, Vec<Prediction>), TrainError> {
    let predictions =
        predict(model, dataset, decoding, batch_subtokens).map_err(TrainError::model)?;
    let mut scorer = Scorer::new(dataset.labels.scheme(), DecodeMode::Lenient);
    let mut document = None;
    for (gold, predicted) in dataset.sentences.iter().zip(&predictions.sentences) {
        if document.replace(gold.document).is_some_and(|before| before != gold.document) {
            scorer.end_document();
        }
        for words in gold.sentences() {
            scorer.try_update(&gold.tags[words.clone()], &predicted.tags[words])?;
        }
    }
    let evaluation =
        Evaluation { loss: predictions.loss, scores: ner_align_core::Metric::compute(&scorer) };
    Ok((evaluation, predictions.sentences))
}
