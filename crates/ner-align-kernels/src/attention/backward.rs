//! The way back through attention.

use super::product::{LANES, Left, padded, product};
use super::{Attention, AttentionSpace, Projected, QUERIES, multiply, room, transpose, weigh};
use crate::dropout::words;
use crate::element::Element;
use crate::isa::{Isa, fma, folded, kernel};
use crate::norm::keep;

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

/// Writes one head of some rows, and adds it to the gradient of the bias.
#[inline(always)]
fn store<T: Element>(
    width: usize,
    from: &[f32],
    rows: &mut [T],
    [stride, first_row, column]: [usize; 3],
    to_bias: &mut [f32],
) {
    for (row, from) in from.chunks_exact(padded(width)).enumerate() {
        let into = &mut rows[(first_row + row) * stride + column..][..width];
        let from = &from[..width];
        for at in 0..width {
            into[at] = T::from_f32(from[at]);
            to_bias[at] += from[at];
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
    let (wide, long) = (padded(width), padded(keys));
    let scale = 1.0 / (width as f32).sqrt();
    let none = vec![0.0; heads * width];
    let gradient = Projected { rows: gradient, stride: heads * width, first: 0, bias: &none };
    space.mask.resize(words(long), 0);
    for head in 0..heads {
        let columns = head * width..(head + 1) * width;
        key.load(&attention, head, 0, keys, room(&mut space.key, keys * wide));
        transpose(keys, width, &space.key, room(&mut space.key_across, width * long));
        value.load(&attention, head, 0, keys, room(&mut space.value, keys * wide));
        transpose(keys, width, &space.value, room(&mut space.value_across, width * long));
        room(&mut space.to_key, keys * wide).fill(0.0);
        room(&mut space.to_value, keys * wide).fill(0.0);
        for first in (0..queries).step_by(QUERIES) {
            let some = QUERIES.min(queries - first);
            let block = room(&mut space.query, some * wide);
            query.load(&attention, head, first, some, block);
            multiply(block, scale);
            let scores = room(&mut space.scores, some * long);
            weigh::<I>([some, keys, width], block, &space.key_across, scores);

            let outer = room(&mut space.gradient, some * wide);
            gradient.load(&attention, head, first, some, outer);
            let to_scores = room(&mut space.to_scores, some * long);
            let left = Left { values: outer, to_next_row: wide, to_next_column: 1 };
            product::<I>([some, width, long], left, &space.value_across, to_scores, false);
            // From here `to_scores` is the gradient of the scores, `scores` the weights that were
            // multiplied by.
            let rows = scores.chunks_exact_mut(long).zip(to_scores.chunks_exact_mut(long));
            for (row, (weights, to_scores)) in rows.enumerate() {
                if let Some(dropout) = dropout {
                    let number = numbers[first + row] * heads as u64 + head as u64;
                    dropout.draw(number, &mut space.mask);
                    keep(to_scores, &space.mask, dropout.scale());
                }
                through_softmax::<I>(weights, to_scores);
                if let Some(dropout) = dropout {
                    keep(weights, &space.mask, dropout.scale());
                }
            }
            let across = |values| Left { values, to_next_row: 1, to_next_column: long };
            let shape = [keys, some, wide];
            product::<I>(shape, across(scores), outer, &mut space.to_value, true);
            product::<I>(shape, across(to_scores), block, &mut space.to_key, true);
            let result = room(&mut space.result, some * wide);
            let left = Left { values: to_scores, to_next_row: long, to_next_column: 1 };
            product::<I>([some, keys, wide], left, &space.key, result, false);
            multiply(result, scale);
            let to_bias = &mut to.biases[0][columns.clone()];
            match &mut to.query {
                ToQuery::Within(query) => {
                    let place = [to.stride, first, *query + head * width];
                    store(width, result, to.rows, place, to_bias);
                }
                ToQuery::Apart(rows) => {
                    let place = [heads * width, first, head * width];
                    store(width, result, rows, place, to_bias);
                }
            }
        }
        let place = [to.stride, 0, to.key + head * width];
        let to_key = &space.to_key[..keys * wide];
        store(width, to_key, to.rows, place, &mut to.biases[1][columns.clone()]);
        let place = [to.stride, 0, to.value + head * width];
        let to_value = &space.to_value[..keys * wide];
        store(width, to_value, to.rows, place, &mut to.biases[2][columns]);
    }
}

/// Turns the gradient of one row's weights into that of its scores.
#[inline(always)]
fn through_softmax<I: Isa>(weights: &[f32], gradient: &mut [f32]) {
    let mut lanes = [0.0_f32; LANES];
    let (left, _) = weights.as_chunks::<{ LANES }>();
    let (right, _) = gradient.as_chunks::<{ LANES }>();
    for (left, right) in left.iter().zip(right) {
        for lane in 0..LANES {
            lanes[lane] = fma::<I>(left[lane], right[lane], lanes[lane]);
        }
    }
    let mean = folded(lanes, |one, other| one + other);
    let (right, _) = gradient.as_chunks_mut::<LANES>();
    for (left, right) in left.iter().zip(right) {
        for lane in 0..LANES {
            right[lane] = left[lane] * (right[lane] - mean);
        }
    }
}
