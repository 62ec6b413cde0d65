//! Multi-head self-attention (Vaswani et al. 2017).

use tch::{Device, Tensor};

use super::Pass;
use super::linear::Linear;
use crate::config::EncoderConfig;
use crate::error::Result;
use crate::kernels;
use crate::packing::Packing;
use crate::parameters::{Init, ParameterPlan};
use crate::placing::Placing;

/// Query, key and value maps and the product of attention; the output map belongs to the layer.
#[derive(Debug)]
pub(crate) struct SelfAttention {
    /// The three maps as one matrix product.
    pub(crate) query_key_value: Linear,
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
            dropout: config.attention_probs_dropout_prob,
        }
    }

    /// `[subtokens, hidden]` to `[subtokens, hidden]`; each window attends to itself alone.
    pub(crate) fn forward(&self, pass: &Pass<'_>, hidden: &Tensor) -> Result<Tensor> {
        let all = &pass.packing.all;
        let projected = self.query_key_value.forward(pass.weights, hidden)?;
        let parts = all.fill(&projected)?;
        all.pack(&self.attend(pass, [all, all], [&parts[0], &parts[1], &parts[2]])?)
    }

    /// The same for the rows to classify alone, `[rows, hidden]`, which attend to everything.
    pub(crate) fn forward_rows(
        &self,
        pass: &Pass<'_>,
        hidden: &Tensor,
        rows: &Tensor,
    ) -> Result<Tensor> {
        let (maps, outputs) = (&self.query_key_value, hidden.size()[1]);
        let Packing { keys_and_values, queries, .. } = pass.packing;
        let query = maps.forward_part(pass.weights, rows, outputs, 0..1)?;
        let query = queries.fill(&query)?;
        let others = maps.forward_part(pass.weights, hidden, outputs, 1..3)?;
        let others = keys_and_values.fill(&others)?;
        let parts = [&query[0], &others[0], &others[1]];
        queries.pack(&self.attend(pass, [queries, keys_and_values], parts)?)
    }

    /// `[windows, heads, queries, width]`, from keys and values `[windows, heads, longest, width]`; or
    /// from packed rows to packed rows. The first of `places` is that of the queries.
    fn attend(
        &self,
        pass: &Pass<'_>,
        places: [&Placing; 2],
        [query, key, value]: [&Tensor; 3],
    ) -> Result<Tensor> {
        let drops = pass.dropout.drops(self.dropout);
        let dropout = if drops { self.dropout } else { 0.0 };
        if let (Some(by), [Placing::Windows(queries), Placing::Windows(keys)]) =
            (pass.packing.attention, places)
        {
            let parts = [query, key, value];
            return kernels::attention(by, parts, queries.spans(), keys.spans(), dropout);
        }
        if drops && !pass.packing.queued && query.device() == Device::Cpu {
            return self.with_dropout(pass, query, key, value);
        }
        Ok(Tensor::f_scaled_dot_product_attention(
            query,
            key,
            value,
            pass.packing.mask.as_ref(),
            dropout,
            false,
            None,
            false,
        )?)
    }

    /// The same with masks of our own, step by step as torch does it too where it drops.
    fn with_dropout(
        &self,
        pass: &Pass<'_>,
        query: &Tensor,
        key: &Tensor,
        value: &Tensor,
    ) -> Result<Tensor> {
        let size = query.size();
        let (longest, width) = (key.size()[2], size[3]);
        let flat = |part: &Tensor| part.f_view([-1, part.size()[2], width]);
        let (query, key) = (flat(query)?, flat(key)?.f_transpose(1, 2)?);
        let scale = (width as f64).sqrt().recip();
        let scores = match &pass.packing.mask {
            // `[windows, 1, 1, longest]` to `[windows heads, 1, longest]`
            Some(mask) => {
                let mask = mask.f_expand([size[0], size[1], 1, longest], false)?;
                let mask = mask.f_reshape([-1, 1, longest])?;
                mask.f_baddbmm(&query, &key, 1.0, scale)?
            }
            None => query.f_mul_scalar(scale)?.f_bmm(&key)?,
        };
        let scores = scores.f_softmax(-1, None)?;
        let weights = pass.dropout.apply(&scores, self.dropout)?;
        Ok(weights.f_bmm(&flat(value)?)?.f_view(&*size)?)
    }
}
