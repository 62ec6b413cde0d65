//! The way back through attention.

use super::product::{LANES, Left, padded, product};
use super::{
    Attention, AttentionSpace, Projected, QUERIES, column, draw, keep, multiply, room, rounded,
    softmax, transpose,
};
use crate::dropout::words;
use crate::element::Element;
use crate::isa::{Isa, fma, kernel};

/// Where the gradients of one window's projections go, and what their biases get.
#[derive(Debug)]
pub struct ToProjected<'a, T> {
    /// The window's rows of a matrix with the gradients of keys and values.
    pub rows: &'a mut [T],
    /// Columns of that matrix.
    pub stride: usize,
    /// The column of the first head's keys.
    pub key: usize,
    /// The column of the first head's values.
    pub value: usize,
    /// Where those of the queries go.
    pub query: ToQuery<'a, T>,
    /// Added to: gradients of the biases of query, key and value, `[heads width]` each.
    pub biases: [&'a mut [f32]; 3],
}

/// Where the gradients of queries go.
#[derive(Debug)]
pub enum ToQuery<'a, T> {
    /// Into the same matrix, from this column.
    Within(usize),
    /// Into a matrix `[queries, heads width]`.
    Apart(&'a mut [T]),
}

kernel! {
    /// The way back through [`super::attend`]; `gradient` is that of its output, `[queries, heads
    /// width]`.
    pub fn attend_backward<T: Element>(
        attention: Attention,
        query: Projected<'_, T>,
        key: Projected<'_, T>,
        value: Projected<'_, T>,
        numbers: &[u64],
        gradient: &[T],
        to: &mut ToProjected<'_, T>,
        space: &mut AttentionSpace,
    ) = backward_body
}

/// Writes one head of some rows times `scale`, and adds it to the gradient of the bias.
#[inline(always)]
fn store<T: Element>(
    width: usize,
    scale: f32,
    from: &[f32],
    rows: &mut [T],
    [stride, first_row, column]: [usize; 3],
    to_bias: &mut [f32],
) {
    for (row, from) in from.chunks_exact(padded(width)).enumerate() {
        let into = &mut rows[(first_row + row) * stride + column..][..width];
        let (from, last) = from[..width].as_chunks::<LANES>();
        let (into, last_into) = into.as_chunks_mut::<LANES>();
        let (to_bias, last_bias) = to_bias.as_chunks_mut::<LANES>();
        for ((from, into), to_bias) in from.iter().zip(into).zip(to_bias) {
            let (mut values, mut sums) = (*from, *to_bias);
            for lane in 0..LANES {
                values[lane] *= scale;
                sums[lane] += values[lane];
            }
            *to_bias = sums;
            *into = rounded(values);
        }
        for ((from, into), to_bias) in last.iter().zip(last_into).zip(last_bias) {
            *into = T::from_f32(from * scale);
            *to_bias += from * scale;
        }
    }
}

#[inline(always)]
fn backward_body<I: Isa, T: Element>(
    attention: Attention,
    query: Projected<'_, T>,
    key: Projected<'_, T>,
    value: Projected<'_, T>,
    numbers: &[u64],
    gradient: &[T],
    to: &mut ToProjected<'_, T>,
    space: &mut AttentionSpace,
) {
    // Loops over a head's columns are short: the usual widths are constants.
    match attention.width {
        32 => {
            backward_heads::<I, T>(32, attention, query, key, value, numbers, gradient, to, space);
        }
        64 => {
            backward_heads::<I, T>(64, attention, query, key, value, numbers, gradient, to, space);
        }
        width => backward_heads::<I, T>(
            width, attention, query, key, value, numbers, gradient, to, space,
        ),
    }
}

