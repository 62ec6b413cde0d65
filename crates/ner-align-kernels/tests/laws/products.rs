#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use ner_align_kernels::{
    Activation, Element, Factor, Finish, IntegerMatrix, IntegerRows, Multiplied, ProductSpace,
    activate, product,
};
use proptest::prelude::*;

use crate::numbers::{close, everywhere, numbers, of, rounded};

/// A matrix of this many columns, across.
fn across(columns: usize, matrix: &[f64]) -> Vec<f64> {
    (0..columns).flat_map(|at| matrix.iter().skip(at).step_by(columns)).copied().collect()
}

/// `left * right` by the definition.
fn expected([rows, inner, columns]: [usize; 3], left: &[f64], right: &[f64]) -> Vec<f64> {
    let sum = |row: usize, column: usize| -> f64 {
        (0..inner).map(|at| left[row * inner + at] * right[at * columns + column]).sum()
    };
    (0..rows * columns).map(|at| sum(at / columns, at % columns)).collect()
}

/// An activation of sums and a bias.
fn activated(bias: &[f32], sums: &[f64]) -> Vec<f64> {
    let mut output = vec![0.0_f32; sums.len()];
    activate(Activation::Gelu, bias, &of::<f32>(sums), &mut output);
    output.into_iter().map(f64::from).collect()
}

fn check<T: Multiplied>(shape: [usize; 3], tolerance: f64) {
    let [rows, inner, columns] = shape;
    let (left, right) = (numbers(1, rows * inner), numbers(2, inner * columns));
    let bias: Vec<f32> = of(&numbers(3, columns));
    let expected = expected(shape, &rounded::<T>(&left), &rounded::<T>(&right));
    let then = activated(&bias, &expected);
    let lefts = [of::<T>(&left), of(&across(inner, &left))];
    let rights = [of::<T>(&right), of(&across(columns, &right))];
    let mut space = ProductSpace::default();
    for left in [Factor::Itself(&lefts[0][..]), Factor::Transposed(&lefts[1])] {
        for right in [Factor::Itself(&rights[0][..]), Factor::Transposed(&rights[1])] {
            // What stood there before does not count.
            let mut found = vec![T::from_f32(f32::NAN); rows * columns];
            product(shape, left, right, Finish::Stored, &mut found, &mut space);
            close(&format!("{shape:?}"), &found, &expected, tolerance);
            let finish = Finish::Activated(Activation::Gelu, &bias);
            product(shape, left, right, finish, &mut found, &mut space);
            close(&format!("{shape:?}, activated"), &found, &then, tolerance);
        }
    }
}

fn check_integers<T: Element>([rows, packs, columns]: [usize; 3], tolerance: f64) {
    let inner = 4 * packs;
    let left = of::<T>(&numbers(4, rows * inner));
    let whole = |value: f64| (value * 127.0).round();
    let right: Vec<f64> = numbers(5, columns * inner).into_iter().map(whole).collect();
    let scales: Vec<f32> = (0..columns).map(|at| (at + 1) as f32 / 100.0).collect();
    let integers: Vec<i8> = right.iter().map(|&value| value as i8).collect();
    let matrix = IntegerMatrix::new(inner, &integers, scales.clone()).unwrap();
    let mut rounded = IntegerRows::default();
    // Longer rows were rounded there before.
    rounded.round(inner, &[&left[..], &left].concat());
    rounded.round(inner, &left);
    let left: Vec<f64> = left
        .chunks(inner)
        .flat_map(|row| {
            let numbers = || row.iter().map(|value| f64::from(value.to_f32()));
            let (low, high) = (numbers().fold(0.0, f64::min), numbers().fold(0.0, f64::max));
            let step = (high - low) / 254.0;
            numbers().map(move |value| (value / step).round() * step).collect::<Vec<f64>>()
        })
        .collect();
    let right: Vec<f64> =
        right.iter().enumerate().map(|(at, value)| value * f64::from(scales[at / inner])).collect();
    let expected = expected([rows, inner, columns], &left, &across(inner, &right));
    let mut found = vec![T::from_f32(f32::NAN); rows * columns];
    matrix.product(&rounded, Finish::Stored, &mut found);
    close("integers", &found, &expected, tolerance);
    let bias: Vec<f32> = of(&numbers(6, columns));
    matrix.product(&rounded, Finish::Activated(Activation::Gelu, &bias), &mut found);
    close("integers, activated", &found, &activated(&bias, &expected), tolerance);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn products_are_sums_of_products(
        rows in 1_usize..70,
        inner in 1_usize..60,
        columns in 1_usize..110,
    ) {
        let shape = [rows, inner, columns];
        everywhere(
            |tolerance| check::<f32>(shape, tolerance),
            |tolerance| check::<ner_align_kernels::Bf16>(shape, tolerance),
        );
    }

    #[test]
    fn products_of_integers_are_sums_of_products(
        rows in 1_usize..20,
        packs in 1_usize..20,
        columns in 1_usize..110,
    ) {
        let shape = [rows, packs, columns];
        everywhere(
            |tolerance| check_integers::<f32>(shape, tolerance),
            |tolerance| check_integers::<ner_align_kernels::Bf16>(shape, tolerance),
        );
    }
}

#[test]
fn nothing_times_something_is_zero() {
    let mut found = [1.0_f32; 6];
    let (left, right): (Factor<'_, f32>, _) = (Factor::Itself(&[]), Factor::Transposed(&[][..]));
    product([2, 0, 3], left, right, Finish::Stored, &mut found, &mut ProductSpace::default());
    assert_eq!(found, [0.0; 6]);
    product([0, 3, 0], left, right, Finish::Stored, &mut [], &mut ProductSpace::default());
}

#[test]
fn integers_that_do_not_fit_are_refused() {
    for (inner, len, columns) in [(3, 6, 2), (4, 9, 2), (0, 0, 1)] {
        assert!(IntegerMatrix::new(inner, &vec![1; len], vec![1.0; columns]).is_none());
    }
}
