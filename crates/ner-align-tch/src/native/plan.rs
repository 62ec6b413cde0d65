//! Where the tensors of an encoder stand in the flat buffers.

use ner_align_kernels::Activation as Curve;

use crate::config::{Activation, EncoderConfig};
use crate::encoder::{Encoder, Layer};
use crate::parameters::{Parameter, Parameters};

/// A linear map: where its matrix and its bias begin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Map {
    pub(super) matrix: usize,
    pub(super) bias: usize,
}

/// A layer norm: where its vectors begin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NormPlace {
    pub(super) weight: usize,
    pub(super) bias: usize,
}

/// One layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LayerPlan {
    /// Query, key and value stacked.
    pub(super) query_key_value: Map,
    pub(super) attention_output: Map,
    pub(super) attention_norm: NormPlace,
    pub(super) intermediate: Map,
    pub(super) output: Map,
    pub(super) output_norm: NormPlace,
    /// False if it is frozen.
    pub(super) learns: bool,
}

/// The shape of an encoder and the places of its tensors. Matrices are in the buffer of what decays,
/// vectors in that of what does not.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(super) hidden: usize,
    /// Width of the embeddings.
    pub(super) narrow: usize,
    pub(super) wide: usize,
    pub(super) heads: usize,
    pub(super) epsilon: f32,
    pub(super) activation: Curve,
    pub(super) hidden_dropout: f64,
    pub(super) attention_dropout: f64,
    /// Table of positions, and its rows.
    pub(super) position: usize,
    pub(super) positions: usize,
    /// The row of the positions that never learns.
    pub(super) position_padding: Option<usize>,
    /// Table of token types, and its rows; there may be none.
    pub(super) token_type: Option<usize>,
    pub(super) embedding_norm: NormPlace,
    pub(super) projection: Option<Map>,
    /// False if the embeddings are frozen.
    pub(super) embeddings_learn: bool,
    pub(super) layers: Vec<LayerPlan>,
}

impl Plan {
    /// `None` for an encoder that is not built as BERT is.
    pub(crate) fn new(
        encoder: &Encoder,
        config: &EncoderConfig,
        parameters: &Parameters,
    ) -> Option<Self> {
        if !config.has_native_way() {
            return None;
        }
        let at = |parameter: Parameter| parameters.offset(parameter);
        let map = |linear: &crate::encoder::Linear| {
            Some(Map { matrix: at(linear.weight), bias: at(linear.bias?) })
        };
        let norm = |norm: &crate::encoder::LayerNorm| {
            Some(NormPlace { weight: at(norm.weight), bias: at(norm.bias?) })
        };
        let embeddings = &encoder.embeddings;
        let layers = encoder.layers.iter().map(|layer| {
            let Layer::Post(layer) = layer else { return None };
            Some(LayerPlan {
                query_key_value: map(&layer.attention.query_key_value)?,
                attention_output: map(&layer.attention_output)?,
                attention_norm: norm(&layer.attention_norm)?,
                intermediate: map(&layer.intermediate)?,
                output: map(&layer.output)?,
                output_norm: norm(&layer.output_norm)?,
                learns: parameters.learns(layer.output.weight),
            })
        });
        Some(Self {
            hidden: config.hidden_size as usize,
            narrow: config.embedding_size as usize,
            wide: config.intermediate_size as usize,
            heads: config.num_attention_heads as usize,
            epsilon: config.layer_norm_eps as f32,
            activation: match config.hidden_act {
                Activation::Gelu => Curve::Gelu,
                Activation::GeluNew => Curve::GeluTanh,
                Activation::Relu => Curve::Relu,
            },
            hidden_dropout: config.hidden_dropout_prob,
            attention_dropout: config.attention_probs_dropout_prob,
            position: at(embeddings.position?),
            positions: config.max_position_embeddings as usize,
            position_padding: config.position_padding().map(|row| row as usize),
            token_type: embeddings.token_type.map(at),
            embedding_norm: norm(&embeddings.norm)?,
            projection: match &encoder.projection {
                Some(projection) => Some(map(projection)?),
                None => None,
            },
            embeddings_learn: parameters.learns(embeddings.position?),
            layers: layers.collect::<Option<_>>()?,
        })
    }

    /// The end of the layers' matrices, which are the first ones.
    pub(super) fn end_of_layers(&self) -> usize {
        let ends = self.layers.iter().map(|layer| layer.output.matrix + self.hidden * self.wide);
        ends.max().unwrap_or(0)
    }

    /// The lowest layer that learns; the number of layers if none does. All above it learn too.
    pub(super) fn first_learning(&self) -> usize {
        if self.embeddings_learn {
            return 0;
        }
        self.layers.iter().position(|layer| layer.learns).unwrap_or(self.layers.len())
    }

    /// Columns of a head.
    pub(super) fn head(&self) -> usize {
        self.hidden / self.heads.max(1)
    }
}
