use ner_align_kernels::{Bf16, Element, Update, adamw, dequantize, quantize_rows, sum_of_squares};

use crate::numbers::{close, everywhere, numbers, of, rounded};

fn check<T: Element>(count: usize, parts: usize, most: f64) {
    let update = Update {
        scale: 0.5,
        mean_share: 0.1,
        square_share: 1e-2,
        rate: 1e-2,
        epsilon: 1e-6,
        keep: 0.99,
    };
    let gradients: Vec<Vec<f64>> =
        (0..parts as u64).map(|seed| rounded::<T>(&numbers(seed, count))).collect();
    let typed: Vec<Vec<T>> = gradients.iter().map(|values| of(values)).collect();
    let typed: Vec<&[T]> = typed.iter().map(Vec::as_slice).collect();
    let (mut values, mut means, mut squares) =
        (numbers(50, count), vec![0.0; count], vec![0.0; count]);
    let [mut values_f32, mut means_f32, mut squares_f32] =
        [&values, &means, &squares].map(|numbers| of::<f32>(numbers));
    let mut copy = vec![Bf16::ZERO; count];
    for _ in 0..3 {
        adamw(update, &typed, &mut values_f32, &mut means_f32, &mut squares_f32, &mut copy);
        for at in 0..count {
            let gradient = 0.5 * gradients.iter().map(|part| part[at]).sum::<f64>();
            means[at] += 0.1 * (gradient - means[at]);
            squares[at] += 1e-2 * (gradient * gradient - squares[at]);
            values[at] = values[at] * 0.99 - 1e-2 * means[at] / (squares[at].sqrt() + 1e-6);
        }
    }
    close("values", &values_f32, &values, most);
    close("means", &means_f32, &means, most);
    close("squares", &squares_f32, &squares, most);
    close("copy", &copy, &values, 5e-3);
    let expected: f64 =
        (0..count).map(|at| gradients.iter().map(|part| part[at]).sum::<f64>().powi(2)).sum();
    let found = sum_of_squares(&typed);
    assert!((found - expected).abs() <= 1e-5 * expected, "{found} for {expected}");
}

#[test]
fn updates_are_those_of_the_paper() {
    for (count, parts) in [(1, 1), (37, 2), (1024, 1), (2500, 3)] {
        everywhere(|_| check::<f32>(count, parts, 2e-5), |_| check::<Bf16>(count, parts, 2e-5));
    }
}

#[test]
fn integers_are_within_half_a_step() {
    let (rows, columns) = (5, 45);
    let mut values = numbers(3, rows * columns);
    // A row of zeros has no scale.
    values[..columns].fill(0.0);
    everywhere(
        |_| {
            let floats = of::<f32>(&values);
            let (mut integers, mut scales) = (vec![0_i8; values.len()], vec![0.0_f32; rows]);
            quantize_rows(columns, &floats, &mut integers, &mut scales);
            for (at, (&value, &integer)) in floats.iter().zip(&integers).enumerate() {
                let scale = scales[at / columns];
                let apart = (value - f32::from(integer) * scale).abs();
                assert!(apart <= scale * 0.5001, "{value} is {integer} of {scale}");
            }
            for (row, scale) in scales.iter().enumerate().skip(1) {
                let row = &integers[row * columns..(row + 1) * columns];
                let largest = row.iter().map(|value| value.unsigned_abs()).max();
                assert_eq!((largest, *scale > 0.0), (Some(127), true));
            }
            let sums: Vec<i32> = integers.iter().map(|&value| i32::from(value)).collect();
            let (ones, mut back) = (vec![1.0; columns], vec![0.0_f32; values.len()]);
            dequantize(&sums, &scales, &ones, &mut back);
            close("back", &back, &values, 5e-3);
        },
        |_| {},
    );
}
