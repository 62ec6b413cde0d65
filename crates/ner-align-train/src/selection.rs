//! How the best of several models is chosen.

use serde::{Deserialize, Serialize};

use crate::evaluate::Evaluation;

/// The score of the development data that the best model is chosen by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Selection {
    /// Micro F1, span and type equal.
    #[default]
    Strict,
    /// Macro F1 over entity types, span and type equal: rare types count as much as others.
    StrictMacro,
    /// SemEval's micro F1 with partial credit, type ignored.
    Partial,
    /// SemEval's micro F1 of types, boundaries may differ.
    Type,
    /// Micro F1 over entity words, boundaries ignored.
    Relaxed,
    /// The mean loss; the lowest is the best.
    Loss,
}

impl Selection {
    /// The score of an evaluation, higher is better; an undefined one is worse than any.
    #[must_use]
    pub fn score(self, evaluation: &Evaluation) -> f64 {
        let scores = &evaluation.scores.scores;
        let score = match self {
            Self::Strict => scores.strict.micro.f1,
            Self::StrictMacro => scores.strict.macro_.f1,
            Self::Partial => scores.partial.micro.f1,
            Self::Type => scores.entity_type.micro.f1,
            Self::Relaxed => scores.relaxed.micro.f1,
            Self::Loss => evaluation.loss.map(|loss| -loss),
        };
        score.unwrap_or(f64::MIN)
    }
}
