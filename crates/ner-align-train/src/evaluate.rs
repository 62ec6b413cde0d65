//! Scores of a model on a data set.

use ner_align_core::{Dataset, DecodeMode, Metric, TokenClassifier};
use ner_align_metrics::Scorer;

use crate::check::check_dataset;
use crate::error::TrainError;
use crate::evaluation::Evaluation;
use crate::predict::{Decoding, Prediction, predict};

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
    check_dataset("the data", dataset, model.num_labels())?;
    let predictions =
        predict(model, dataset, decoding, batch_subtokens).map_err(TrainError::model)?;
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
    let evaluation = Evaluation { loss: predictions.loss, scores: scorer.compute() };
    Ok((evaluation, predictions.sentences))
}
