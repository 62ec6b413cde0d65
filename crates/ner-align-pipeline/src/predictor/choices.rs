//! What a predictor's owner chooses.

use std::sync::Arc;

use ner_align_core::{Scheme, WordSplitting};
use ner_align_corpus::words::WordSplitter;
use ner_align_subword::{Aggregate, SpanScorer};

use super::{Predictor, Thresholds};
use crate::PipelineError;
use crate::calibration::Calibration;
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
