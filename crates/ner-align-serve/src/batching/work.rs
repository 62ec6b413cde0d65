//! What is asked of a model, and what it answers.

use ner_align_pipeline::{FoundEntity, PipelineEntity, PipelineError, PipelineOptions, Predictor};

/// What a request asks of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Work {
    /// Entities with this many alternatives.
    Entities { alternatives: usize },
    /// Entities as transformers' pipeline answers them.
    Pipeline(PipelineOptions),
}

/// What was found in a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TextFound {
    Entities(Vec<FoundEntity>),
    Pipeline(Vec<PipelineEntity>),
}

impl Work {
    /// The work of a batch of both, if they can share one.
    ///
    /// Alternatives are sorted by probability: a request that asked for fewer takes the first ones.
    pub(super) fn joined(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Entities { alternatives }, Self::Entities { alternatives: more }) => {
                Some(Self::Entities { alternatives: *alternatives.max(more) })
            }
            (Self::Pipeline(options), Self::Pipeline(others)) => {
                (options == others).then(|| self.clone())
            }
            _ => None,
        }
    }

    pub(super) fn compute(
        &self,
        predictor: &Predictor,
        texts: &[&str],
    ) -> Result<Vec<TextFound>, PipelineError> {
        Ok(match self {
            Self::Entities { alternatives } => {
                let found = predictor.entities_with_alternatives(texts, *alternatives)?;
                found.into_iter().map(TextFound::Entities).collect()
            }
            Self::Pipeline(options) => {
                let found = predictor.pipeline_entities(texts, options)?;
                found.into_iter().map(TextFound::Pipeline).collect()
            }
        })
    }
}

impl TextFound {
    /// The types of the entities. Subtokens of the pipeline have none.
    pub(super) fn labels(&self) -> Vec<&str> {
        match self {
            Self::Entities(found) => found.iter().map(|entity| entity.label.as_str()).collect(),
            Self::Pipeline(found) => {
                found.iter().filter_map(|entity| entity.entity_group.as_deref()).collect()
            }
        }
    }

    /// The entities; empty for those of the pipeline.
    pub(crate) fn entities(self) -> Vec<FoundEntity> {
        match self {
            Self::Entities(found) => found,
            Self::Pipeline(_) => Vec::new(),
        }
    }

    /// The entities of the pipeline; empty for others.
    pub(crate) fn pipeline(self) -> Vec<PipelineEntity> {
        match self {
            Self::Pipeline(found) => found,
            Self::Entities(_) => Vec::new(),
        }
    }
}
