//! One layer of ModernBERT: attention and a gated perceptron, each with a norm before it and a residual.

use tch::Tensor;

use super::Pass;
use super::attention::SelfAttention;
use super::linear::{LayerNorm, Linear};
use super::places::Places;
use crate::config::{Activation, EncoderConfig, ModernBert};
use crate::error::Result;
use crate::parameters::{Init, Parameter, ParameterPlan};

/// A pre-norm transformer layer with a gated linear unit (Shazeer 2020).
#[derive(Debug)]
pub(crate) struct PreNorm {
    /// The first layer has none: the embeddings are normed.
    attention_norm: Option<LayerNorm>,
    attention: SelfAttention,
    attention_output: Linear,
    norm: LayerNorm,
    /// What is activated, and its gate.
    intermediate: Linear,
    output: Linear,
    activation: Activation,
    dropout: f64,
}

impl PreNorm {
    /// Declares the tensors of a layer.
    pub(crate) fn declare(
        plan: &mut ParameterPlan,
        number: usize,
        config: &EncoderConfig,
        modern: &ModernBert,
    ) -> Self {
        let names = config.family().names;
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let full = |part: &str| format!("{}.{number}.{part}", names.layers);
        let linear = |plan: &mut ParameterPlan, part: &str, sizes, biased| {
            Linear::declare_biased(plan, full(part), sizes, Init::Required, biased)
        };
        let norm = |plan: &mut ParameterPlan, part: &str| {
            let (name, epsilon) = (full(part), config.layer_norm_eps);
            LayerNorm::declare_biased(
                plan,
                &name,
                hidden,
                epsilon,
                Init::Required,
                modern.norm_bias,
            )
        };
        let all_three = names.query_key_value.concat();
        Self {
            attention_norm: (number > 0).then(|| norm(plan, names.attention_norm)),
            attention: SelfAttention {
                query_key_value: linear(
                    plan,
                    &all_three,
                    [3 * hidden, hidden],
                    modern.attention_bias,
                ),
                dropout: config.attention_probs_dropout_prob,
                is_local: modern.is_local.get(number) == Some(&true),
            },
            attention_output: linear(
                plan,
                names.attention_output,
                [hidden, hidden],
                modern.attention_bias,
            ),
            norm: norm(plan, names.output_norm),
            intermediate: linear(plan, names.intermediate, [2 * wide, hidden], modern.mlp_bias),
            output: linear(plan, names.output, [hidden, wide], modern.mlp_bias),
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
        let normed = self.normed(pass, hidden)?;
        let context = self.attention.forward(pass, places, &normed)?;
        self.after_attention(pass, hidden, &context)
    }

    /// `[subtokens, hidden]` to the rows to classify, `[rows, hidden]`.
    pub(crate) fn forward_rows(
        &self,
        pass: &Pass<'_>,
        places: &Places,
        hidden: &Tensor,
    ) -> Result<Tensor> {
        let of_rows = |of: &Tensor| pass.packing.take(of, &pass.packing.rows);
        let normed = self.normed(pass, hidden)?;
        let context = self.attention.forward_rows(pass, places, &normed, &of_rows(&normed)?)?;
        self.after_attention(pass, &of_rows(hidden)?, &context)
    }

    fn normed(&self, pass: &Pass<'_>, hidden: &Tensor) -> Result<Tensor> {
        match &self.attention_norm {
            Some(norm) => norm.forward(pass.weights, hidden),
            None => Ok(hidden.shallow_clone()),
        }
    }

    fn after_attention(
        &self,
        pass: &Pass<'_>,
        hidden: &Tensor,
        context: &Tensor,
    ) -> Result<Tensor> {
        let Pass { weights, dropout, .. } = pass;
        let attended = self.attention_output.forward(weights, context)?;
        let attended = dropout.add(hidden, &attended, self.attention.dropout)?;
        let wide = self.norm.forward(weights, &attended)?;
        let wide = self.intermediate.forward(weights, &wide)?;
        let half = wide.size()[1] / 2;
        let gate = wide.f_narrow(1, half, half)?;
        let gated = self.activation.of(&wide.f_narrow(1, 0, half)?)?.f_mul(&gate)?;
        let gated = dropout.apply(&gated, self.dropout)?;
        Ok(self.output.forward(weights, &gated)?.f_add(&attended)?)
    }
}
