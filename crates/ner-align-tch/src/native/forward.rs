//! The encoder forward, on one thread.

use ner_align_kernels::{
    Attention, Branch, Finish, Projected, activate, add_norm, attend, drop_in_place, norm, words,
};

use super::held::Held;
use super::matrix::{Matrix, Number};
use super::part::Part;
use super::plan::{LayerPlan, Plan};
use super::products::Products;
use super::space::{Kept, Normed, Space};
use crate::dropout::{Masks, Site};
use crate::error::Result;

/// Rows of a matrix: those that mean something, and those that products compute.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    pub(super) real: usize,
    pub(super) computed: usize,
}

impl Rows {
    pub(super) const fn new(real: usize, multiple: usize) -> Self {
        Self { real, computed: real.next_multiple_of(multiple) }
    }
}

/// Memory that is used again behind attention.
struct After<'a, T> {
    activated: &'a mut Matrix<T>,
    products: &'a mut Products,
}

/// What one pass of one thread goes by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass<'a, T> {
    pub(super) plan: &'a Plan,
    pub(super) held: &'a Held<T>,
    pub(super) part: &'a Part,
    /// The batch's rows of the table of words, `[words, narrow]`.
    pub(super) words: &'a [f32],
    pub(super) masks: Masks,
    /// The way back follows.
    pub(super) keeps: bool,
}

