//! Rotary position embeddings (Su et al. 2021).

use tch::{Kind, Tensor};

use crate::config::EncoderConfig;
use crate::distances::Queries;
use crate::error::Result;
use crate::packing::Packing;

/// Turns vectors of queries and keys by the place of their subtoken, and says which keys a query sees.
#[derive(Debug)]
pub(crate) struct Rotation {
    /// Of the angles of each subtoken, `[subtokens, 1, 1, width / 2]`, f32.
    cosines: Tensor,
    sines: Tensor,
    heads: i64,
    width: i64,
    kind: Kind,
    /// So many keys to each side; `None`: all of the window.
    reach: Option<i64>,
    /// What is added to the scores of all subtokens.
    mask: Option<Tensor>,
}

impl Rotation {
    /// By angles of place / theta^(2i / width), i below half the width.
    pub(crate) fn new(
        packing: &Packing,
        config: &EncoderConfig,
        theta: f64,
        reach: Option<i64>,
        kind: Kind,
    ) -> Result<Self> {
        let (heads, width) = (config.num_attention_heads, config.head_width());
        let options = (Kind::Float, packing.positions.device());
        let exponents = Tensor::f_arange_start_step(0, width, 2, options)?;
        let exponents = exponents.f_div_scalar(width as f64)?;
        let frequencies = Tensor::f_pow_scalar(theta, &exponents)?.f_reciprocal()?;
        let places = packing.positions.f_to_kind(Kind::Float)?.f_view([-1, 1, 1, 1])?;
        let angles = places.f_mul(&frequencies)?;
        let mask = mask(packing, Queries::All, reach, kind)?;
        let (cosines, sines) = (angles.f_cos()?, angles.f_sin()?);
        Ok(Self { cosines, sines, heads, width, kind, reach, mask })
    }

    /// The same for the rows to classify.
    pub(crate) fn of_rows(&self, packing: &Packing) -> Result<Self> {
        let of = |table: &Tensor| table.f_index_select(0, &packing.rows);
        let (cosines, sines) = (of(&self.cosines)?, of(&self.sines)?);
        Ok(Self { cosines, sines, mask: None, ..*self })
    }

    /// `[rows, parts heads width]` to the same, with the vectors of the first parts turned: each pair of
    /// elements i and i + width / 2 by its angle.
    pub(crate) fn turn(&self, packed: &Tensor, turned: i64, parts: i64) -> Result<Tensor> {
        let rows = packed.size()[0];
        let vectors = packed.f_reshape([rows, parts, self.heads, self.width])?;
        let first = vectors.f_narrow(1, 0, turned)?.f_to_kind(Kind::Float)?;
        let half = self.width / 2;
        let (one, other) = (first.f_narrow(3, 0, half)?, first.f_narrow(3, half, half)?);
        let (cosines, sines) = (&self.cosines, &self.sines);
        let halves = [
            one.f_mul(cosines)?.f_sub(&other.f_mul(sines)?)?,
            other.f_mul(cosines)?.f_add(&one.f_mul(sines)?)?,
        ];
        let mut vectors_turned = Tensor::f_cat(&halves, 3)?.f_to_kind(packed.kind())?;
        if turned < parts {
            let others = vectors.f_narrow(1, turned, parts - turned)?;
            vectors_turned = Tensor::f_cat(&[vectors_turned, others], 1)?;
        }
        Ok(vectors_turned.f_reshape([rows, parts * self.heads * self.width])?)
    }

    /// What is added to scores, `[windows, 1, 1 or queries, longest]`; `None` for nothing.
    pub(crate) fn mask(&self, packing: &Packing, queries: Queries) -> Result<Option<Tensor>> {
        match queries {
            Queries::All => Ok(self.mask.as_ref().map(Tensor::shallow_clone)),
            Queries::Rows => mask(packing, queries, self.reach, self.kind),
        }
    }
}

fn mask(
    packing: &Packing,
    queries: Queries,
    reach: Option<i64>,
    kind: Kind,
) -> Result<Option<Tensor>> {
    match reach {
        Some(reach) => packing.mask_of_neighbours(queries, reach, kind),
        None => Ok(packing.mask.as_ref().map(Tensor::shallow_clone)),
    }
}
