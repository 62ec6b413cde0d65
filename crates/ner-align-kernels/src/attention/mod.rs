//! Multi-head attention of one window (Vaswani et al. 2017), without a matrix of all scores.
//!
//! Scores exist for some queries of one head at a time, and the way back computes them again (Dao et
//! al. 2022), so that memory grows with the window and not with its square.

mod backward;
mod forward;
mod product;

use std::ops::Range;

pub use backward::{ToProjected, ToQuery, attend_backward};
pub use forward::attend;

use crate::dropout::{Dropout, PER_WORD};
use crate::element::Element;
use crate::isa::Isa;
use crate::math::exp;
use crate::turn::turn;
use product::{LANES, padded};

/// Queries whose scores exist at a time. A query is a lane of a vector: what softmax and dropout do
/// to its scores, they do to those of its neighbours with the same instructions.
const QUERIES: usize = 2 * LANES;

/// What attention goes by.
#[derive(Debug, Clone, Copy)]
pub struct Attention {
    /// Number of heads.
    pub heads: usize,
    /// Columns of a head.
    pub width: usize,
    /// Dropout of the weights; `None`: all stay.
    pub dropout: Option<Dropout>,
}

/// Queries, keys or values of one window, as columns of a matrix of projections.
#[derive(Debug, Clone, Copy)]
pub struct Projected<'a, T> {
    /// The window's rows of the matrix.
    pub rows: &'a [T],
    /// Columns of the matrix.
    pub stride: usize,
    /// The column of the first head.
    pub first: usize,
    /// The bias that is still to be added, `[heads width]`.
    pub bias: &'a [f32],
}

impl<T: Element> Projected<'_, T> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.rows.len() / self.stride
    }

    /// One head of some rows, times `scale`: `[rows, padded(width)]` with zeros behind and below.
    #[inline(always)]
    fn load(
        &self,
        attention: &Attention,
        head: usize,
        rows: Range<usize>,
        scale: f32,
        into: &mut [f32],
    ) {
        let (width, wide) = (attention.width, padded(attention.width));
        let (biases, last_bias) = self.bias[head * width..][..width].as_chunks::<LANES>();
        let mut lines = into.chunks_exact_mut(wide);
        for (row, line) in rows.zip(&mut lines) {
            let start = row * self.stride + self.first + head * width;
            let (values, last) = self.rows[start..start + width].as_chunks::<LANES>();
            let (line, _) = line.as_chunks_mut::<LANES>();
            for ((values, bias), into) in values.iter().zip(biases).zip(line.iter_mut()) {
                *into = with_bias(*values, *bias, scale);
            }
            if let Some(into) = line.get_mut(values.len()) {
                *into = [0.0; LANES];
                for (lane, (value, bias)) in last.iter().zip(last_bias).enumerate() {
                    into[lane] = (value.to_f32() + bias) * scale;
                }
            }
        }
        for line in lines {
            line.fill(0.0);
        }
    }
}

/// `(values + bias) * scale`. By value: behind references the compiler must reckon with a result
/// that overlaps what is still to be read, and would not use vectors.
#[inline(always)]
fn with_bias<T: Element>(values: [T; LANES], bias: [f32; LANES], scale: f32) -> [f32; LANES] {
    let mut sums = [0.0; LANES];
    for lane in 0..LANES {
        sums[lane] = (values[lane].to_f32() + bias[lane]) * scale;
    }
    sums
}

/// The values in the type that they are kept in; by value for the same reason.
#[inline(always)]
fn rounded<T: Element>(values: [f32; LANES]) -> [T; LANES] {
    let mut rounded = [T::ZERO; LANES];
    for lane in 0..LANES {
        rounded[lane] = T::from_f32(values[lane]);
    }
    rounded
}

