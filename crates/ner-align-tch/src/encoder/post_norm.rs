//! One layer: attention and a two-layer perceptron, each with a residual and a norm after it.

use tch::Tensor;

use super::Pass;
use super::attention::SelfAttention;
use super::linear::{LayerNorm, Linear};
use super::places::Places;
use crate::config::{Activation, EncoderConfig, Names};
use crate::error::Result;
use crate::parameters::{Init, Parameter, ParameterPlan};

/// A post-norm transformer layer.
#[derive(Debug)]
pub(crate) struct PostNorm {
    pub(crate) attention: SelfAttention,
    pub(crate) attention_output: Linear,
    pub(crate) attention_norm: LayerNorm,
    pub(crate) intermediate: Linear,
    pub(crate) output: Linear,
    pub(crate) output_norm: LayerNorm,
    activation: Activation,
    dropout: f64,
}

impl PostNorm {
    /// Declares the tensors of a layer, in the names of its family.
    pub(crate) fn declare(plan: &mut ParameterPlan, number: usize, config: &EncoderConfig) -> Self {
        let (hidden, wide, eps) =
            (config.hidden_size, config.intermediate_size, config.layer_norm_eps);
        let names: &Names = config.family().names;
        let full = |part: &str| format!("{}.{number}.{part}", names.layers);
        let maps: Vec<String> = names.query_key_value.iter().map(|name| full(name)).collect();
        let linear = |plan: &mut ParameterPlan, part: &str, outputs, inputs| {
            Linear::declare(plan, &[full(part)], outputs, inputs, Init::Required)
        };
        let norm = |plan: &mut ParameterPlan, part: &str| {
            LayerNorm::declare(plan, &full(part), hidden, eps)
        };
        Self {
            attention: SelfAttention {
                query_key_value: Linear::declare(plan, &maps, hidden, hidden, Init::Required),
                dropout: config.attention_probs_dropout_prob,
                is_local: false,
            },
            attention_output: linear(plan, names.attention_output, hidden, hidden),
            attention_norm: norm(plan, names.attention_norm),
            intermediate: linear(plan, names.intermediate, wide, hidden),
            output: linear(plan, names.output, hidden, wide),
            output_norm: norm(plan, names.output_norm),
            activation: config.hidden_act,
            dropout: config.hidden_dropout_prob,
        }
    }

    /// The matrices that the layer multiplies by.
    pub(crate) fn matrices(&self) -> [Parameter; 4] {
        let Self { attention, attention_output, intermediate, output, .. } = self;
        [&attention.query_key_value, attention_output, intermediate, output].map(|map| map.weight)
    }

    /// `[subtokens, hidden]` to the same.
    pub(crate) fn forward(
        &self,
        pass: &Pass<'_>,
        places: &Places,
        hidden: &Tensor,
    ) -> Result<Tensor> {
        let context = self.attention.forward(pass, places, hidden)?;
        self.after_attention(pass, hidden, &context)
    }

    /// `[subtokens, hidden]` to the rows to classify, `[rows, hidden]`.
    pub(crate) fn forward_rows(
        &self,
        pass: &Pass<'_>,
        places: &Places,
        hidden: &Tensor,
    ) -> Result<Tensor> {
        let rows = pass.packing.take(hidden, &pass.packing.rows)?;
        let context = self.attention.forward_rows(pass, places, hidden, &rows)?;
        self.after_attention(pass, &rows, &context)
    }

    fn after_attention(
        &self,
        pass: &Pass<'_>,
        hidden: &Tensor,
        context: &Tensor,
    ) -> Result<Tensor> {
        let Pass { weights, dropout, .. } = pass;
        let attended = self.attention_output.forward(weights, context)?;
        let attended = dropout.add(hidden, &attended, self.dropout)?;
        let attended = self.attention_norm.forward(weights, &attended)?;
        let wide = self.intermediate.forward(weights, &attended)?;
        let wide = self.activation.of(&wide)?;
        let output = self.output.forward(weights, &wide)?;
        let output = dropout.add(&attended, &output, self.dropout)?;
        self.output_norm.forward(weights, &output)
    }
}
