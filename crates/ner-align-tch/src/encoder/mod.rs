//! The BERT encoder (Devlin et al. 2019) over packed subtokens.
//!
//! Linear maps, layer norms and activations run on `[subtokens, hidden]`, real subtokens only;
//! attention alone sees the padded rectangle.

mod attention;
mod embeddings;
mod layer;
mod linear;

use tch::Tensor;

use crate::config::BertConfig;
use crate::error::Result;
use crate::packing::Packing;
use crate::parameters::{ParameterPlan, Parameters};
use embeddings::Embeddings;
use layer::Layer;
pub(crate) use linear::Linear;

/// The parts of BERT below any task head.
#[derive(Debug)]
pub(crate) struct Encoder {
    embeddings: Embeddings,
    layers: Vec<Layer>,
}

impl Encoder {
    /// Declares the encoder's tensors.
    pub(crate) fn declare(plan: &mut ParameterPlan, config: &BertConfig) -> Self {
        let layers = (0..config.num_hidden_layers)
            .map(|i| Layer::declare(plan, &format!("encoder.layer.{i}"), config))
            .collect();
        Self { embeddings: Embeddings::declare(plan, config), layers }
    }

    /// Hidden states of the last layer, `[subtokens, hidden]`. Dropout is on if `train`.
    pub(crate) fn forward(
        &self,
        parameters: &Parameters,
        packing: &Packing,
        train: bool,
    ) -> Result<Tensor> {
        let mut hidden = self.embeddings.forward(parameters, packing, train)?;
        for layer in &self.layers {
            hidden = layer.forward(parameters, packing, &hidden, train)?;
        }
        Ok(hidden)
    }
}
