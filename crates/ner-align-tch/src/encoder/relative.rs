//! Attention by relative positions (He et al. 2021).

use tch::Tensor;

use super::Pass;
use super::linear::{LayerNorm, Linear};
use crate::config::{self, EncoderConfig};
use crate::distances::{Queries, TableRows};
use crate::error::{ModelError, Result};
use crate::parameters::{Init, Parameter, ParameterPlan};

/// The table of relative positions, which all layers share.
#[derive(Debug)]
pub(crate) struct RelativeTable {
    /// `[2 span, hidden]`
    rows: Parameter,
    norm: Option<LayerNorm>,
    settings: config::Relative,
    head_width: i64,
    dropout: f64,
}

impl RelativeTable {
    pub(crate) fn declare(
        plan: &mut ParameterPlan,
        config: &EncoderConfig,
        settings: config::Relative,
    ) -> Self {
        let hidden = config.hidden_size;
        let name = "encoder.rel_embeddings.weight".to_owned();
        let rows = plan.add(&[name], &[2 * settings.span, hidden], Init::Required);
        let epsilon = config.layer_norm_eps;
        let norm =
            settings.normed.then(|| LayerNorm::declare(plan, "encoder.LayerNorm", hidden, epsilon));
        let dropout = config.hidden_dropout_prob;
        Self { rows, norm, settings, head_width: config.head_width(), dropout }
    }

    /// What layers need of the table for a batch.
    pub(crate) fn of(&self, pass: &Pass<'_>) -> Result<Relative> {
        let distances = pass.packing.distances.as_ref();
        let Some((distances, rows)) = distances.and_then(|of| Some((of, of.table.as_ref()?)))
        else {
            let (expected, found) =
                ("windows of one subtoken or more".to_owned(), "none".to_owned());
            return Err(ModelError::Batch { expected, found });
        };
        let TableRows { first, count, of_distances } = rows;
        let table = pass.weights.get(self.rows).f_narrow(0, *first, *count)?;
        let table = match &self.norm {
            Some(norm) => norm.forward(pass.weights, &table)?,
            None => table,
        };
        let addends = self.settings.addends() * self.head_width;
        Ok(Relative {
            table,
            of_distances: of_distances.shallow_clone(),
            all: distances.of(Queries::All)?.f_add_scalar(distances.farthest())?,
            settings: self.settings,
            scale: (addends as f64).sqrt().recip(),
            dropout: self.dropout,
        })
    }
}

/// Relative positions of a batch.
#[derive(Debug)]
pub(crate) struct Relative {
    /// The rows of the table that the batch needs, `[rows, hidden]`.
    table: Tensor,
    /// The row for each distance, `[distances]`.
    of_distances: Tensor,
    /// The number of the distance between each subtoken and each key, `[windows, longest, longest]`.
    all: Tensor,
    settings: config::Relative,
    /// What scores are multiplied by.
    pub(crate) scale: f64,
    dropout: f64,
}

impl Relative {
    /// What is added to the scaled scores of contents, `[windows, heads, queries, longest]`: the scores of
    /// queries for the places of keys and of keys for those of queries, scaled, and the mask. The maps
    /// of queries and keys serve places too.
    ///
    /// Every distance has a vector of its own, though some share a row: then each query has each of them
    /// once, and nothing on the way back is added up in whatever order.
    pub(crate) fn scores(
        &self,
        pass: &Pass<'_>,
        maps: &Linear,
        [query, key]: [&Tensor; 2],
        queries: Queries,
    ) -> Result<Tensor> {
        let size = query.size();
        let (windows, heads, asked, width) = (size[0], size[1], size[2], size[3]);
        let longest = key.size()[2];
        let table = pass.dropout.apply(&self.table, self.dropout)?;
        let mapped = maps.forward_part(pass.weights, &table, heads * width, 0..2)?;
        let mapped = pass.packing.take(&mapped, &self.of_distances)?;
        // Queries' and keys' places, `[heads, width, distances]` each.
        let mapped = mapped.f_view([-1, 2, heads, width])?.f_permute([1, 2, 3, 0])?;
        // Of vectors `[windows, heads, count, width]` for the places that `index`
        // `[windows, count, others]` has for each, `[heads, windows, count, others]`.
        let scores = |vectors: &Tensor, places: i64, index: &Tensor| -> Result<Tensor> {
            let (count, others) = (index.size()[1], index.size()[2]);
            let vectors = vectors.f_transpose(0, 1)?.f_reshape([heads, windows * count, width])?;
            let scores = vectors.f_bmm(&mapped.f_select(0, places)?)?;
            let index = index.f_reshape([1, windows * count, others])?;
            let index = index.f_expand([heads, windows * count, others], false)?;
            Ok(scores.f_gather(2, &index, false)?.f_view([heads, windows, count, others])?)
        };
        let index = match (queries, &pass.packing.distances) {
            (Queries::Rows, Some(distances)) => {
                distances.of(queries)?.f_add_scalar(distances.farthest())?
            }
            _ => self.all.shallow_clone(),
        };
        let mut added = pass.packing.mask.as_ref().map(Tensor::shallow_clone);
        let mut add = |scores: Tensor| -> Result<()> {
            let scores = scores.f_mul_scalar(self.scale)?;
            added = Some(match added.take() {
                Some(others) => scores.f_add(&others)?,
                None => scores,
            });
            Ok(())
        };
        if self.settings.content_to_place {
            add(scores(query, 1, &index)?.f_transpose(0, 1)?)?;
        }
        if self.settings.place_to_content {
            let seen = scores(key, 0, &index.f_transpose(1, 2)?)?;
            add(seen.f_permute([1, 0, 3, 2])?)?;
        }
        match added {
            Some(added) => Ok(added),
            None => {
                Ok(query
                    .f_new_zeros([windows, 1, asked, longest], (query.kind(), query.device()))?)
            }
        }
    }
}
