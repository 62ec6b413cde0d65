//! Activations as 8-bit integers, a scale a row, and back.

use crate::element::Element;
use crate::isa::{Isa, kernel};

/// The largest integer; -128 is not used, so that negation stays in range.
const LARGEST: f32 = 127.0;

/// An integer of 8 bits that stands for one from -127 to 127.
pub trait Integer: Copy {
    /// The integer for this one.
    fn of(value: i8) -> Self;
}

impl Integer for i8 {
    #[inline(always)]
    fn of(value: i8) -> Self {
        value
    }
}

/// 128 more.
impl Integer for u8 {
    #[inline(always)]
    fn of(value: i8) -> Self {
        value as u8 ^ 0x80
    }
}

kernel! {
    /// `quantized * scale` is close to `values`, `[rows, columns]`; `scales` is `[rows]`.
    pub fn quantize_rows<T: Element, Q: Integer>(
        columns: usize,
        values: &[T],
        quantized: &mut [Q],
        scales: &mut [f32],
    ) = quantize_body
}

kernel! {
    /// `output = sums * row scale * column scale`, `[rows, columns]`.
    pub fn dequantize<T: Element>(
        sums: &[i32],
        row_scales: &[f32],
        column_scales: &[f32],
        output: &mut [T],
    ) = dequantize_body
}

#[inline(always)]
fn quantize_body<I: Isa, T: Element, Q: Integer>(
    columns: usize,
    values: &[T],
    quantized: &mut [Q],
    scales: &mut [f32],
) {
    // Adding this number rounds, and leaves the integer in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let rows = values.chunks_exact(columns).zip(quantized.chunks_exact_mut(columns));
    for ((values, quantized), scale) in rows.zip(scales) {
        let mut lanes = [0.0_f32; 16];
        let (chunks, rest) = values.as_chunks::<16>();
        for chunk in chunks {
            for lane in 0..16 {
                let size = chunk[lane].to_f32().abs();
                lanes[lane] = if size > lanes[lane] { size } else { lanes[lane] };
            }
        }
        let mut largest = 0.0_f32;
        for &lane in &lanes {
            largest = largest.max(lane);
        }
        for value in rest {
            largest = largest.max(value.to_f32().abs());
        }
        *scale = largest / LARGEST;
        let by = if largest > 0.0 { LARGEST / largest } else { 0.0 };
        for at in 0..columns {
            quantized[at] = Q::of((values[at].to_f32() * by + ROUND).to_bits() as i8);
        }
    }
}

#[inline(always)]
fn dequantize_body<I: Isa, T: Element>(
    sums: &[i32],
    row_scales: &[f32],
    column_scales: &[f32],
    output: &mut [T],
) {
    let columns = column_scales.len();
    let rows = sums.chunks_exact(columns).zip(output.chunks_exact_mut(columns));
    for ((sums, output), &scale) in rows.zip(row_scales) {
        for at in 0..columns {
            output[at] = T::from_f32(sums[at] as f32 * scale * column_scales[at]);
        }
    }
}
