//! One layer: attention and a two-layer perceptron, each with a residual and a norm after it.

use tch::Tensor;

use super::attention::SelfAttention;
use super::linear::{LayerNorm, Linear};
use crate::config::{Activation, BertConfig};
use crate::error::Result;
use crate::packing::Packing;
use crate::parameters::{Init, ParameterPlan, Parameters};

/// A post-norm transformer layer.
#[derive(Debug)]
pub(crate) struct Layer {
    attention: SelfAttention,
    attention_output: Linear,
    attention_norm: LayerNorm,
    intermediate: Linear,
    output: Linear,
    output_norm: LayerNorm,
    activation: Activation,
    dropout: f64,
}

impl Layer {
    /// Declares the tensors of `NAME.…`, in the names of BERT.
    pub(crate) fn declare(plan: &mut ParameterPlan, name: &str, config: &BertConfig) -> Self {
        let (hidden, wide, eps) =
            (config.hidden_size, config.intermediate_size, config.layer_norm_eps);
        let maps = ["query", "key", "value"].map(|map| format!("{name}.attention.self.{map}"));
        let linear = |plan: &mut ParameterPlan, part: &str, outputs, inputs| {
            Linear::declare(plan, &[format!("{name}.{part}")], outputs, inputs, Init::Required)
        };
        let norm = |plan: &mut ParameterPlan, part: &str| {
            LayerNorm::declare(plan, &format!("{name}.{part}"), hidden, eps)
        };
        Self {
            attention: SelfAttention::declare(plan, &maps, config),
            attention_output: linear(plan, "attention.output.dense", hidden, hidden),
            attention_norm: norm(plan, "attention.output.LayerNorm"),
            intermediate: linear(plan, "intermediate.dense", wide, hidden),
            output: linear(plan, "output.dense", hidden, wide),
            output_norm: norm(plan, "output.LayerNorm"),
            activation: config.hidden_act,
            dropout: config.hidden_dropout_prob,
        }
    }

    pub(crate) fn forward(
        &self,
        parameters: &Parameters,
        packing: &Packing,
        hidden: &Tensor,
        train: bool,
    ) -> Result<Tensor> {
        let context = self.attention.forward(parameters, packing, hidden, train)?;
        let attended = self
            .attention_output
            .forward(parameters, &context)?
            .f_dropout(self.dropout, train)?
            .f_add(hidden)?;
        let attended = self.attention_norm.forward(parameters, &attended)?;
        let wide = self.intermediate.forward(parameters, &attended)?;
        let wide = match self.activation {
            Activation::Gelu => wide.f_gelu("none")?,
            Activation::GeluNew => wide.f_gelu("tanh")?,
            Activation::Relu => wide.f_relu()?,
        };
        let output = self
            .output
            .forward(parameters, &wide)?
            .f_dropout(self.dropout, train)?
            .f_add(&attended)?;
        self.output_norm.forward(parameters, &output)
    }
}
