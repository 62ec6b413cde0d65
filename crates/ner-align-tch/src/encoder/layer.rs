//! A layer of either build.

use tch::Tensor;

use super::Pass;
use super::places::Places;
use super::post_norm::PostNorm;
use super::pre_norm::PreNorm;
use crate::config::{Design, EncoderConfig};
use crate::error::Result;
use crate::parameters::{Parameter, ParameterPlan};

/// A transformer layer.
#[derive(Debug)]
pub(crate) enum Layer {
    /// Norms come last: BERT.
    Post(PostNorm),
    /// Norms come first: ModernBERT.
    Pre(PreNorm),
}

impl Layer {
    /// Declares the tensors of a layer, in the names of its family.
    pub(crate) fn declare(plan: &mut ParameterPlan, number: usize, config: &EncoderConfig) -> Self {
        match config.design() {
            Design::ModernBert(modern) => Self::Pre(PreNorm::declare(plan, number, config, modern)),
            _ => Self::Post(PostNorm::declare(plan, number, config)),
        }
    }

    /// The matrices that the layer multiplies by.
    pub(crate) fn matrices(&self) -> [Parameter; 4] {
        match self {
            Self::Post(layer) => layer.matrices(),
            Self::Pre(layer) => layer.matrices(),
        }
    }

    /// `[subtokens, hidden]` to the same.
    pub(crate) fn forward(
        &self,
        pass: &Pass<'_>,
        places: &Places,
        hidden: &Tensor,
    ) -> Result<Tensor> {
        match self {
            Self::Post(layer) => layer.forward(pass, places, hidden),
            Self::Pre(layer) => layer.forward(pass, places, hidden),
        }
    }

    /// `[subtokens, hidden]` to the rows to classify, `[rows, hidden]`: of the last layer nothing
    /// else is needed.
    pub(crate) fn forward_rows(
        &self,
        pass: &Pass<'_>,
        places: &Places,
        hidden: &Tensor,
    ) -> Result<Tensor> {
        match self {
            Self::Post(layer) => layer.forward_rows(pass, places, hidden),
            Self::Pre(layer) => layer.forward_rows(pass, places, hidden),
        }
    }
}
