//! Multi-head self-attention (Vaswani et al. 2017).

use tch::{Device, Tensor};

use super::Pass;
use super::linear::Linear;
use super::places::Places;
use crate::distances::Queries;
use crate::error::Result;
use crate::kernels;
use crate::packing::Packing;
use crate::placing::Placing;

/// Query, key and value maps and the product of attention; the output map belongs to the layer.
#[derive(Debug)]
pub(crate) struct SelfAttention {
    /// The three maps as one matrix product, in the order query, key, value.
    pub(crate) query_key_value: Linear,
    pub(crate) dropout: f64,
    /// True if a subtoken sees its neighbours alone.
    pub(crate) is_local: bool,
}

impl SelfAttention {
    /// `[subtokens, hidden]` to `[subtokens, hidden]`; each window attends to itself alone.
    pub(crate) fn forward(
        &self,
        pass: &Pass<'_>,
        places: &Places,
        hidden: &Tensor,
    ) -> Result<Tensor> {
        let all = &pass.packing.all;
        let projected = self.query_key_value.forward(pass.weights, hidden)?;
        let rotation = places.rotation(self.is_local);
        let projected = match rotation {
            Some(rotation) => rotation.turn(&projected, 2, 3)?,
            None => projected,
        };
        let parts = all.fill(&projected)?;
        let parts = [&parts[0], &parts[1], &parts[2]];
        all.pack(&self.attend(pass, places, Queries::All, [all, all], parts)?)
    }

    /// The same for the rows to classify alone, `[rows, hidden]`, which attend to everything.
    pub(crate) fn forward_rows(
        &self,
        pass: &Pass<'_>,
        places: &Places,
        hidden: &Tensor,
        rows: &Tensor,
    ) -> Result<Tensor> {
        let (maps, outputs) = (&self.query_key_value, hidden.size()[1]);
        let Packing { keys_and_values, queries, .. } = pass.packing;
        let mut query = maps.forward_part(pass.weights, rows, outputs, 0..1)?;
        let mut others = maps.forward_part(pass.weights, hidden, outputs, 1..3)?;
        if let Some(rotation) = places.rotation(self.is_local) {
            query = rotation.of_rows(pass.packing)?.turn(&query, 1, 1)?;
            others = rotation.turn(&others, 1, 2)?;
        }
        let (query, others) = (queries.fill(&query)?, keys_and_values.fill(&others)?);
        let parts = [&query[0], &others[0], &others[1]];
        self.attend(pass, places, Queries::Rows, [queries, keys_and_values], parts)
            .and_then(|attended| queries.pack(&attended))
    }

    /// `[windows, heads, queries, width]`, from keys and values `[windows, heads, longest, width]`; or
    /// from packed rows to packed rows. The first of `placings` is that of the queries.
    fn attend(
        &self,
        pass: &Pass<'_>,
        places: &Places,
        queries: Queries,
        placings: [&Placing; 2],
        [query, key, value]: [&Tensor; 3],
    ) -> Result<Tensor> {
        if let Places::Relative(relative) = places {
            let maps = &self.query_key_value;
            let added = relative.scores(pass, maps, [query, key], queries)?;
            return self.by_steps(pass, [query, key, value], Some(&added), relative.scale);
        }
        let scale = (query.size()[query.dim() - 1] as f64).sqrt().recip();
        let drops = pass.dropout.drops(self.dropout);
        let dropout = if drops { self.dropout } else { 0.0 };
        if let (Some(by), [Placing::Windows(queries), Placing::Windows(keys)]) =
            (pass.packing.attention, placings)
        {
            let parts = [query, key, value];
            return kernels::attention(by, parts, queries.spans(), keys.spans(), dropout);
        }
        let mask = places.mask(pass.packing, self.is_local, queries)?;
        if drops && !pass.packing.queued && query.device() == Device::Cpu {
            return self.by_steps(pass, [query, key, value], mask.as_ref(), scale);
        }
        Ok(Tensor::f_scaled_dot_product_attention(
            query,
            key,
            value,
            mask.as_ref(),
            dropout,
            false,
            None,
            false,
        )?)
    }

    /// The same step by step, as torch does it too where it drops: with masks of our own, or with scores
    /// to add that learn. `added` fits `[windows, heads, queries, longest]`.
    fn by_steps(
        &self,
        pass: &Pass<'_>,
        [query, key, value]: [&Tensor; 3],
        added: Option<&Tensor>,
        scale: f64,
    ) -> Result<Tensor> {
        let size = query.size();
        let (longest, width) = (key.size()[2], size[3]);
        let flat = |part: &Tensor| part.f_reshape([-1, part.size()[2], width]);
        let (query, key) = (flat(query)?, flat(key)?.f_transpose(1, 2)?);
        let scores = match added {
            // `[windows, heads, queries, longest]`, or 1 in place of some, to `[windows heads, …]`.
            Some(added) => {
                let queries = added.size()[2];
                let added = added.f_expand([size[0], size[1], queries, longest], false)?;
                let added = added.f_reshape([-1, queries, longest])?;
                added.f_baddbmm(&query, &key, 1.0, scale)?
            }
            None => query.f_mul_scalar(scale)?.f_bmm(&key)?,
        };
        let scores = scores.f_softmax(-1, None)?;
        let weights = pass.dropout.apply(&scores, self.dropout)?;
        Ok(weights.f_bmm(&flat(value)?)?.f_view(&*size)?)
    }
}
