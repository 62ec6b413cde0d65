//! What comes of an evaluation.

use ner_align_metrics::Scores;
use serde::{Deserialize, Serialize};

/// How well a model does on a data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Mean loss over labelled subtokens, as [`predict()`](crate::predict()) takes it; `None` if there is none.
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
