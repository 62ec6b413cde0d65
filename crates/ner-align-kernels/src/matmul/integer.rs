//! Products of 8-bit integers.

use super::pack::panel_of_rows;
use super::tile::{Kind, Left, Sums, Target, has_instructions, multiply};
use super::{Finish, TALL, WIDE};
use crate::element::Element;
use crate::int8::{RowScale, quantize_rows, scaled, totals};
use crate::isa::{Isa, kernel};

/// Integers of a pack.
const PER: usize = 4;

/// A matrix of integers, packed for products with its transpose, and a scale for each of its rows.
///
/// ```
/// use ner_align_kernels::{Finish, IntegerMatrix, IntegerRows};
/// // Two rows of four integers, which stand for halves and for whole ones.
/// let integers = [2, 0, 0, 4, 0, 1, 1, 0];
/// let matrix = IntegerMatrix::new(4, &integers, vec![0.5, 1.0]).unwrap();
/// let mut left = IntegerRows::default();
/// left.round(4, &[254.0_f32, 0.0, 1.0, 2.0]);
/// let mut result = [0.0_f32; 2];
/// matrix.product(&left, Finish::Stored, &mut result);
/// assert_eq!(result, [258.0, 1.0]);
/// ```
#[derive(Debug)]
pub struct IntegerMatrix {
    inner: usize,
    scales: Vec<f32>,
    /// The sums of the integers of each row.
    totals: Vec<i32>,
    /// Panels of `[depth, WIDE]`.
    panels: Vec<u32>,
}

impl IntegerMatrix {
    /// True if products with it are compiled for this processor's instructions.
    #[must_use]
    pub fn is_fast() -> bool {
        has_instructions(Kind::Int8)
    }

    /// A matrix `[scales.len(), inner]` of integers from -127 to 127; `None` if `inner` is not a
    /// multiple of 4 or does not fit.
    #[must_use]
    pub fn new(inner: usize, integers: &[i8], scales: Vec<f32>) -> Option<Self> {
        let columns = scales.len();
        if inner == 0 || !inner.is_multiple_of(PER) || integers.len() != columns * inner {
            return None;
        }
        let totals = totals(inner, integers);
        let panel = inner / PER * WIDE;
        let mut panels = vec![0; columns.div_ceil(WIDE) * panel];
        for (rows, panel) in integers.chunks(WIDE * inner).zip(panels.chunks_exact_mut(panel)) {
            panel_of_rows(inner, rows, panel);
        }
        Some(Self { inner, scales, totals, panels })
    }

    /// `result = left * matrix^T`, `[rows, scales.len()]`.
    ///
    /// # Panics
    ///
    /// If the rows have another length than the matrix's, or `result` is too short.
    pub fn product<T: Element>(&self, left: &IntegerRows, finish: Finish<'_>, result: &mut [T]) {
        let (rows, depth, columns) = (left.scales.len(), self.inner / PER, self.scales.len());
        assert_eq!(left.packs.len(), rows * depth, "rows of another length");
        let mut sums: Sums = [[0; WIDE]; TALL];
        for (number, panel) in self.panels.chunks_exact(depth * WIDE).enumerate() {
            let first = number * WIDE;
            let some = first..columns.min(first + WIDE);
            let finish = finish.of_columns(some.clone());
            let (scales, totals) = (&self.scales[some.clone()], &self.totals[some]);
            for row in (0..rows).step_by(TALL) {
                let tall = TALL.min(rows - row);
                let packs = &left.packs[row * depth..];
                let packs = Left { packs, down: depth, across: 1 };
                multiply(Kind::Int8, tall, depth, packs, panel, Target::Sums(&mut sums));
                let row_scales = &left.scales[row..row + tall];
                let result = &mut result[row * columns + first..];
                store_scaled(&sums, row_scales, scales, totals, finish, columns, result);
            }
        }
    }
}

/// Rows as unsigned integers, with a scale and a zero each.
#[derive(Debug, Default)]
pub struct IntegerRows {
    packs: Vec<u32>,
    scales: Vec<RowScale>,
}

impl IntegerRows {
    /// Rounds a matrix of this many columns, a multiple of 4.
    pub fn round<T: Element>(&mut self, columns: usize, values: &[T]) {
        let rows = values.len() / columns.max(1);
        self.packs.resize(rows * columns / PER, 0);
        self.scales.resize(rows, RowScale::default());
        #[expect(unsafe_code, reason = "the same bits under another name")]
        // SAFETY: bytes need no alignment, and every pattern of bits is a pack.
        let (_, bytes, _) = unsafe { self.packs.align_to_mut::<u8>() };
        quantize_rows(columns, values, bytes, &mut self.scales);
    }
}

kernel! {
    /// Writes a tile of sums of integers as numbers to a matrix of this many columns.
    pub(super) fn store_scaled<T: Element>(
        sums: &Sums,
        row_scales: &[RowScale],
        scales: &[f32],
        totals: &[i32],
        finish: Finish<'_>,
        stride: usize,
        result: &mut [T],
    ) = store_body
}

#[inline(always)]
fn store_body<I: Isa, T: Element>(
    sums: &Sums,
    row_scales: &[RowScale],
    scales: &[f32],
    totals: &[i32],
    finish: Finish<'_>,
    stride: usize,
    result: &mut [T],
) {
    let columns = scales.len();
    for (row, (sums, &row_scale)) in sums.iter().zip(row_scales).enumerate() {
        let result = &mut result[row * stride..][..columns];
        let whole = (scales.first_chunk::<WIDE>(), totals.first_chunk::<WIDE>());
        match (result.first_chunk_mut::<WIDE>(), whole) {
            // Full tiles are loops of a constant length.
            (Some(result), (Some(scales), Some(totals))) => {
                store_row::<I, T>(sums, row_scale, scales, totals, finish, result);
            }
            _ => store_row::<I, T>(sums, row_scale, scales, totals, finish, result),
        }
    }
}

#[inline(always)]
fn store_row<I: Isa, T: Element>(
    sums: &[u32; WIDE],
    row_scale: RowScale,
    scales: &[f32],
    totals: &[i32],
    finish: Finish<'_>,
    result: &mut [T],
) {
    let number = |at: usize| scaled(sums[at] as i32, row_scale, scales[at], totals[at]);
    finish.write::<I, T>(number, result);
}
