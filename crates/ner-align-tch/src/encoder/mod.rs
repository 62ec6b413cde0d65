//! The encoder of BERT (Devlin et al. 2019) and its relatives over packed subtokens.
//!
//! One implementation serves all families: [`crate::config::Family`] holds what differs.
//!
//! Linear maps, layer norms and activations run on `[subtokens, hidden]`, real subtokens only;
//! attention alone sees the padded rectangle.

mod attention;
mod embeddings;
mod layer;
mod linear;

use tch::Tensor;

use crate::config::EncoderConfig;
use crate::dropout::Dropout;
use crate::error::Result;
use crate::packing::Packing;
use crate::parameters::{Init, Parameter, ParameterPlan, Weights, WordRows};
use embeddings::Embeddings;
use layer::Layer;
pub(crate) use linear::{LayerNorm, Linear};

/// What one pass through the encoder goes by.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    pub(crate) weights: &'a Weights,
    pub(crate) packing: &'a Packing,
    /// The batch's rows of the table of words.
    pub(crate) words: &'a WordRows,
    pub(crate) dropout: &'a Dropout,
}

/// The parts of a model below any task head.
#[derive(Debug)]
pub(crate) struct Encoder {
    pub(crate) embeddings: Embeddings,
    /// From the width of the embeddings to that of the layers, where they differ.
    pub(crate) projection: Option<Linear>,
    pub(crate) layers: Vec<Layer>,
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

    /// The matrices that layers multiply by.
    pub(crate) fn matrices_of_layers(&self) -> Vec<Parameter> {
        let of_layer = |layer: &Layer| {
            [
                &layer.attention.query_key_value,
                &layer.attention_output,
                &layer.intermediate,
                &layer.output,
            ]
            .map(|linear| linear.weight)
        };
        self.layers.iter().flat_map(of_layer).collect()
    }

    /// The rows of the table of words that a batch needs.
    pub(crate) fn words(&self, weights: &Weights, packing: &Packing) -> Result<WordRows> {
        self.embeddings.words(weights, packing)
    }

    /// These rows of the table of words, each once; the one at index `padding` never learns.
    pub(crate) fn look_up(
        &self,
        weights: &Weights,
        rows: &[i64],
        padding: Option<usize>,
    ) -> Result<WordRows> {
        weights.look_up(self.embeddings.word, rows, None, padding)
    }

    /// Hidden states of the last layer in the rows to classify, `[rows, hidden]`.
    pub(crate) fn forward(&self, pass: &Pass<'_>) -> Result<Tensor> {
        let mut hidden = self.embeddings.forward(pass)?;
        if let Some(projection) = &self.projection {
            hidden = projection.forward(pass.weights, &hidden)?;
        }
        let Some((last, layers)) = self.layers.split_last() else {
            return pass.packing.take(&hidden, &pass.packing.rows);
        };
        for layer in layers {
            hidden = layer.forward(pass, &hidden)?;
        }
        last.forward_rows(pass, &hidden)
    }
}
