//! Scores of a model on a data set.

use ner_align_core::{Dataset, DecodeMode, Metric, TokenClassifier};
use ner_align_metrics::{Scorer, Scores};
use serde::{Deserialize, Serialize};

use crate::error::TrainError;
use crate::predict::{Decoding, Predictions, predict};

/// How well a model does on a data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evaluation {
    /// Mean loss over the labelled subtokens, as in [`crate::Predictions::loss`]; `None` without
    /// labels.
    pub loss: Option<f64>,
    /// Entity and token scores over words. Gold entities that the model could not see count as
    /// missed.
    pub scores: Scores,
}

impl Evaluation {
    /// An evaluation with this loss and these scores.
    #[must_use]
    pub const fn new(loss: Option<f64>, scores: Scores) -> Self {
        Self { loss, scores }
    }

    /// Strict micro F1, 0 to 1; 0 where it is undefined.
    #[must_use]
    pub fn f1(&self) -> f64 {
        self.scores.strict().micro.f1.unwrap_or(0.0)
    }
}

/// Predicts and scores every sentence of `dataset`; also returns the predictions.
///
/// # Errors
/// As [`predict`].
pub fn evaluate<M: TokenClassifier + ?Sized>(
    model: &M,
    dataset: &Dataset,
    decoding: Decoding<'_>,
    batch_subtokens: usize,
) -> Result<(Evaluation, Predictions), TrainError> {
    let predictions = predict(model, dataset, decoding, batch_subtokens)?;
    let mut scorer = Scorer::new(dataset.labels.scheme(), DecodeMode::Lenient);
    let mut document = None;
    for (gold, predicted) in dataset.sentences.iter().zip(&predictions.sentences) {
        if document.replace(gold.document).is_some_and(|before| before != gold.document) {
            scorer.end_document();
        }
        for words in gold.sentences() {
            scorer.update(&gold.tags[words.clone()], &predicted.tags[words])?;
        }
    }
    Ok((Evaluation::new(predictions.loss, scorer.compute()), predictions))
}
