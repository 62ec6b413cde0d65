//! The encoder of BERT (Devlin et al. 2019) and its kin over packed subtokens.
//!
//! One implementation serves all families: what differs stands in [`crate::config::Family`].
//!
//! Linear maps, layer norms and activations run on `[subtokens, hidden]`, real subtokens only;
//! attention alone sees the padded rectangle.

mod attention;
mod embeddings;
mod layer;
mod linear;

use tch::Tensor;

use crate::config::EncoderConfig;
use crate::error::Result;
use crate::packing::Packing;
use crate::parameters::{Init, ParameterPlan, Parameters};
use embeddings::Embeddings;
use layer::Layer;
pub(crate) use linear::Linear;

/// The parts of a model below any task head.
#[derive(Debug)]
pub(crate) struct Encoder {
    embeddings: Embeddings,
    /// From the width of the embeddings to that of the layers, where they differ.
    projection: Option<Linear>,
    layers: Vec<Layer>,
}

impl Encoder {
    /// Declares the encoder's tensors.
    pub(crate) fn declare(plan: &mut ParameterPlan, config: &EncoderConfig) -> Self {
        let layers =
            (0..config.num_hidden_layers).map(|i| Layer::declare(plan, i, config)).collect();
        let embeddings = Embeddings::declare(plan, config);
        let (narrow, hidden) = (config.embedding_size, config.hidden_size);
        let projection = (narrow != hidden).then(|| {
            let name = ["embeddings_project".to_owned()];
            Linear::declare(plan, &name, hidden, narrow, Init::Required)
        });
        Self { embeddings, projection, layers }
    }

    /// Hidden states of the last layer, `[subtokens, hidden]`. Dropout is on if `train`.
    pub(crate) fn forward(
        &self,
        parameters: &Parameters,
        packing: &Packing,
        train: bool,
    ) -> Result<Tensor> {
        let mut hidden = self.embeddings.forward(parameters, packing, train)?;
        if let Some(projection) = &self.projection {
            hidden = projection.forward(parameters, &hidden)?;
        }
        for layer in &self.layers {
            hidden = layer.forward(parameters, packing, &hidden, train)?;
        }
        Ok(hidden)
    }
}
