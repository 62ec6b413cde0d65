//! Multi-head self-attention (Vaswani et al. 2017).

use tch::Tensor;

use super::linear::Linear;
use crate::config::EncoderConfig;
use crate::error::Result;
use crate::packing::Packing;
use crate::parameters::{Init, ParameterPlan, Parameters};

/// Query, key and value maps and the product of attention; the output map belongs to the layer.
#[derive(Debug)]
pub(crate) struct SelfAttention {
    /// The three maps as one matrix product.
    query_key_value: Linear,
    heads: i64,
    dropout: f64,
}

impl SelfAttention {
    /// Declares the maps under these three names, in the order query, key, value.
    pub(crate) fn declare(
        plan: &mut ParameterPlan,
        names: &[String],
        config: &EncoderConfig,
    ) -> Self {
        let hidden = config.hidden_size;
        Self {
            query_key_value: Linear::declare(plan, names, hidden, hidden, Init::Required),
            heads: config.num_attention_heads,
            dropout: config.attention_probs_dropout_prob,
        }
    }

    /// `[subtokens, hidden]` to `[subtokens, hidden]`; each window attends to itself alone.
    pub(crate) fn forward(
        &self,
        parameters: &Parameters,
        packing: &Packing,
        hidden: &Tensor,
        train: bool,
    ) -> Result<Tensor> {
        let projected = self.query_key_value.forward(parameters, hidden)?;
        // One copy into the rectangle for all three, then views: `[windows, 3 heads, longest, w]`.
        let rectangle = packing.to_rectangle(&projected, 3 * self.heads)?;
        let part = |i: i64| rectangle.f_narrow(1, i * self.heads, self.heads);
        let context = Tensor::f_scaled_dot_product_attention(
            &part(0)?,
            &part(1)?,
            &part(2)?,
            packing.mask.as_ref(),
            if train { self.dropout } else { 0.0 },
            false,
            None,
            false,
        )?;
        packing.to_packed(&context)
    }
}
