use ner_align_kernels::{
    Bf16, Branch, Dropout, Element, Forward, Norm, NormSums, STATS, add_norm, add_norm_backward,
    drop_in_place, norm, words,
};

use crate::numbers::{close, dot, everywhere, factors, numbers, of, rounded, slopes};

const EPSILON: f64 = 1e-12;

/// `norm(sum)` with weight and bias, row by row.
fn expected(sum: &[f64], weight: &[f64], bias: &[f64]) -> Vec<f64> {
    let columns = weight.len();
    let mut output = Vec::new();
    for row in sum.chunks(columns) {
        let mean = row.iter().sum::<f64>() / columns as f64;
        let square = row.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / columns as f64;
        let scale = (square + EPSILON).sqrt().recip();
        output.extend((0..columns).map(|at| (row[at] - mean) * scale * weight[at] + bias[at]));
    }
    output
}

fn check<T: Element>(rows: usize, columns: usize, share: f64, most: f64) {
    let what = format!("{rows} x {columns}, {share} dropped");
    let count = rows * columns;
    let [residual, branch, gradient, more] =
        [1, 2, 3, 4].map(|seed| rounded::<T>(&numbers(seed, count)));
    let [weight, bias, branch_bias] = [5, 6, 7].map(|seed| rounded::<f32>(&numbers(seed, columns)));
    let [weight_f32, bias_f32, branch_bias_f32] =
        [&weight, &bias, &branch_bias].map(|values| of::<f32>(values));
    let dropout = Dropout::new(11, share);
    let row_numbers: Vec<u64> = (0..rows as u64).map(|row| row * 3 + 1).collect();
    let place = Norm { weight: &weight_f32, bias: &bias_f32, epsilon: EPSILON as f32 };

    let (mut sum, mut output) = (of::<T>(&branch), vec![T::ZERO; count]);
    let mut stats = vec![0.0; rows * STATS];
    let mut masks = vec![0; if dropout.is_some() { rows * words(columns) } else { 0 }];
    let how = Branch { bias: &branch_bias_f32, dropout, numbers: &row_numbers };
    let before = of::<T>(&residual);
    add_norm(place, how, &before, &mut sum, &mut output, &mut stats, &mut masks);
    let factors = match dropout {
        Some(dropout) => factors(&masks, columns, dropout.scale()),
        None => vec![1.0; count],
    };
    let added: Vec<f64> = (0..count)
        .map(|at| residual[at] + (branch[at] + branch_bias[at % columns]) * factors[at])
        .collect();
    close(&format!("sum, {what}"), &sum, &added, most);
    let added: Vec<f64> = sum.iter().map(|value| f64::from(value.to_f32())).collect();
    close(&format!("output, {what}"), &output, &expected(&added, &weight, &bias), most);
    let mut alone = vec![T::ZERO; count];
    norm(place, &sum, &mut alone, &mut stats);
    close(&format!("norm alone, {what}"), &alone, &expected(&added, &weight, &bias), most);

    let (mut to_sum, mut to_branch) = (vec![T::ZERO; count], vec![T::ZERO; count]);
    let mut sums = [vec![0.0_f32; columns], vec![0.0; columns], vec![0.0; columns]];
    let [to_weight, to_bias, to_branch_bias] = &mut sums;
    add_norm_backward(
        place,
        dropout,
        Forward { sum: &sum, stats: &stats, masks: &masks },
        &of::<T>(&gradient),
        &of::<T>(&more),
        &mut to_sum,
        &mut to_branch,
        &mut NormSums { weight: to_weight, bias: to_bias, branch: to_branch_bias },
    );
    let outer: Vec<f64> = gradient.iter().zip(&more).map(|(one, other)| one + other).collect();
    let inner = slopes(&added, |sum| dot(&expected(sum, &weight, &bias), &outer));
    close(&format!("to sum, {what}"), &to_sum, &inner, most * 10.0);
    let through: Vec<f64> = inner.iter().zip(&factors).map(|(one, other)| one * other).collect();
    close(&format!("to branch, {what}"), &to_branch, &through, most * 10.0);
    let columnwise = |values: &[f64]| -> Vec<f64> {
        (0..columns).map(|at| values.iter().skip(at).step_by(columns).sum()).collect()
    };
    close(&format!("to branch's bias, {what}"), &sums[2], &columnwise(&through), most * 10.0);
    close(&format!("to bias, {what}"), &sums[1], &columnwise(&outer), most);
    let to_weight = slopes(&weight, |weight| dot(&expected(&added, weight, &bias), &outer));
    close(&format!("to weight, {what}"), &sums[0], &to_weight, most * 10.0);
}

#[test]
fn norms_and_their_way_back() {
    for (rows, columns) in [(1, 1), (3, 7), (2, 32), (4, 40), (3, 384)] {
        for share in [0.0, 0.25] {
            everywhere(
                |most| check::<f32>(rows, columns, share, most),
                |most| check::<Bf16>(rows, columns, share, most),
            );
        }
    }
}

#[test]
fn what_is_dropped_once_is_dropped_again() {
    let (rows, columns) = (5, 70);
    let dropout = Dropout::new(3, 0.4).unwrap();
    let values = numbers(8, rows * columns);
    let row_numbers: Vec<u64> = (0..rows as u64).collect();
    let mut masks = vec![0; rows * words(columns)];
    let mut first = of::<f32>(&values);
    drop_in_place(dropout, columns, &row_numbers, &mut first, &mut masks);
    let mut again = of::<f32>(&values);
    drop_in_place(dropout, columns, &[], &mut again, &mut masks);
    assert_eq!(first, again);
    let factors = factors(&masks, columns, dropout.scale());
    let expected: Vec<f64> = values.iter().zip(factors).map(|(one, other)| one * other).collect();
    close("dropped", &first, &expected, 1e-6);
}
