//! Attention forward.

use super::product::{Left, padded, product};
use super::{Attention, AttentionSpace, Projected, QUERIES, multiply, room, transpose, weigh};
use crate::dropout::words;
use crate::element::Element;
use crate::isa::{Isa, kernel};
use crate::norm::keep;

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
    let (wide, long) = (padded(width), padded(keys));
    let scale = 1.0 / (width as f32).sqrt();
    let mask_words = words(long);
    space.mask.resize(mask_words, 0);
    for head in 0..heads {
        key.load(&attention, head, 0, keys, room(&mut space.key, keys * wide));
        transpose(keys, width, &space.key, room(&mut space.key_across, width * long));
        value.load(&attention, head, 0, keys, room(&mut space.value, keys * wide));
        for first in (0..queries).step_by(QUERIES) {
            let some = QUERIES.min(queries - first);
            let block = room(&mut space.query, some * wide);
            query.load(&attention, head, first, some, block);
            multiply(block, scale);
            let scores = room(&mut space.scores, some * long);
            weigh::<I>([some, keys, width], block, &space.key_across, scores);
            if let Some(dropout) = dropout {
                for (row, scores) in scores.chunks_exact_mut(long).enumerate() {
                    let number = numbers[first + row] * heads as u64 + head as u64;
                    dropout.draw(number, &mut space.mask);
                    keep(scores, &space.mask, dropout.scale());
                }
            }
            let result = room(&mut space.result, some * wide);
            let left = Left { values: scores, to_next_row: long, to_next_column: 1 };
            product::<I>([some, keys, wide], left, &space.value, result, false);
            for row in 0..some {
                let from = &result[row * wide..][..width];
                let into = &mut output[((first + row) * heads + head) * width..][..width];
                for at in 0..width {
                    into[at] = T::from_f32(from[at]);
                }
            }
        }
    }
}
