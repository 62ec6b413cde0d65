//! Numbers to compute with, and how close results must be.

use ner_align_kernels::{Bf16, Element, Instructions};

/// Numbers from -1 to 1 that follow from the seed.
pub(crate) fn numbers(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((state >> 11) as f64 / (1_u64 << 53) as f64).mul_add(2.0, -1.0)
    };
    (0..count).map(|_| next()).collect()
}

pub(crate) fn of<T: Element>(values: &[f64]) -> Vec<T> {
    values.iter().map(|&value| T::from_f32(value as f32)).collect()
}

/// What a type makes of numbers, so that both sides compute with the same.
pub(crate) fn rounded<T: Element>(values: &[f64]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(T::from_f32(value as f32).to_f32())).collect()
}

/// Refuses numbers that are further apart than `most`, in units of the largest expected one.
pub(crate) fn close<T: Element>(what: &str, found: &[T], expected: &[f64], most: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(1e-6_f64, |most, value| most.max(value.abs()));
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        let apart = (f64::from(found.to_f32()) - expected).abs() / largest;
        let found = found.to_f32();
        assert!(apart < most, "{what} at {at}: {found} for {expected}, {apart:.1e} apart");
    }
}

/// Runs a check in both types with each instruction set.
pub(crate) fn everywhere(check: impl Fn(f64) + Copy, in_bf16: impl Fn(f64) + Copy) {
    for instructions in [Instructions::Plain, Instructions::Avx2, Instructions::Avx512] {
        instructions.at_most();
        check(3e-6);
        // Eight binary digits, of sums of a few rounded numbers.
        in_bf16(1.2e-2);
    }
}

/// The gradient of `function` by differences.
pub(crate) fn slopes(at: &[f64], function: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    const STEP: f64 = 1e-5;
    let mut moved = at.to_vec();
    let slope = |index: usize| {
        let mut value = |by: f64| {
            moved[index] = at[index] + by;
            function(&moved)
        };
        let slope = (value(STEP) - value(-STEP)) / (2.0 * STEP);
        moved[index] = at[index];
        slope
    };
    (0..at.len()).map(slope).collect()
}

/// The sum of products.
pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

/// Bits of a mask as what elements are multiplied by.
pub(crate) fn factors(mask: &[u32], columns: usize, scale: f32) -> Vec<f64> {
    let words = columns.div_ceil(32);
    let bit = |row: &[u32], at: usize| row[at / 32] >> (at % 32) & 1 == 1;
    mask.chunks(words)
        .flat_map(|row| (0..columns).map(move |at| bit(row, at)))
        .map(|stays| if stays { f64::from(scale) } else { 0.0 })
        .collect()
}

#[test]
fn both_types_are_rounded_once() {
    let values = [1.0, 1.0 + 1.0 / 1024.0, -3.5];
    assert_eq!(rounded::<f32>(&values), values);
    assert_eq!(rounded::<Bf16>(&values), [1.0, 1.0, -3.5]);
}
