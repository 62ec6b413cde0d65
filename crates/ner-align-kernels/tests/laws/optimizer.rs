use ner_align_kernels::{
    Bf16, Element, RowScale, Update, adamw, dequantize, quantize_rows, sum_of_squares,
};

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
    let (rows, columns) = (200, 45);
    let mut values = numbers(3, rows * columns);
    for (row, values) in values.chunks_mut(columns).enumerate() {
        let size = 10.0_f64.powi(row as i32 / 8 - 12);
        for value in values {
            *value = size
                * match row % 4 {
                    // It has no scale.
                    0 => 0.0,
                    1 => value.abs() + 0.5,
                    2 => -value.abs(),
                    _ => *value,
                };
        }
    }
    everywhere(
        |_| {
            let floats = of::<f32>(&values);
            let mut integers = vec![0_i8; values.len()];
            let mut unsigned = vec![0_u8; values.len()];
            let mut scales = vec![RowScale::default(); rows];
            quantize_rows(columns, &floats, &mut unsigned, &mut scales);
            let of_unsigned = scales.clone();
            quantize_rows(columns, &floats, &mut integers, &mut scales);
            // As a product with the matrix of ones on its diagonal.
            let sums: Vec<i32> = integers.iter().map(|&value| i32::from(value)).collect();
            let (ones, totals) = (vec![1.0; columns], vec![1; columns]);
            let mut back = vec![0.0_f32; values.len()];
            dequantize(&sums, &scales, &ones, &totals, &mut back);
            for (at, (&value, back)) in floats.iter().zip(back).enumerate() {
                let RowScale { scale, zero } = scales[at / columns];
                assert!((value - back).abs() <= scale * 0.501, "{value} is {back} at {scale}");
                assert_eq!(i32::from(unsigned[at]), sums[at] + 128);
                assert_eq!(of_unsigned[at / columns], RowScale { scale, zero: zero + 128 });
            }
            for (sums, row) in sums.chunks(columns).zip(&scales).filter(|(_, row)| row.scale > 0.0)
            {
                let with_zero = || sums.iter().chain([&row.zero]);
                let steps = with_zero().max().zip(with_zero().min()).map(|(high, low)| high - low);
                assert!(steps.is_some_and(|steps| (253..=255).contains(&steps)), "{steps:?}");
            }
        },
        |_| {},
    );
}
