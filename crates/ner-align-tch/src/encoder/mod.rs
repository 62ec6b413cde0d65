//! The encoder of BERT (Devlin et al. 2019), its relatives and successors over packed subtokens.
//!
//! One implementation serves all families. [`crate::config::Family`] holds how their files differ,
//! [`crate::config::Design`] what DeBERTa and ModernBERT compute beyond BERT.
//!
//! Linear maps, layer norms and activations run on `[subtokens, hidden]`, real subtokens only;
//! attention alone sees the padded rectangle.

mod attention;
mod embeddings;
mod layer;
mod linear;
mod places;
mod post_norm;
mod pre_norm;
mod relative;
mod rotation;

use tch::Tensor;

use crate::config::{Design, EncoderConfig};
use crate::dropout::Dropout;
use crate::error::Result;
use crate::packing::Packing;
use crate::parameters::{Init, Parameter, ParameterPlan, Weights, WordRows};
use embeddings::Embeddings;
pub(crate) use layer::Layer;
pub(crate) use linear::{LayerNorm, Linear};
use places::Places;
use relative::RelativeTable;
use rotation::Rotation;

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
    /// DeBERTa's.
    relative: Option<RelativeTable>,
    /// After the layers of ModernBERT.
    last_norm: Option<LayerNorm>,
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
        let (mut relative, mut last_norm) = (None, None);
        match config.design() {
            Design::Bert => {}
            Design::Deberta(settings) => {
                relative = Some(RelativeTable::declare(plan, config, *settings));
            }
            Design::ModernBert(modern) => {
                let (name, epsilon) = ("final_norm", config.layer_norm_eps);
                let (required, biased) = (Init::Required, modern.norm_bias);
                last_norm =
                    Some(LayerNorm::declare_biased(plan, name, hidden, epsilon, required, biased));
            }
        }
        Self { embeddings, projection, layers, relative, last_norm }
    }

    /// The matrices that layers multiply by.
    pub(crate) fn matrices_of_layers(&self) -> Vec<Parameter> {
        self.layers.iter().flat_map(Layer::matrices).collect()
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

    /// What attention knows of places, for all layers.
    fn places(&self, pass: &Pass<'_>, config: &EncoderConfig) -> Result<Places> {
        Ok(match (config.design(), &self.relative) {
            (Design::ModernBert(modern), _) => {
                let kind = pass.weights.kind();
                let rotation =
                    |theta, reach| Rotation::new(pass.packing, config, theta, reach, kind);
                let global = rotation(modern.global_theta, None)?;
                Places::Rotated(global, rotation(modern.local_theta, Some(modern.reach))?)
            }
            (_, Some(relative)) => Places::Relative(relative.of(pass)?),
            _ => Places::Embedded,
        })
    }

    /// Hidden states of the last layer in the rows to classify, `[rows, hidden]`.
    pub(crate) fn forward(&self, pass: &Pass<'_>, config: &EncoderConfig) -> Result<Tensor> {
        let mut hidden = self.embeddings.forward(pass)?;
        if let Some(projection) = &self.projection {
            hidden = projection.forward(pass.weights, &hidden)?;
        }
        let places = self.places(pass, config)?;
        hidden = match self.layers.split_last() {
            Some((last, layers)) => {
                for layer in layers {
                    hidden = layer.forward(pass, &places, &hidden)?;
                }
                last.forward_rows(pass, &places, &hidden)?
            }
            None => pass.packing.take(&hidden, &pass.packing.rows)?,
        };
        match &self.last_norm {
            Some(norm) => norm.forward(pass.weights, &hidden),
            None => Ok(hidden),
        }
    }
}