/// Turns `[rows, padded(columns)]`, whole multiples of a vector each, into `[columns, rows]`.
#[inline(always)]
fn transpose(rows: usize, columns: usize, from: &[f32], into: &mut [f32]) {
    let (wide, long) = (padded(columns) / LANES, rows / LANES);
    let (from, _) = from.as_chunks::<LANES>();
    let (into, _) = into.as_chunks_mut::<LANES>();
    for row in 0..long {
        for column in 0..wide {
            // A square in registers.
            let mut square = [[0.0_f32; LANES]; LANES];
            for line in 0..LANES {
                square[line] = from[(row * LANES + line) * wide + column];
            }
            turn(&mut square);
            for (line, square) in square.iter().enumerate().take(columns - column * LANES) {
                into[(column * LANES + line) * long + row] = *square;
            }
        }
    }
}

/// Memory that calls use again. `across`: transposed.
#[derive(Debug, Default)]
pub struct AttentionSpace {
    key: Vec<f32>,
    value: Vec<f32>,
    query: Vec<f32>,
    query_across: Vec<f32>,
    /// `[keys, queries]`, as are the gradients of the scores.
    scores: Vec<f32>,
    result: Vec<f32>,
    gradient: Vec<f32>,
    gradient_across: Vec<f32>,
    to_scores: Vec<f32>,
    to_key: Vec<f32>,
    to_value: Vec<f32>,
    mask: Vec<[u32; LANES]>,
}

/// The first elements of a vector, which grows if needed.
fn room(vector: &mut Vec<f32>, len: usize) -> &mut [f32] {
    if vector.len() < len {
        vector.resize(len, 0.0);
    }
    &mut vector[..len]
}

/// The column of 16 queries through a matrix `[keys, queries]`.
#[inline(always)]
fn column(
    matrix: &mut [f32],
    queries: usize,
    first: usize,
) -> impl Iterator<Item = &mut [f32; LANES]> {
    matrix.chunks_exact_mut(queries).filter_map(move |row| row[first..].first_chunk_mut())
}

/// Turns the scores of 16 queries into powers, and gives what makes weights of them, by query.
#[inline(always)]
fn softmax<I: Isa>(scores: &mut [f32], queries: usize, first: usize) -> [f32; LANES] {
    let mut most = [f32::NEG_INFINITY; LANES];
    for row in column(scores, queries, first) {
        for lane in 0..LANES {
            most[lane] = if row[lane] > most[lane] { row[lane] } else { most[lane] };
        }
    }
    let mut sums = [0.0_f32; LANES];
    for row in column(scores, queries, first) {
        for lane in 0..LANES {
            row[lane] = exp::<I>(row[lane] - most[lane]);
            sums[lane] += row[lane];
        }
    }
    sums.map(|sum| 1.0 / sum)
}

/// Draws which weights of 16 queries stay, for each 32 keys a word of each query.
#[inline(always)]
fn draw(
    attention: &Attention,
    dropout: Dropout,
    head: usize,
    numbers: &[u64],
    mask: &mut [[u32; LANES]],
) {
    let number =
        |lane| numbers.get(lane).map_or(0, |row| row * attention.heads as u64 + head as u64);
    dropout.draw_rows(std::array::from_fn(number), mask);
}

/// Multiplies the values of 16 queries by a factor each, and what does not stay by zero.
#[inline(always)]
fn keep(row: &mut [f32; LANES], mask: &[[u32; LANES]], key: usize, factors: &[f32; LANES]) {
    let (words, up) = (mask[key / PER_WORD], PER_WORD - 1 - key % PER_WORD);
    let mut values = *row;
    for lane in 0..LANES {
        // All ones if it stays.
        let stays = ((words[lane] << up) as i32 >> (PER_WORD - 1)) as u32;
        values[lane] = f32::from_bits((values[lane] * factors[lane]).to_bits() & stays);
    }
    *row = values;
}

/// Multiplies the values of 16 queries by a factor each.
#[inline(always)]
fn multiply(row: &mut [f32; LANES], factors: &[f32; LANES]) {
    for lane in 0..LANES {
        row[lane] *= factors[lane];
    }
}
