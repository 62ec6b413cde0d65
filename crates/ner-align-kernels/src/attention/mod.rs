//! Multi-head attention of one window (Vaswani et al. 2017), without a matrix of all scores.
//!
//! Scores exist for some queries of one head at a time, and the way back computes them again (Dao et
//! al. 2022), so that memory grows with the window and not with its square.

mod backward;
mod forward;
mod product;

pub use backward::{ToProjected, ToQuery, attend_backward};
pub use forward::attend;

use crate::dropout::Dropout;
use crate::element::Element;
use crate::isa::{Isa, folded};
use crate::math::exp;
use crate::turn::turn;
use product::{LANES, Left, padded, product};

/// Queries whose scores exist at a time.
const QUERIES: usize = 48;

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

    /// One head of some rows: `[rows, padded(width)]` with zeros behind.
    #[inline(always)]
    fn load(
        &self,
        attention: &Attention,
        head: usize,
        first: usize,
        rows: usize,
        into: &mut [f32],
    ) {
        let (width, wide) = (attention.width, padded(attention.width));
        let bias = &self.bias[head * width..][..width];
        for row in 0..rows {
            let start = (first + row) * self.stride + self.first + head * width;
            let values = &self.rows[start..start + width];
            let into = &mut into[row * wide..(row + 1) * wide];
            for at in 0..width {
                into[at] = values[at].to_f32() + bias[at];
            }
            if width < wide {
                into[width..].fill(0.0);
            }
        }
    }
}

/// Turns `[rows, padded(columns)]` into `[columns, padded(rows)]` with zeros behind.
#[inline(always)]
fn transpose(rows: usize, columns: usize, from: &[f32], into: &mut [f32]) {
    let (wide, long) = (padded(columns), padded(rows));
    for row in (0..rows).step_by(LANES) {
        for column in (0..wide).step_by(LANES) {
            // A square in registers.
            let mut square = [[0.0_f32; LANES]; LANES];
            for (line, square) in square.iter_mut().enumerate().take(rows - row) {
                // By value: a copy of unknown length would be a call.
                if let Some(from) = from[(row + line) * wide + column..].first_chunk() {
                    *square = *from;
                }
            }
            turn(&mut square);
            for (line, square) in square.iter().enumerate().take(columns.saturating_sub(column)) {
                if let Some(into) = into[(column + line) * long + row..].first_chunk_mut() {
                    *into = *square;
                }
            }
        }
    }
}

/// Memory that calls use again.
#[derive(Debug, Default)]
pub struct AttentionSpace {
    key: Vec<f32>,
    key_across: Vec<f32>,
    value: Vec<f32>,
    value_across: Vec<f32>,
    query: Vec<f32>,
    scores: Vec<f32>,
    result: Vec<f32>,
    gradient: Vec<f32>,
    to_scores: Vec<f32>,
    to_key: Vec<f32>,
    to_value: Vec<f32>,
    mask: Vec<u32>,
}

/// The first elements of a vector, which grows if needed.
fn room(vector: &mut Vec<f32>, len: usize) -> &mut [f32] {
    if vector.len() < len {
        vector.resize(len, 0.0);
    }
    &mut vector[..len]
}

/// Softmax of one row of scores; zeros behind `keys`.
#[inline(always)]
fn softmax<I: Isa>(row: &mut [f32], keys: usize) {
    let mut highest = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = row[..keys].as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            highest[lane] = if chunk[lane] > highest[lane] { chunk[lane] } else { highest[lane] };
        }
    }
    let mut most = folded(highest, |one, other| if one > other { one } else { other });
    for &value in rest {
        most = if value > most { value } else { most };
    }
    row[keys..].fill(f32::NEG_INFINITY);
    let mut lanes = [0.0_f32; LANES];
    let (chunks, _) = row.as_chunks_mut::<LANES>();
    for chunk in chunks.iter_mut() {
        for lane in 0..LANES {
            let value = exp::<I>(chunk[lane] - most);
            chunk[lane] = value;
            lanes[lane] += value;
        }
    }
    let scale = 1.0 / folded(lanes, |one, other| one + other);
    for value in row.iter_mut() {
        *value *= scale;
    }
    row[keys..].fill(0.0);
}

/// Weights of one head for some queries: `softmax(query * key^T / sqrt(width))`.
#[inline(always)]
fn weigh<I: Isa>(
    [queries, keys, width]: [usize; 3],
    query: &[f32],
    key_across: &[f32],
    scores: &mut [f32],
) {
    let (wide, long) = (padded(width), padded(keys));
    let left = Left { values: query, to_next_row: wide, to_next_column: 1 };
    product::<I>([queries, width, long], left, key_across, scores, false);
    for row in scores.chunks_exact_mut(long) {
        softmax::<I>(row, keys);
    }
}

/// `values *= scale`.
#[inline(always)]
fn multiply(values: &mut [f32], scale: f32) {
    for value in values {
        *value *= scale;
    }
}
