//! A model against annotated documents: its scores, and how honest the scores of its entities are.

use std::collections::BTreeSet;

use ner_align_core::{AlignmentCounts, Dataset, Document, Label};
use ner_align_metrics::calibration::Reliability;
use ner_align_train::{Decoding, Evaluation, Predictions, evaluate, predict};

use super::{Predictor, Thresholds};
use crate::PipelineError;
use crate::calibration::Calibration;
use crate::recall::{DocumentRecall, Evidence, RecallTargets, promises, table};

impl Predictor {
    /// Scores the model on annotated documents, and replaces their annotation by the model's.
    ///
    /// Gold spans that fit no words are in no score; the counts say how many there were.
    ///
    /// # Errors
    /// As [`Predictor::entities`].
    pub fn evaluate(
        &self,
        documents: &mut [Document],
    ) -> Result<(Evaluation, AlignmentCounts), PipelineError> {
        let dataset = self.codec.encode(documents)?;
        let (evaluation, predictions) =
            self.score(&dataset, self.codec.decoding(), self.batch_subtokens)?;
        let keep_all = Thresholds::default();
        self.annotator(&keep_all, 0).write_back(documents, &dataset, &predictions)?;
        Ok((evaluation, dataset.counts))
    }

    /// Measures on annotated documents how honest the scores of entities are, and fits the
    /// temperature that makes them so; [`Predictor::with_calibration`] puts it to use. The documents
    /// must not be those of training.
    ///
    /// # Errors
    /// As [`Predictor::entities`].
    pub fn calibrate(&self, documents: &[Document]) -> Result<Calibration, PipelineError> {
        self.calibrate_on(&self.codec.encode(documents)?, None, self.batch_subtokens)
    }

    /// As [`Predictor::calibrate`], and finds for each target the smallest sensitivity with which the model is shown to
    /// keep it ([`Calibration::recall`]); [`Predictor::with_recall`] puts it to use.
    ///
    /// Documents that are drawn at random from those that the model will see make the promise true; in a corpus
    /// without marked documents, its sentences.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/counting/mod.rs"));
    /// # use ner_align_pipeline::{PipelineError, RecallTargets};
    /// # fn main() -> Result<(), PipelineError> {
    /// # let model = predictor();
    /// let dev = ner_align_corpus::read(fixture("postings/postings-dev.tsv"))?.documents;
    /// let targets = RecallTargets::default().with_all(0.5).with_confidence(0.8);
    /// let calibration = model.calibrate_for_recall(&dev, &targets)?;
    /// let promise = &calibration.recall[0];
    /// assert!(promise.bonus > 0.0 && promise.found > promise.found_without);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Predictor::entities`]; [`PipelineError::Data`] for a type that the model or the documents lack, for a target
    /// or a confidence that is not between 0 and 1, and for a target that the documents do not show.
    pub fn calibrate_for_recall(
        &self,
        documents: &[Document],
        targets: &RecallTargets,
    ) -> Result<Calibration, PipelineError> {
        let dataset = self.codec.encode(documents)?;
        let predictions = self.predict_on(&dataset, self.batch_subtokens)?;
        let calibration = Calibration::fit(&dataset, &predictions, &self.scorer);
        let evidence =
            Evidence { dataset: &dataset, predictions: &predictions, decode: self.decode };
        Ok(calibration.with_recall(promises(evidence, targets)?))
    }

    /// What becomes of the entities of these types in each document as the types get each of these bonuses, 0 or more.
    /// For rules of one's own, beside that of [`Predictor::calibrate_for_recall`].
    ///
    /// # Errors
    /// As [`Predictor::entities`].
    pub fn recall_by_bonus(
        &self,
        documents: &[Document],
        types: &[Label],
        bonuses: &[f64],
    ) -> Result<Vec<DocumentRecall>, PipelineError> {
        let dataset = self.codec.encode(documents)?;
        let predictions = self.predict_on(&dataset, self.batch_subtokens)?;
        let evidence =
            Evidence { dataset: &dataset, predictions: &predictions, decode: self.decode };
        let mut rows = table(evidence, types, bonuses);
        Ok((0..documents.len()).map(|index| rows.remove(&index).unwrap_or_default()).collect())
    }

    /// As [`Predictor::calibrate`], on windows that a codec like its own made.
    pub(crate) fn calibrate_on(
        &self,
        dataset: &Dataset,
        types: Option<&BTreeSet<Label>>,
        batch_subtokens: usize,
    ) -> Result<Calibration, PipelineError> {
        let decoding = self.decoding().with_types(types);
        let predictions = predict(&*self.model, dataset, decoding, batch_subtokens)?;
        Ok(Calibration::fit(dataset, &predictions, &self.scorer))
    }

    /// Scores of entities against their precision in annotated documents, at the temperature that the
    /// predictor has.
    ///
    /// # Errors
    /// As [`Predictor::entities`].
    pub fn reliability(&self, documents: &[Document]) -> Result<Reliability, PipelineError> {
        let dataset = self.codec.encode(documents)?;
        let predictions = self.predict_on(&dataset, self.batch_subtokens)?;
        Ok(Calibration::reliability_of(&dataset, &predictions, &self.scorer))
    }

    pub(super) fn predict_on(
        &self,
        dataset: &Dataset,
        batch_subtokens: usize,
    ) -> Result<Predictions, PipelineError> {
        Ok(predict(&*self.model, dataset, self.decoding(), batch_subtokens)?)
    }

    /// Scores the model on windows that a codec like its own made.
    pub(crate) fn score(
        &self,
        dataset: &Dataset,
        decoding: Decoding<'_>,
        batch_subtokens: usize,
    ) -> Result<(Evaluation, Predictions), PipelineError> {
        Ok(evaluate(&*self.model, dataset, decoding, batch_subtokens)?)
    }
}