#[inline(always)]
fn backward_heads<I: Isa, T: Element>(
    width: usize,
    attention: Attention,
    query: Projected<'_, T>,
    key: Projected<'_, T>,
    value: Projected<'_, T>,
    numbers: &[u64],
    gradient: &[T],
    to: &mut ToProjected<'_, T>,
    space: &mut AttentionSpace,
) {
    let Attention { heads, dropout, .. } = attention;
    let (keys, queries) = (key.len(), query.len());
    let wide = padded(width);
    let scale = 1.0 / (width as f32).sqrt();
    let none = vec![0.0; heads * width];
    let gradient = Projected { rows: gradient, stride: heads * width, first: 0, bias: &none };
    space.mask.resize(words(keys), [0; LANES]);
    for head in 0..heads {
        let columns = head * width..(head + 1) * width;
        key.load(&attention, head, 0..keys, 1.0, room(&mut space.key, keys * wide));
        value.load(&attention, head, 0..keys, 1.0, room(&mut space.value, keys * wide));
        let to_key = room(&mut space.to_key, keys * wide);
        let to_value = room(&mut space.to_value, keys * wide);
        // There may be no queries, where nobody asks for a row of the window.
        to_key.fill(0.0);
        to_value.fill(0.0);
        for first in (0..queries).step_by(QUERIES) {
            let some = QUERIES.min(queries - first);
            let across = padded(some);
            let block = room(&mut space.query, across * wide);
            query.load(&attention, head, first..first + some, scale, block);
            let block_across = room(&mut space.query_across, width * across);
            transpose(across, width, block, block_across);
            let outer = room(&mut space.gradient, across * wide);
            gradient.load(&attention, head, first..first + some, 1.0, outer);
            let outer_across = room(&mut space.gradient_across, width * across);
            transpose(across, width, outer, outer_across);

            let scores = room(&mut space.scores, keys * across);
            let left = |values| Left { values, to_next_row: wide, to_next_column: 1 };
            let shape = [keys, width, across];
            product::<I>(shape, left(&space.key), block_across, scores, false);
            let to_scores = room(&mut space.to_scores, keys * across);
            product::<I>(shape, left(&space.value), outer_across, to_scores, false);
            // From here `to_scores` is the gradient of the scores, `scores` the weights that were
            // multiplied by.
            for lanes in (0..across).step_by(LANES) {
                let factors = softmax::<I>(scores, across, lanes);
                for row in column(scores, across, lanes) {
                    multiply(row, &factors);
                }
                if let Some(dropout) = dropout {
                    draw(&attention, dropout, head, &numbers[first + lanes..], &mut space.mask);
                    let scales = [dropout.scale(); LANES];
                    for (key, row) in column(to_scores, across, lanes).enumerate() {
                        keep(row, &space.mask, key, &scales);
                    }
                    through_softmax::<I>(scores, to_scores, across, lanes);
                    for (key, row) in column(scores, across, lanes).enumerate() {
                        keep(row, &space.mask, key, &scales);
                    }
                } else {
                    through_softmax::<I>(scores, to_scores, across, lanes);
                }
            }
            let left = |values| Left { values, to_next_row: across, to_next_column: 1 };
            product::<I>([keys, some, wide], left(scores), outer, to_value, true);
            product::<I>([keys, some, wide], left(to_scores), block, to_key, true);
            let result = room(&mut space.result, some * wide);
            let left = Left { values: to_scores, to_next_row: 1, to_next_column: across };
            product::<I>([some, keys, wide], left, &space.key, result, false);
            let to_bias = &mut to.biases[0][columns.clone()];
            match &mut to.query {
                ToQuery::Within(query) => {
                    let place = [to.stride, first, *query + head * width];
                    store(width, scale, result, to.rows, place, to_bias);
                }
                ToQuery::Apart(rows) => {
                    let place = [heads * width, first, head * width];
                    store(width, scale, result, rows, place, to_bias);
                }
            }
        }
        let place = [to.stride, 0, to.key + head * width];
        store(width, 1.0, to_key, to.rows, place, &mut to.biases[1][columns.clone()]);
        let place = [to.stride, 0, to.value + head * width];
        store(width, 1.0, to_value, to.rows, place, &mut to.biases[2][columns]);
    }
}

/// Turns the gradient of 16 queries' weights into that of their scores.
#[inline(always)]
fn through_softmax<I: Isa>(
    weights: &mut [f32],
    gradient: &mut [f32],
    queries: usize,
    first: usize,
) {
    let mut means = [0.0_f32; LANES];
    for (left, right) in column(weights, queries, first).zip(column(gradient, queries, first)) {
        for lane in 0..LANES {
            means[lane] = fma::<I>(left[lane], right[lane], means[lane]);
        }
    }
    for (left, right) in column(weights, queries, first).zip(column(gradient, queries, first)) {
        let (weights, mut values) = (*left, *right);
        for lane in 0..LANES {
            values[lane] = weights[lane] * (values[lane] - means[lane]);
        }
        *right = values;
    }
}
