//! Layer norm (Ba et al. 2016) with what stands before it: bias, dropout and residual.

use crate::dropout::{Dropout, PER_WORD, words};
use crate::element::Element;
use crate::isa::{Isa, fma, folded, kernel};

/// What a layer norm goes by, forward and backward.
#[derive(Debug, Clone, Copy)]
pub struct Norm<'a> {
    /// Weight, `[columns]`.
    pub weight: &'a [f32],
    /// Bias, `[columns]`.
    pub bias: &'a [f32],
    /// Added to the variance.
    pub epsilon: f32,
}

/// What is added to a residual before the norm: `dropout(branch + bias)`.
#[derive(Debug, Clone, Copy)]
pub struct Branch<'a> {
    /// Bias of the map that gave the branch, `[columns]`.
    pub bias: &'a [f32],
    /// `None`: all stays.
    pub dropout: Option<Dropout>,
    /// The number of each row, which its mask is drawn for, `[rows]`.
    pub numbers: &'a [u64],
}

/// Numbers that the backward pass needs of each row: mean, and 1 over the deviation.
pub const STATS: usize = 2;

kernel! {
    /// `sum = residual + dropout(sum + bias)`, `output = norm(sum)`.
    ///
    /// All matrices are `[rows, columns]`; `sum` is the branch before and what was normed after.
    /// `stats` is `[rows, 2]`, `masks` `[rows, words(columns)]` or empty without dropout.
    pub fn add_norm<T: Element>(
        norm: Norm<'_>,
        branch: Branch<'_>,
        residual: &[T],
        sum: &mut [T],
        output: &mut [T],
        stats: &mut [f32],
        masks: &mut [u32],
    ) = add_norm_body
}

kernel! {
    /// `output = norm(sum)`, matrices `[rows, columns]`, `stats` `[rows, 2]`.
    pub fn norm<T: Element>(
        norm: Norm<'_>,
        sum: &[T],
        output: &mut [T],
        stats: &mut [f32],
    ) = norm_body
}

kernel! {
    /// The way back through [`add_norm`].
    ///
    /// `gradient` and, where it is not empty, `more` together are the gradient of the output. `to_sum`
    /// becomes that of the sum, which is that of the residual too; `to_branch`, unless empty, that of
    /// the branch. What weight, bias and the branch's bias (unless empty) get is added to `sums`.
    pub fn add_norm_backward<T: Element>(
        norm: Norm<'_>,
        dropout: Option<Dropout>,
        forward: Forward<'_, T>,
        gradient: &[T],
        more: &[T],
        to_sum: &mut [T],
        to_branch: &mut [T],
        sums: &mut NormSums<'_>,
    ) = backward_body
}

/// What [`add_norm`] left for the way back.
#[derive(Debug, Clone, Copy)]
pub struct Forward<'a, T> {
    /// What was normed, `[rows, columns]`.
    pub sum: &'a [T],
    /// `[rows, 2]`.
    pub stats: &'a [f32],
    /// `[rows, words(columns)]`, or empty without dropout.
    pub masks: &'a [u32],
}

/// Gradients of vectors, `[columns]` each, that are summed over rows.
#[derive(Debug)]
pub struct NormSums<'a> {
    /// Of the norm's weight.
    pub weight: &'a mut [f32],
    /// Of the norm's bias.
    pub bias: &'a mut [f32],
    /// Of the branch's bias; empty if there is no branch.
    pub branch: &'a mut [f32],
}

/// Lanes that sums are kept in, so that they are vectors.
const LANES: usize = 16;

#[inline(always)]
fn total(values: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] += chunk[lane];
        }
    }
    folded(lanes, |one, other| one + other) + rest.iter().sum::<f32>()
}

#[inline(always)]
fn dot<I: Isa>(left: &[f32], right: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (lefts, left_rest) = left.as_chunks::<LANES>();
    let (rights, right_rest) = right.as_chunks::<LANES>();
    for (left, right) in lefts.iter().zip(rights) {
        for lane in 0..LANES {
            lanes[lane] = fma::<I>(left[lane], right[lane], lanes[lane]);
        }
    }
    let mut sum = 0.0;
    for (left, right) in left_rest.iter().zip(right_rest) {
        sum += left * right;
    }
    sum + folded(lanes, |one, other| one + other)
}

/// `values[i] *= scale` where the mask has a bit, 0 elsewhere.
#[inline(always)]
fn keep(values: &mut [f32], mask: &[u32], scale: f32) {
    let (chunks, rest) = values.as_chunks_mut::<PER_WORD>();
    for (chunk, &word) in chunks.iter_mut().zip(mask) {
        for bit in 0..PER_WORD {
            let stays = (word >> bit) & 1 == 1;
            chunk[bit] = if stays { chunk[bit] * scale } else { 0.0 };
        }
    }
    if let Some(&word) = mask.get(chunks.len()) {
        for (bit, value) in rest.iter_mut().enumerate() {
            *value = if (word >> bit) & 1 == 1 { *value * scale } else { 0.0 };
        }
    }
}

#[inline(always)]
fn norm_row<I: Isa, T: Element>(
    norm: Norm<'_>,
    row: &mut [f32],
    output: &mut [T],
    stats: &mut [f32],
) {
    let columns = row.len();
    let mean = total(row) / columns as f32;
    for value in row.iter_mut() {
        *value -= mean;
    }
    let deviation = (dot::<I>(row, row) / columns as f32 + norm.epsilon).sqrt();
    let scale = 1.0 / deviation;
    stats[0] = mean;
    stats[1] = scale;
    let (weight, bias) = (&norm.weight[..columns], &norm.bias[..columns]);
    for at in 0..columns {
        output[at] = T::from_f32(fma::<I>(row[at] * scale, weight[at], bias[at]));
    }
}

