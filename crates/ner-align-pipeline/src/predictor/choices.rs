//! What a predictor's owner chooses.

use std::sync::Arc;

use ner_align_core::{Scheme, WordSplitting};
use ner_align_corpus::words::WordSplitter;
use ner_align_subword::{Aggregate, SpanScorer};

use super::{Predictor, Thresholds};
use crate::PipelineError;
use crate::calibration::Calibration;
use crate::recall::RecallPromise;
use crate::sensitivity::Sensitivity;
use crate::settings::Decode;

impl Predictor {
    /// Turns scores of words into tags in this way.
    #[must_use]
    pub fn with_decode(mut self, decode: Decode) -> Self {
        self.codec = self.codec.with_decode(decode);
        self.decode = decode;
        self.with_scorer()
    }

    /// Reads the classes in this scheme, and decodes within it. For models whose folder does not say
    /// the scheme.
    ///
    /// # Errors
    /// [`PipelineError::Labels`] if the scheme lacks the prefix of a class.
    pub fn with_scheme(mut self, scheme: Scheme) -> Result<Self, PipelineError> {
        self.codec = self.codec.with_scheme(scheme)?;
        self.scheme_is_known = true;
        Ok(self.with_decode(Decode::Constrained))
    }

    /// Gives scores by this calibration, or with `None` as the model has them.
    #[must_use]
    pub fn with_calibration(mut self, calibration: Option<Calibration>) -> Self {
        self.calibration = calibration;
        self.with_scorer()
    }

    /// The same predictor, scoring the sequences that its decoder chooses from at its temperature.
    fn with_scorer(mut self) -> Self {
        let labels = self.codec.labels();
        let scorer = match self.decode {
            Decode::Constrained => SpanScorer::constrained(labels),
            Decode::Argmax => SpanScorer::unconstrained(labels),
        };
        let temperature = self.calibration.as_ref().map_or(1.0, |own| own.temperature);
        self.scorer = scorer.with_temperature(temperature);
        self
    }

    /// Finds as many entities as the calibration promises ([`Calibration::recall`]). More of what is found is wrong.
    ///
    /// A promise holds for the way that it was measured in: without thresholds, and with the first subtoken for a word.
    ///
    /// # Errors
    /// [`PipelineError::Data`] for a model without a promise, and for one that was measured with another
    /// [`Predictor::decode`].
    pub fn with_recall(self) -> Result<Self, PipelineError> {
        let promises = self.calibration.as_ref().map_or(&[][..], |own| &own.recall);
        let refuse = |expected: String, found: String, hint: &str| PipelineError::Data {
            place: "recall".to_owned(),
            expected,
            found,
            hint: Some(hint.to_owned()),
        };
        if promises.is_empty() {
            return Err(refuse(
                "a model with a promised recall".to_owned(),
                "one without".to_owned(),
                "calibrate it for a recall, on annotated documents",
            ));
        }
        if let Some(other) = promises.iter().map(|own| own.decode).find(|own| *own != self.decode) {
            return Err(refuse(
                format!("decoding by {other}, by which the recall was measured"),
                self.decode.to_string(),
                "calibrate it for a recall again",
            ));
        }
        let sensitivity = RecallPromise::sensitivity(promises);
        Ok(self.with_sensitivity(sensitivity))
    }

    /// Finds more of the types that this favours. Scores of entities stay what they are without it.
    #[must_use]
    pub fn with_sensitivity(mut self, sensitivity: Sensitivity) -> Self {
        self.codec = self.codec.with_sensitivity(sensitivity);
        self
    }

    /// Drops entities with a lower score than these. [`Predictor::evaluate`] does not.
    #[must_use]
    pub fn with_thresholds(mut self, thresholds: Thresholds) -> Self {
        self.thresholds = thresholds;
        self
    }

    /// Gives this many other readings of each entity's words, the most probable ones, in
    /// [`FoundEntity::alternatives`](super::FoundEntity::alternatives).
    #[must_use]
    pub const fn with_alternatives(mut self, alternatives: usize) -> Self {
        self.alternatives = alternatives;
        self
    }

    /// Turns scores of subtokens into scores of words in this way.
    #[must_use]
    pub fn with_aggregate(mut self, aggregate: Aggregate) -> Self {
        self.codec = self.codec.with_aggregate(aggregate);
        self
    }

    /// Cuts texts into sentences before they become windows.
    #[must_use]
    pub const fn with_sentences(mut self, yes: bool) -> Self {
        self.cutting.in_sentences = yes;
        self
    }

    /// Cuts texts into words in this way, instead of that of the model's training.
    ///
    /// # Errors
    /// [`PipelineError::Corpus`] for a pattern that is not a regular expression.
    pub fn with_words(mut self, words: &WordSplitting) -> Result<Self, PipelineError> {
        self.cutting.words = Arc::new(WordSplitter::new(words)?);
        Ok(self)
    }

    /// Sends up to this many subtokens through the model at a time; one window always goes.
    #[must_use]
    pub const fn with_batch_subtokens(mut self, subtokens: usize) -> Self {
        self.batch_subtokens = subtokens;
        self
    }
}
