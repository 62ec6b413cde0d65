//! Attention forward.

use super::product::{LANES, Left, padded, product};
use super::{
    Attention, AttentionSpace, Projected, QUERIES, column, draw, keep, multiply, room, rounded,
    softmax, transpose,
};
use crate::dropout::words;
use crate::element::Element;
use crate::isa::{Isa, kernel};

kernel! {
    /// Attention of one window: each query attends to all keys.
    ///
    /// `output` is `[queries, heads width]`. `numbers` are those of the queries' rows, which masks
    /// are drawn for; they are not used without dropout.
    pub fn attend<T: Element>(
        attention: Attention,
        query: Projected<'_, T>,
        key: Projected<'_, T>,
        value: Projected<'_, T>,
        numbers: &[u64],
        output: &mut [T],
        space: &mut AttentionSpace,
    ) = attend_body
}

#[inline(always)]
fn attend_body<I: Isa, T: Element>(
    attention: Attention,
    query: Projected<'_, T>,
    key: Projected<'_, T>,
    value: Projected<'_, T>,
    numbers: &[u64],
    output: &mut [T],
    space: &mut AttentionSpace,
) {
    // Loops over a head's columns are short: the usual widths are constants.
    match attention.width {
        32 => attend_heads::<I, T>(32, attention, query, key, value, numbers, output, space),
        64 => attend_heads::<I, T>(64, attention, query, key, value, numbers, output, space),
        width => attend_heads::<I, T>(width, attention, query, key, value, numbers, output, space),
    }
}

#[inline(always)]
fn attend_heads<I: Isa, T: Element>(
    width: usize,
    attention: Attention,
    query: Projected<'_, T>,
    key: Projected<'_, T>,
    value: Projected<'_, T>,
    numbers: &[u64],
    output: &mut [T],
    space: &mut AttentionSpace,
) {
    let Attention { heads, dropout, .. } = attention;
    let (keys, queries) = (key.len(), query.len());
    let wide = padded(width);
    let scale = 1.0 / (width as f32).sqrt();
    space.mask.resize(words(keys), [0; LANES]);
    for head in 0..heads {
        key.load(&attention, head, 0..keys, 1.0, room(&mut space.key, keys * wide));
        value.load(&attention, head, 0..keys, 1.0, room(&mut space.value, keys * wide));
        for first in (0..queries).step_by(QUERIES) {
            let some = QUERIES.min(queries - first);
            let across = padded(some);
            let block = room(&mut space.query, across * wide);
            query.load(&attention, head, first..first + some, scale, block);
            let block_across = room(&mut space.query_across, width * across);
            transpose(across, width, block, block_across);
            let scores = room(&mut space.scores, keys * across);
            let left = Left { values: &space.key, to_next_row: wide, to_next_column: 1 };
            product::<I>([keys, width, across], left, block_across, scores, false);
            for lanes in (0..across).step_by(LANES) {
                let factors = softmax::<I>(scores, across, lanes);
                if let Some(dropout) = dropout {
                    draw(&attention, dropout, head, &numbers[first + lanes..], &mut space.mask);
                    let factors = factors.map(|factor| factor * dropout.scale());
                    for (key, row) in column(scores, across, lanes).enumerate() {
                        keep(row, &space.mask, key, &factors);
                    }
                } else {
                    for row in column(scores, across, lanes) {
                        multiply(row, &factors);
                    }
                }
            }
            let result = room(&mut space.result, some * wide);
            let left = Left { values: scores, to_next_row: 1, to_next_column: across };
            product::<I>([some, keys, wide], left, &space.value, result, false);
            for (row, from) in result.chunks_exact(wide).enumerate() {
                let into = &mut output[((first + row) * heads + head) * width..][..width];
                let (from, last) = from[..width].as_chunks::<LANES>();
                let (into, last_into) = into.as_chunks_mut::<LANES>();
                for (from, into) in from.iter().zip(into) {
                    *into = rounded(*from);
                }
                for (from, into) in last.iter().zip(last_into) {
                    *into = T::from_f32(*from);
                }
            }
        }
    }
}
