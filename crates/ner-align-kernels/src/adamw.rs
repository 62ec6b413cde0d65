//! AdamW (Loshchilov and Hutter 2019) in one pass over memory.

use crate::element::{Bf16, Element};
use crate::isa::{Isa, fma, kernel};

/// The constants of one step for elements that learn at one rate:
///
/// ```text
/// g = scale * sum of gradients
/// mean   += mean_share * (g - mean)
/// square += square_share * (g * g - square)
/// value   = keep * value - rate * mean / (sqrt(square) + epsilon)
/// ```
///
/// The corrections for moments that start at zero are part of `rate` and `epsilon`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Update {
    /// What gradients are multiplied by, to clip them.
    pub scale: f32,
    /// 1 - beta1.
    pub mean_share: f32,
    /// 1 - beta2.
    pub square_share: f32,
    /// The learning rate, corrected.
    pub rate: f32,
    /// Added to the root, corrected.
    pub epsilon: f32,
    /// 1 - learning rate * weight decay.
    pub keep: f32,
}

/// Elements handled at a time, which stay in the nearest cache.
const CHUNK: usize = 1024;

kernel! {
    /// One update. The gradient is the sum of `gradients`, vectors as long as `values`. `copy`, unless
    /// empty, becomes `values` in bfloat16.
    pub fn adamw<T: Element>(
        update: Update,
        gradients: &[&[T]],
        values: &mut [f32],
        means: &mut [f32],
        squares: &mut [f32],
        copy: &mut [Bf16],
    ) = adamw_body
}

kernel! {
    /// The sum of squares of the sum of these vectors.
    pub fn sum_of_squares<T: Element>(gradients: &[&[T]]) -> f64 = squares_body
}

/// The sum of the vectors' elements from `start` on.
#[inline(always)]
fn gather<T: Element>(gradients: &[&[T]], start: usize, sum: &mut [f32]) {
    let len = sum.len();
    for (number, gradient) in gradients.iter().enumerate() {
        let gradient = &gradient[start..start + len];
        if number == 0 {
            for at in 0..len {
                sum[at] = gradient[at].to_f32();
            }
        } else {
            for at in 0..len {
                sum[at] += gradient[at].to_f32();
            }
        }
    }
}

#[inline(always)]
fn adamw_body<I: Isa, T: Element>(
    update: Update,
    gradients: &[&[T]],
    values: &mut [f32],
    means: &mut [f32],
    squares: &mut [f32],
    copy: &mut [Bf16],
) {
    let Update { scale, mean_share, square_share, rate, epsilon, keep } = update;
    let mut sum = [0.0_f32; CHUNK];
    let chunks = values.chunks_mut(CHUNK).zip(means.chunks_mut(CHUNK));
    for (number, ((values, means), squares)) in chunks.zip(squares.chunks_mut(CHUNK)).enumerate() {
        let (start, len) = (number * CHUNK, values.len());
        let (means, squares) = (&mut means[..len], &mut squares[..len]);
        let sum = &mut sum[..len];
        gather(gradients, start, sum);
        for at in 0..len {
            let gradient = sum[at] * scale;
            let mean = fma::<I>(mean_share, gradient - means[at], means[at]);
            let square = fma::<I>(square_share, gradient * gradient - squares[at], squares[at]);
            means[at] = normal(mean);
            squares[at] = normal(square);
            values[at] = values[at] * keep - rate * (mean / (square.sqrt() + epsilon));
        }
        if !copy.is_empty() {
            let copy = &mut copy[start..start + len];
            for at in 0..len {
                copy[at] = Bf16::from_f32(values[at]);
            }
        }
    }
}

#[inline(always)]
fn squares_body<I: Isa, T: Element>(gradients: &[&[T]]) -> f64 {
    const LANES: usize = 16;
    let len = gradients.first().map_or(0, |gradient| gradient.len());
    let mut sum = [0.0_f32; CHUNK];
    let mut squares = 0.0;
    for start in (0..len).step_by(CHUNK) {
        let sum = &mut sum[..CHUNK.min(len - start)];
        gather(gradients, start, sum);
        let mut lanes = [0.0_f32; LANES];
        let (chunks, rest) = sum.as_chunks::<LANES>();
        for chunk in chunks {
            for lane in 0..LANES {
                lanes[lane] = fma::<I>(chunk[lane], chunk[lane], lanes[lane]);
            }
        }
        for &value in lanes.iter() {
            squares += f64::from(value);
        }
        for &value in rest {
            squares += f64::from(value * value);
        }
    }
    squares
}

/// Replaces subnormal numbers, which are slow to compute with, by zero; moments fade into them.
#[inline(always)]
fn normal(value: f32) -> f32 {
    if value.abs() < f32::MIN_POSITIVE { 0.0 } else { value }
}
