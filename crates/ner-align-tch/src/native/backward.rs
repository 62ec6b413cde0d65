//! The way back through the encoder, on one thread.

use ner_align_kernels::{
    Forward, NormSums, Projected, STATS, ToProjected, ToQuery, activate_backward,
    add_norm_backward, attend_backward, drop_in_place, words,
};

use super::forward::{Pass, Rows};
use super::gradients::{Back, Found};
use super::matrix::{Matrix, Number};
use super::plan::{LayerPlan, NormPlace};
use super::products::Products;
use super::space::{Kept, Normed, Space};
use crate::dropout::Site;
use crate::error::Result;

impl<T: Number> Pass<'_, T> {
    /// Fills `back.found` from the gradient of `space.result`, which stands in `back.outer`.
    pub(super) fn backward(&self, space: &mut Space<T>, back: &mut Back<T>) -> Result<()> {
        let Self { plan, part, .. } = *self;
        let lowest = plan.first_learning();
        back.has_more = false;
        match plan.layers.len().checked_sub(1) {
            None => scatter(&part.rows, part.len(), back),
            Some(last) if lowest <= last => {
                self.last_layer_back(space, back, last, last > lowest || plan.embeddings_learn)?;
                for number in (lowest..last).rev() {
                    let further = number > lowest || plan.embeddings_learn;
                    self.layer_back(space, back, number, further)?;
                }
            }
            Some(_) => return Ok(()),
        }
        if plan.embeddings_learn { self.embed_back(space, back) } else { Ok(()) }
    }

    /// From the gradient of a layer's output to that of its sum with the attention's branch, in
    /// `back.sum`, and to that of the context, in `back.context`.
    #[expect(clippy::too_many_arguments, reason = "each is another part of the space")]
    fn before_attention(
        &self,
        number: usize,
        layer: &LayerPlan,
        rows: Rows,
        kept: &Kept<T>,
        activated: &mut Matrix<T>,
        products: &mut Products,
        back: &mut Back<T>,
    ) -> Result<()> {
        let Self { plan, held, .. } = *self;
        let (hidden, wide) = (plan.hidden, plan.wide);
        let norm = layer.output_norm;
        self.norm_back(norm, Site::Output(number), layer.output.bias, rows, &kept.output, back);
        let matrix = held.matrix(layer.output.matrix, hidden, wide)?;
        products.times(rows.computed, &back.branch, &matrix, &mut back.wide)?;
        activate_backward(
            plan.activation,
            held.vector(layer.intermediate.bias, wide),
            kept.wide.rows(rows.real),
            activated.rows_mut(rows.real),
            back.wide.rows_mut(rows.real),
            back.found.vector(layer.intermediate.bias, wide),
        );
        activated.clear(rows.real..rows.computed);
        back.wide.clear(rows.real..rows.computed);
        let to = back.found.matrix(layer.output.matrix, hidden, wide)?;
        products.transposed_times(rows.computed, &back.branch, activated, to)?;
        let to = back.found.matrix(layer.intermediate.matrix, wide, hidden)?;
        products.transposed_times(rows.computed, &back.wide, &kept.attended, to)?;
        // The gradient of the attended states: through the perceptron, and past it.
        let matrix = held.matrix(layer.intermediate.matrix, wide, hidden)?;
        products.times(rows.computed, &back.wide, &matrix, &mut back.more)?;
        std::mem::swap(&mut back.outer, &mut back.sum);
        back.has_more = true;

        let (norm, map) = (layer.attention_norm, layer.attention_output);
        let site = Site::AfterAttention(number);
        self.norm_back(norm, site, map.bias, rows, &kept.attention, back);
        let to = back.found.matrix(map.matrix, hidden, hidden)?;
        products.transposed_times(rows.computed, &back.branch, &kept.context, to)?;
        let matrix = held.matrix(map.matrix, hidden, hidden)?;
        products.times(rows.computed, &back.branch, &matrix, &mut back.context)
    }

    /// From `back.outer` and, if it counts, `back.more`, to `back.sum` and `back.branch`.
    fn norm_back(
        &self,
        place: NormPlace,
        site: Site,
        branch_bias: usize,
        rows: Rows,
        normed: &Normed<T>,
        back: &mut Back<T>,
    ) {
        let Self { plan, held, .. } = *self;
        let hidden = plan.hidden;
        let Back { found, outer, more, has_more, sum, branch, .. } = back;
        let Found { vectors, .. } = found;
        let Ok([to_weight, to_bias, to_branch]) = vectors.get_disjoint_mut([
            place.weight..place.weight + hidden,
            place.bias..place.bias + hidden,
            branch_bias..branch_bias + hidden,
        ]) else {
            return;
        };
        add_norm_backward(
            held.norm(place, hidden, plan.epsilon),
            self.masks.at(site, plan.hidden_dropout),
            Forward {
                sum: normed.sum.rows(rows.real),
                stats: &normed.stats[..rows.real * STATS],
                masks: &normed.masks[..rows.real * words(hidden)],
            },
            outer.rows(rows.real),
            if *has_more { more.rows(rows.real) } else { &[] },
            sum.rows_mut(rows.real),
            branch.rows_mut(rows.real),
            &mut NormSums { weight: to_weight, bias: to_bias, branch: to_branch },
        );
        branch.clear(rows.real..rows.computed);
    }

    fn layer_back(
        &self,
        space: &mut Space<T>,
        back: &mut Back<T>,
        number: usize,
        further: bool,
    ) -> Result<()> {
        let Self { plan, held, part, .. } = *self;
        let (hidden, rows, layer) = (plan.hidden, self.all(), &plan.layers[number]);
        let (kept, input) = (&space.layers[number], &space.inputs[number]);
        self.before_attention(
            number,
            layer,
            rows,
            kept,
            &mut space.activated,
            &mut space.products,
            back,
        )?;
        let map = layer.query_key_value;
        let (attention, stride) = (self.attention(number), 3 * hidden);
        let bias = held.vector(map.bias, stride);
        for bounds in part.windows.windows(2).filter(|bounds| bounds[0] < bounds[1]) {
            let window = &kept.projected.rows(bounds[1])[bounds[0] * stride..];
            let projected = |which: usize| Projected {
                rows: window,
                stride,
                first: which * hidden,
                bias: &bias[which * hidden..][..hidden],
            };
            let parts = [projected(0), projected(1), projected(2)];
            let mut to = ToProjected {
                rows: &mut back.projected.rows_mut(bounds[1])[bounds[0] * stride..],
                stride,
                key: hidden,
                value: 2 * hidden,
                query: ToQuery::Within(0),
                biases: thirds(back.found.vector(map.bias, stride), hidden),
            };
            let gradient = &back.context.rows(bounds[1])[bounds[0] * hidden..];
            let numbers = &part.numbers[bounds[0]..bounds[1]];
            let space = &mut space.attention;
            let [query, key, value] = parts;
            attend_backward(attention, query, key, value, numbers, gradient, &mut to, space);
        }
        back.projected.clear(rows.real..rows.computed);
        let to = back.found.matrix(map.matrix, stride, hidden)?;
        space.products.transposed_times(rows.computed, &back.projected, input, to)?;
        if further {
            let matrix = held.matrix(map.matrix, stride, hidden)?;
            space.products.times(rows.computed, &back.projected, &matrix, &mut back.more)?;
            std::mem::swap(&mut back.outer, &mut back.sum);
            back.has_more = true;
        }
        Ok(())
    }

    fn last_layer_back(
        &self,
        space: &mut Space<T>,
        back: &mut Back<T>,
        number: usize,
        further: bool,
    ) -> Result<()> {
        let Self { plan, held, part, .. } = *self;
        let (hidden, rows, all) = (plan.hidden, self.chosen(), self.all());
        let (layer, kept, input) = (&plan.layers[number], &space.last, &space.inputs[number]);
        self.before_attention(
            number,
            layer,
            rows,
            kept,
            &mut space.activated,
            &mut space.products,
            back,
        )?;
        let map = layer.query_key_value;
        let (attention, stride) = (self.attention(number), 2 * hidden);
        let bias = held.vector(map.bias, 3 * hidden);
        back.last_projected.clear(0..all.computed);
        for (bounds, chosen) in part.windows.windows(2).zip(part.rows_of_windows.windows(2)) {
            if chosen[0] == chosen[1] {
                continue;
            }
            let window = &kept.projected.rows(bounds[1])[bounds[0] * stride..];
            let projected = |which: usize| Projected {
                rows: window,
                stride,
                first: which * hidden,
                bias: &bias[(which + 1) * hidden..][..hidden],
            };
            let query = Projected {
                rows: &space.last_query.rows(chosen[1])[chosen[0] * hidden..],
                stride: hidden,
                first: 0,
                bias: &bias[..hidden],
            };
            let to_query = &mut back.last_query.rows_mut(chosen[1])[chosen[0] * hidden..];
            let mut to = ToProjected {
                rows: &mut back.last_projected.rows_mut(bounds[1])[bounds[0] * stride..],
                stride,
                key: 0,
                value: hidden,
                query: ToQuery::Apart(to_query),
                biases: thirds(back.found.vector(map.bias, 3 * hidden), hidden),
            };
            let gradient = &back.context.rows(chosen[1])[chosen[0] * hidden..];
            let numbers = &part.row_numbers[chosen[0]..chosen[1]];
            let (key, value, space) = (projected(0), projected(1), &mut space.attention);
            attend_backward(attention, query, key, value, numbers, gradient, &mut to, space);
        }
        back.last_query.clear(rows.real..rows.computed);
        let to = back.found.matrix(map.matrix, hidden, hidden)?;
        space.products.transposed_times(rows.computed, &back.last_query, &space.last_rows, to)?;
        let to = back.found.matrix(map.matrix + hidden * hidden, stride, hidden)?;
        space.products.transposed_times(all.computed, &back.last_projected, input, to)?;
        if !further {
            return Ok(());
        }
        // What the chosen rows get: past attention in `sum`, through their queries in `more`.
        let matrix = held.matrix(map.matrix, hidden, hidden)?;
        space.products.times(rows.computed, &back.last_query, &matrix, &mut back.more)?;
        let matrix = held.matrix(map.matrix + hidden * hidden, stride, hidden)?;
        space.products.times(all.computed, &back.last_projected, &matrix, &mut back.outer)?;
        let Back { outer, more, sum, .. } = back;
        let chosen = sum.rows(rows.real).chunks_exact(hidden);
        let chosen = chosen.zip(more.rows(rows.real).chunks_exact(hidden));
        let outer = outer.rows_mut(all.real);
        for (&row, (sum, more)) in part.rows.iter().zip(chosen) {
            let outer = &mut outer[row * hidden..(row + 1) * hidden];
            for at in 0..hidden {
                let value = outer[at].to_f32() + sum[at].to_f32() + more[at].to_f32();
                outer[at] = T::from_f32(value);
            }
        }
        back.has_more = false;
        Ok(())
    }

    fn embed_back(&self, space: &mut Space<T>, back: &mut Back<T>) -> Result<()> {
        let Self { plan, held, part, .. } = *self;
        let (narrow, hidden, rows) = (plan.narrow, plan.hidden, self.all());
        if back.has_more {
            let (outer, more) = (back.outer.rows_mut(rows.real), back.more.rows(rows.real));
            for (outer, more) in outer.iter_mut().zip(more) {
                *outer = T::from_f32(outer.to_f32() + more.to_f32());
            }
        }
        if let Some(map) = plan.projection {
            back.outer.clear(rows.real..rows.computed);
            let to_bias = back.found.vector(map.bias, hidden);
            for row in back.outer.rows(rows.real).chunks_exact(hidden) {
                for (sum, value) in to_bias.iter_mut().zip(row) {
                    *sum += value.to_f32();
                }
            }
            let to = back.found.matrix(map.matrix, hidden, narrow)?;
            space.products.transposed_times(rows.computed, &back.outer, &space.narrow, to)?;
            let matrix = held.matrix(map.matrix, hidden, narrow)?;
            space.products.times(rows.computed, &back.outer, &matrix, &mut back.narrow)?;
        } else {
            std::mem::swap(&mut back.outer, &mut back.narrow);
        }
        let Normed { sum, stats, masks } = &mut space.embedding;
        let gradient = back.narrow.rows_mut(rows.real);
        if let Some(dropout) = self.masks.at(Site::Embeddings, plan.hidden_dropout) {
            let masks = &mut masks[..rows.real * words(narrow)];
            drop_in_place(dropout, narrow, &[], gradient, masks);
        }
        let place = plan.embedding_norm;
        let Found { vectors, .. } = &mut back.found;
        let ranges = [place.weight..place.weight + narrow, place.bias..place.bias + narrow];
        if let Ok([to_weight, to_bias]) = vectors.get_disjoint_mut(ranges) {
            add_norm_backward(
                held.norm(place, narrow, plan.epsilon),
                None,
                Forward {
                    sum: sum.rows(rows.real),
                    stats: &stats[..rows.real * STATS],
                    masks: &[],
                },
                back.narrow.rows(rows.real),
                &[],
                back.embedding.rows_mut(rows.real),
                &mut [],
                &mut NormSums { weight: to_weight, bias: to_bias, branch: &mut [] },
            );
        }
        self.add_to_tables(part, back);
        Ok(())
    }

    /// Adds the gradients of the embeddings' sums to those of the tables' rows.
    fn add_to_tables(&self, part: &super::part::Part, back: &mut Back<T>) {
        let (plan, narrow) = (self.plan, self.plan.narrow);
        let mut token_type = vec![0.0_f32; narrow];
        let found = &mut back.found;
        let rows = back.embedding.rows(part.len()).chunks_exact(narrow);
        for ((row, &word), &position) in rows.zip(&part.words).zip(&part.positions) {
            let word = &mut found.words[word * narrow..][..narrow];
            let position = &mut found.positions[position * narrow..][..narrow];
            for at in 0..narrow {
                let value = row[at].to_f32();
                word[at] += value;
                position[at] += value;
                token_type[at] += value;
            }
        }
        if let Some(row) = plan.position_padding {
            found.positions[row * narrow..][..narrow].fill(0.0);
        }
        let positions = std::mem::take(&mut found.positions);
        let matrices = &mut found.matrices_mut()[plan.position..];
        for (into, &value) in matrices.iter_mut().zip(&positions) {
            *into = T::from_f32(value);
        }
        found.positions = positions;
        if let Some(start) = plan.token_type {
            // Every subtoken is of type 0; the other rows stay zero.
            let into = &mut found.matrices_mut()[start..start + narrow];
            for (into, &value) in into.iter_mut().zip(&token_type) {
                *into = T::from_f32(value);
            }
        }
    }
}

/// The parts of a stacked bias.
fn thirds(bias: &mut [f32], hidden: usize) -> [&mut [f32]; 3] {
    let (query, rest) = bias.split_at_mut(hidden);
    let (key, value) = rest.split_at_mut(hidden);
    [query, key, value]
}

/// The gradient of chosen rows as that of all of them, where there is no layer.
fn scatter<T: Number>(rows: &[usize], all: usize, back: &mut Back<T>) {
    let columns = back.outer.columns();
    back.sum.clear(0..all);
    let from = back.outer.rows(rows.len()).chunks_exact(columns);
    let into = back.sum.rows_mut(all);
    for (&row, from) in rows.iter().zip(from) {
        into[row * columns..(row + 1) * columns].copy_from_slice(from);
    }
    std::mem::swap(&mut back.outer, &mut back.sum);
}
