//! Activations as 8-bit integers, a scale and a zero a row, and back.

use crate::element::Element;
use crate::isa::{Isa, kernel};

/// Steps from the smallest number of a row to the largest: one less than integers of 8 bits have, so that
/// both ends may be rounded outwards.
const STEPS: f32 = 254.0;

/// What the integers of a row stand for: the number of an integer is `scale * (integer - zero)`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RowScale {
    /// The number of one step.
    pub scale: f32,
    /// The integer that stands for zero.
    pub zero: i32,
}

/// An integer of 8 bits.
pub trait Integer: Copy {
    /// The lowest one.
    const LOWEST: i32;

    /// The integer that is so much above the lowest.
    fn above_lowest(steps: u8) -> Self;
}

impl Integer for i8 {
    const LOWEST: i32 = -128;

    #[inline(always)]
    fn above_lowest(steps: u8) -> Self {
        (steps ^ 0x80) as i8
    }
}

impl Integer for u8 {
    const LOWEST: i32 = 0;

    #[inline(always)]
    fn above_lowest(steps: u8) -> Self {
        steps
    }
}

kernel! {
    /// Rounds `values`, `[rows, columns]`, to integers whose range is that of their row, zero included;
    /// `scales` is `[rows]` (Jacob et al. 2018).
    pub fn quantize_rows<T: Element, Q: Integer>(
        columns: usize,
        values: &[T],
        quantized: &mut [Q],
        scales: &mut [RowScale],
    ) = quantize_body
}

/// The sums of a matrix's rows, each of so many integers.
#[must_use]
pub fn totals(columns: usize, integers: &[i8]) -> Vec<i32> {
    let total = |row: &[i8]| row.iter().map(|&value| i32::from(value)).sum();
    integers.chunks_exact(columns.max(1)).map(total).collect()
}

kernel! {
    /// The numbers of a product `[rows, columns]` of rounded rows and a matrix of integers, from its sums:
    /// `column_scales` are those of the matrix's rows, `totals` the sums of their integers ([`totals`]).
    pub fn dequantize<T: Element>(
        sums: &[i32],
        rows: &[RowScale],
        column_scales: &[f32],
        totals: &[i32],
        output: &mut [T],
    ) = dequantize_body
}

#[inline(always)]
fn quantize_body<I: Isa, T: Element, Q: Integer>(
    columns: usize,
    values: &[T],
    quantized: &mut [Q],
    scales: &mut [RowScale],
) {
    // Adding this number rounds, and leaves the integer in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let rows = values.chunks_exact(columns).zip(quantized.chunks_exact_mut(columns));
    for ((values, quantized), row) in rows.zip(scales) {
        let (low, high) = range(values);
        let width = high - low;
        let by = if width > 0.0 { STEPS / width } else { 0.0 };
        // From zero to the lowest integer.
        let zero = (ROUND - low * by) - ROUND;
        *row = RowScale { scale: width / STEPS, zero: zero as i32 + Q::LOWEST };
        let round = ROUND + zero;
        for at in 0..columns {
            let steps = (values[at].to_f32() * by + round).to_bits() as u8;
            quantized[at] = Q::above_lowest(steps);
        }
    }
}

/// The smallest number and the largest, or zero in place of one beyond it.
#[inline(always)]
fn range<T: Element>(values: &[T]) -> (f32, f32) {
    let (mut lows, mut highs) = ([0.0_f32; 16], [0.0_f32; 16]);
    let (chunks, rest) = values.as_chunks::<16>();
    for chunk in chunks {
        for lane in 0..16 {
            let value = chunk[lane].to_f32();
            lows[lane] = if value < lows[lane] { value } else { lows[lane] };
            highs[lane] = if value > highs[lane] { value } else { highs[lane] };
        }
    }
    let (mut low, mut high) = (0.0_f32, 0.0_f32);
    for lane in 0..16 {
        low = low.min(lows[lane]);
        high = high.max(highs[lane]);
    }
    for value in rest {
        low = low.min(value.to_f32());
        high = high.max(value.to_f32());
    }
    (low, high)
}

#[inline(always)]
fn dequantize_body<I: Isa, T: Element>(
    sums: &[i32],
    rows: &[RowScale],
    column_scales: &[f32],
    totals: &[i32],
    output: &mut [T],
) {
    let columns = column_scales.len();
    let totals = &totals[..columns];
    let lines = sums.chunks_exact(columns).zip(output.chunks_exact_mut(columns));
    for ((sums, output), row) in lines.zip(rows) {
        for at in 0..columns {
            let number = scaled(sums[at], *row, column_scales[at], totals[at]);
            output[at] = T::from_f32(number);
        }
    }
}

/// The number of a sum of integers: of a row times one of a matrix whose integers have this total.
#[inline(always)]
pub(crate) fn scaled(sum: i32, row: RowScale, scale: f32, total: i32) -> f32 {
    let sum = sum.wrapping_sub(row.zero.wrapping_mul(total));
    sum as f32 * (row.scale * scale)
}