#[inline(always)]
fn add_norm_body<I: Isa, T: Element>(
    norm: Norm<'_>,
    branch: Branch<'_>,
    residual: &[T],
    sum: &mut [T],
    output: &mut [T],
    stats: &mut [f32],
    masks: &mut [u32],
) {
    let columns = norm.weight.len();
    let mask_words = if branch.dropout.is_some() { words(columns) } else { 0 };
    let mut row = vec![0.0_f32; columns];
    let (row, bias) = (&mut row[..columns], &branch.bias[..columns]);
    let rows = sum.chunks_exact_mut(columns).zip(residual.chunks_exact(columns));
    let rows = rows.zip(output.chunks_exact_mut(columns)).zip(stats.chunks_exact_mut(STATS));
    for (number, (((sum, residual), output), stats)) in rows.enumerate() {
        for at in 0..columns {
            row[at] = sum[at].to_f32() + bias[at];
        }
        if let Some(dropout) = branch.dropout {
            let mask = &mut masks[number * mask_words..][..mask_words];
            dropout.draw(branch.numbers[number], mask);
            keep(row, mask, dropout.scale());
        }
        for at in 0..columns {
            let added = T::from_f32(row[at] + residual[at].to_f32());
            sum[at] = added;
            // The way back sees the rounded sum; so does the norm.
            row[at] = added.to_f32();
        }
        norm_row::<I, T>(norm, row, output, stats);
    }
}

#[inline(always)]
fn norm_body<I: Isa, T: Element>(norm: Norm<'_>, sum: &[T], output: &mut [T], stats: &mut [f32]) {
    let columns = norm.weight.len();
    let mut row = vec![0.0_f32; columns];
    let row = &mut row[..columns];
    let rows = sum.chunks_exact(columns).zip(output.chunks_exact_mut(columns));
    for ((sum, output), stats) in rows.zip(stats.chunks_exact_mut(STATS)) {
        for at in 0..columns {
            row[at] = sum[at].to_f32();
        }
        norm_row::<I, T>(norm, row, output, stats);
    }
}

#[inline(always)]
fn backward_body<I: Isa, T: Element>(
    norm: Norm<'_>,
    dropout: Option<Dropout>,
    forward: Forward<'_, T>,
    gradient: &[T],
    more: &[T],
    to_sum: &mut [T],
    to_branch: &mut [T],
    sums: &mut NormSums<'_>,
) {
    let columns = norm.weight.len();
    let mask_words = words(columns);
    let (mut inner, mut normed) = (vec![0.0_f32; columns], vec![0.0_f32; columns]);
    let (inner, normed) = (&mut inner[..columns], &mut normed[..columns]);
    let weight = &norm.weight[..columns];
    let (to_weight, to_bias) = (&mut sums.weight[..columns], &mut sums.bias[..columns]);
    let rows = gradient.chunks_exact(columns).zip(forward.sum.chunks_exact(columns));
    let rows = rows.zip(forward.stats.chunks_exact(STATS)).zip(to_sum.chunks_exact_mut(columns));
    for (number, (((gradient, sum), stats), to_sum)) in rows.enumerate() {
        for at in 0..columns {
            inner[at] = gradient[at].to_f32();
        }
        if !more.is_empty() {
            let more = &more[number * columns..][..columns];
            for at in 0..columns {
                inner[at] += more[at].to_f32();
            }
        }
        let (mean, scale) = (stats[0], stats[1]);
        for at in 0..columns {
            normed[at] = (sum[at].to_f32() - mean) * scale;
            to_weight[at] = fma::<I>(inner[at], normed[at], to_weight[at]);
            to_bias[at] += inner[at];
            inner[at] *= weight[at];
        }
        let of_mean = total(inner) / columns as f32;
        let of_scale = dot::<I>(inner, normed) / columns as f32;
        for at in 0..columns {
            inner[at] = scale * (inner[at] - of_mean - normed[at] * of_scale);
            to_sum[at] = T::from_f32(inner[at]);
        }
        if to_branch.is_empty() {
            continue;
        }
        if let Some(dropout) = dropout {
            keep(inner, &forward.masks[number * mask_words..][..mask_words], dropout.scale());
        }
        let to_branch = &mut to_branch[number * columns..][..columns];
        let sums = &mut sums.branch[..columns];
        for at in 0..columns {
            to_branch[at] = T::from_f32(inner[at]);
            sums[at] += inner[at];
        }
    }
}

kernel! {
    /// Dropout of a matrix `[rows, columns]` in place, with the masks `[rows, words(columns)]` drawn
    /// for the rows of these numbers, or with masks drawn before if `numbers` is empty.
    pub fn drop_in_place<T: Element>(
        dropout: Dropout,
        columns: usize,
        numbers: &[u64],
        values: &mut [T],
        masks: &mut [u32],
    ) = drop_body
}

#[inline(always)]
fn drop_body<I: Isa, T: Element>(
    dropout: Dropout,
    columns: usize,
    numbers: &[u64],
    values: &mut [T],
    masks: &mut [u32],
) {
    let mut row = vec![0.0_f32; columns];
    let row = &mut row[..columns];
    let rows = values.chunks_exact_mut(columns).zip(masks.chunks_exact_mut(words(columns)));
    for (number, (values, mask)) in rows.enumerate() {
        if let Some(&number) = numbers.get(number) {
            dropout.draw(number, mask);
        }
        for at in 0..columns {
            row[at] = values[at].to_f32();
        }
        keep(row, mask, dropout.scale());
        for at in 0..columns {
            values[at] = T::from_f32(row[at]);
        }
    }
}