impl<T: Number> Pass<'_, T> {
    pub(super) fn all(&self) -> Rows {
        Rows::new(self.part.len(), self.held.rows())
    }

    pub(super) fn chosen(&self) -> Rows {
        Rows::new(self.part.rows.len(), self.held.rows())
    }

    pub(super) fn attention(&self, layer: usize) -> Attention {
        Attention {
            heads: self.plan.heads,
            width: self.plan.head(),
            dropout: self.masks.at(Site::Attention(layer), self.plan.attention_dropout),
        }
    }

    /// Hidden states of the last layer in the rows to classify, into `space.result`.
    pub(super) fn forward(&self, space: &mut Space<T>) -> Result<()> {
        let Self { plan, part, .. } = self;
        space.reserve(plan, self.all().computed, self.chosen().computed, self.keeps)?;
        self.embed(space)?;
        let Some((last, layers)) = plan.layers.split_last() else {
            gather(&space.inputs[0], &part.rows, &mut space.result);
            return Ok(());
        };
        for (number, layer) in layers.iter().enumerate() {
            self.layer(space, number, layer)?;
        }
        self.last_layer(space, layers.len(), last)
    }

    fn embed(&self, space: &mut Space<T>) -> Result<()> {
        let Self { plan, held, part, words: table, .. } = *self;
        let (narrow, rows) = (plan.narrow, self.all());
        let positions = held.table(plan.position, plan.positions * narrow);
        let token_type = plan.token_type.map(|start| held.table(start, narrow));
        let sums = space.embedding.sum.rows_mut(rows.real);
        for (at, sum) in sums.chunks_exact_mut(narrow).enumerate() {
            let word = &table[part.words[at] * narrow..][..narrow];
            let position = &positions[part.positions[at] * narrow..][..narrow];
            for column in 0..narrow {
                let mut value = word[column] + position[column].to_f32();
                if let Some(token_type) = token_type {
                    value += token_type[column].to_f32();
                }
                sum[column] = T::from_f32(value);
            }
        }
        let Space { embedding, narrow: apart, inputs, products, .. } = space;
        let output = if plan.projection.is_some() { &mut *apart } else { &mut inputs[0] };
        let Normed { sum, stats, masks } = embedding;
        let places = held.norm(plan.embedding_norm, narrow, plan.epsilon);
        norm(places, sum.rows(rows.real), output.rows_mut(rows.real), stats);
        if let Some(dropout) = self.masks.at(Site::Embeddings, plan.hidden_dropout) {
            let masks = &mut masks[..rows.real * ner_align_kernels::words(narrow)];
            drop_in_place(dropout, narrow, &part.numbers, output.rows_mut(rows.real), masks);
        }
        output.clear(rows.real..rows.computed);
        if let Some(map) = plan.projection {
            let input = &mut inputs[0];
            let matrix = held.right(map.matrix, plan.hidden, narrow)?;
            products.map(rows.computed, apart, &matrix, input)?;
            let bias = held.vector(map.bias, plan.hidden);
            for row in input.rows_mut(rows.real).chunks_exact_mut(plan.hidden) {
                for (value, bias) in row.iter_mut().zip(bias) {
                    *value = T::from_f32(value.to_f32() + bias);
                }
            }
        }
        Ok(())
    }

    fn layer(&self, space: &mut Space<T>, number: usize, layer: &LayerPlan) -> Result<()> {
        let Self { plan, held, part, keeps, .. } = *self;
        let (hidden, rows) = (plan.hidden, self.all());
        let (from, to) = if keeps { (number, number + 1) } else { (number % 2, (number + 1) % 2) };
        let Ok([input, output]) = space.inputs.get_disjoint_mut([from, to]) else {
            return Ok(());
        };
        let kept = &mut space.layers[if keeps { number } else { 0 }];
        let map = layer.query_key_value;
        let matrix = held.right(map.matrix, 3 * hidden, hidden)?;
        space.products.map(rows.computed, input, &matrix, &mut kept.projected)?;
        let bias = held.vector(map.bias, 3 * hidden);
        let attention = self.attention(number);
        for bounds in part.windows.windows(2).filter(|bounds| bounds[0] < bounds[1]) {
            let stride = 3 * hidden;
            let window = &kept.projected.rows(bounds[1])[bounds[0] * stride..];
            let projected = |which: usize| Projected {
                rows: window,
                stride,
                first: which * hidden,
                bias: &bias[which * hidden..][..hidden],
            };
            let context = &mut kept.context.rows_mut(bounds[1])[bounds[0] * hidden..];
            let numbers = &part.numbers[bounds[0]..bounds[1]];
            let parts = [projected(0), projected(1), projected(2)];
            attend(attention, parts[0], parts[1], parts[2], numbers, context, &mut space.attention);
        }
        kept.context.clear(rows.real..rows.computed);
        let after = &mut After { activated: &mut space.activated, products: &mut space.products };
        self.after_attention(number, layer, rows, &part.numbers, input, kept, after, output)
    }

    /// The last layer in the rows to classify alone: nobody asks for others.
    fn last_layer(&self, space: &mut Space<T>, number: usize, layer: &LayerPlan) -> Result<()> {
        let Self { plan, held, part, keeps, .. } = *self;
        let (hidden, rows) = (plan.hidden, self.chosen());
        let input = &space.inputs[if keeps { number } else { number % 2 }];
        gather(input, &part.rows, &mut space.last_rows);
        space.last_rows.clear(rows.real..rows.computed);
        let map = layer.query_key_value;
        let matrix = held.right(map.matrix, hidden, hidden)?;
        space.products.map(rows.computed, &space.last_rows, &matrix, &mut space.last_query)?;
        let matrix = held.right(map.matrix + hidden * hidden, 2 * hidden, hidden)?;
        let kept = &mut space.last;
        space.products.map(self.all().computed, input, &matrix, &mut kept.projected)?;
        let bias = held.vector(map.bias, 3 * hidden);
        let attention = self.attention(number);
        for (bounds, chosen) in part.windows.windows(2).zip(part.rows_of_windows.windows(2)) {
            if chosen[0] == chosen[1] {
                continue;
            }
            let stride = 2 * hidden;
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
            let context = &mut kept.context.rows_mut(chosen[1])[chosen[0] * hidden..];
            let numbers = &part.row_numbers[chosen[0]..chosen[1]];
            let (key, value) = (projected(0), projected(1));
            attend(attention, query, key, value, numbers, context, &mut space.attention);
        }
        kept.context.clear(rows.real..rows.computed);
        let Space { last_rows, last: kept, activated, products, result, .. } = space;
        let after = &mut After { activated, products };
        let numbers = &part.row_numbers;
        self.after_attention(number, layer, rows, numbers, last_rows, kept, after, result)
    }

    #[expect(clippy::too_many_arguments, reason = "each is another part of the space")]
    fn after_attention(
        &self,
        number: usize,
        layer: &LayerPlan,
        rows: Rows,
        numbers: &[u64],
        input: &Matrix<T>,
        kept: &mut Kept<T>,
        after: &mut After<'_, T>,
        output: &mut Matrix<T>,
    ) -> Result<()> {
        let Self { plan, held, keeps, .. } = *self;
        let After { activated, products } = after;
        let (hidden, wide) = (plan.hidden, plan.wide);
        let branch = |bias, site| Branch {
            bias: held.vector(bias, hidden),
            dropout: self.masks.at(site, plan.hidden_dropout),
            numbers,
        };
        let map = layer.attention_output;
        let matrix = held.right(map.matrix, hidden, hidden)?;
        products.map(rows.computed, &kept.context, &matrix, &mut kept.attention.sum)?;
        let places = held.norm(layer.attention_norm, hidden, plan.epsilon);
        let after = branch(map.bias, Site::AfterAttention(number));
        self.add_norm(places, after, rows, input, &mut kept.attention, &mut kept.attended);

        let map = layer.intermediate;
        let matrix = held.right(map.matrix, wide, hidden)?;
        let bias = held.vector(map.bias, wide);
        // The way back needs what stands before the activation.
        let finish = Finish::Activated(plan.activation, bias);
        let computed = rows.computed;
        if keeps || !products.finished(computed, &kept.attended, &matrix, finish, activated) {
            products.map(computed, &kept.attended, &matrix, &mut kept.wide)?;
            let inner = kept.wide.rows(rows.real);
            activate(plan.activation, bias, inner, activated.rows_mut(rows.real));
        }
        activated.clear(rows.real..rows.computed);

        let map = layer.output;
        let matrix = held.right(map.matrix, hidden, wide)?;
        products.map(rows.computed, activated, &matrix, &mut kept.output.sum)?;
        let places = held.norm(layer.output_norm, hidden, plan.epsilon);
        let after = branch(map.bias, Site::Output(number));
        self.add_norm(places, after, rows, &kept.attended, &mut kept.output, output);
        Ok(())
    }

    fn add_norm(
        &self,
        places: ner_align_kernels::Norm<'_>,
        branch: Branch<'_>,
        rows: Rows,
        residual: &Matrix<T>,
        normed: &mut Normed<T>,
        output: &mut Matrix<T>,
    ) {
        let Normed { sum, stats, masks } = normed;
        let masks = if branch.dropout.is_some() {
            &mut masks[..rows.real * words(self.plan.hidden)]
        } else {
            &mut []
        };
        let (residual, sum) = (residual.rows(rows.real), sum.rows_mut(rows.real));
        add_norm(places, branch, residual, sum, output.rows_mut(rows.real), stats, masks);
        output.clear(rows.real..rows.computed);
    }
}

/// Copies rows of a matrix.
fn gather<T: Number>(from: &Matrix<T>, rows: &[usize], into: &mut Matrix<T>) {
    let columns = from.columns();
    let Some(end) = rows.last().map(|last| last + 1) else { return };
    let from = from.rows(end);
    for (into, &row) in into.rows_mut(rows.len()).chunks_exact_mut(columns).zip(rows) {
        into.copy_from_slice(&from[row * columns..(row + 1) * columns]);
    }
}
