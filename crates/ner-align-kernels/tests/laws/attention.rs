use std::cell::RefCell;

use ner_align_kernels::{
    Attention, AttentionSpace, Bf16, Dropout, Element, Projected, ToProjected, ToQuery, attend,
    attend_backward, words,
};

use crate::numbers::{close, dot, everywhere, factors, numbers, of, rounded, slopes};

/// The shape of a window and its heads.
#[derive(Debug, Clone, Copy)]
struct Shape {
    heads: usize,
    width: usize,
    keys: usize,
    queries: usize,
}

impl Shape {
    const fn columns(self) -> usize {
        self.heads * self.width
    }
}

/// Attention by its definition. `factors` are those of dropout, `[queries, heads, keys]`.
fn expected(shape: Shape, [query, key, value]: [&[f64]; 3], factors: &[f64]) -> Vec<f64> {
    let Shape { heads, width, keys, queries } = shape;
    let part = |matrix: &[f64], row: usize, head: usize| {
        let start = row * shape.columns() + head * width;
        matrix[start..start + width].to_vec()
    };
    let mut output = vec![0.0; queries * shape.columns()];
    for row in 0..queries {
        for head in 0..heads {
            let query = part(query, row, head);
            let scores: Vec<f64> = (0..keys)
                .map(|other| dot(&query, &part(key, other, head)) / (width as f64).sqrt())
                .collect();
            let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let powers: Vec<f64> = scores.iter().map(|score| (score - most).exp()).collect();
            let sum: f64 = powers.iter().sum();
            for other in 0..keys {
                let factor = factors[(row * heads + head) * keys + other];
                let weight = powers[other] / sum * factor;
                for (at, value) in part(value, other, head).iter().enumerate() {
                    output[row * shape.columns() + head * width + at] += weight * value;
                }
            }
        }
    }
    output
}

/// Matrices side by side: `[rows, columns]` each to `[rows, parts columns]`.
fn side_by_side(parts: &[&[f64]], columns: usize) -> Vec<f64> {
    let rows = parts[0].len() / columns;
    (0..rows)
        .flat_map(|row| parts.iter().flat_map(move |part| &part[row * columns..][..columns]))
        .copied()
        .collect()
}

fn check<T: Element>(shape: Shape, share: f64, most: f64, space: &RefCell<AttentionSpace>) {
    let what = format!("{shape:?}, {share} dropped");
    let Shape { heads, width, keys, queries } = shape;
    let columns = shape.columns();
    let matrix = |seed, rows| {
        let values: Vec<f64> = numbers(seed, rows * columns).iter().map(|x| x * 2.0).collect();
        rounded::<T>(&values)
    };
    let (query, key, value) = (matrix(1, queries), matrix(2, keys), matrix(3, keys));
    let gradient = matrix(4, queries);
    let bias = rounded::<f32>(&numbers(5, 3 * columns));
    let bias_f32 = of::<f32>(&bias);
    let dropout = Dropout::new(17, share);
    let attention = Attention { heads, width, dropout };
    let row_numbers: Vec<u64> = (0..queries as u64).map(|row| 2 * row + 5).collect();
    let mut kept = Vec::new();
    for number in &row_numbers {
        for head in 0..heads as u64 {
            kept.extend(match dropout {
                Some(dropout) => {
                    let mut mask = vec![0; words(keys.next_multiple_of(16))];
                    dropout.draw(number * heads as u64 + head, &mut mask);
                    factors(&mask[..words(keys)], keys, dropout.scale())
                }
                None => vec![1.0; keys],
            });
        }
    }
    let with_bias = |matrix: &[f64], which: usize| -> Vec<f64> {
        let bias = |at: usize| bias[which * columns + at % columns];
        matrix.iter().enumerate().map(|(at, value)| value + bias(at)).collect()
    };
    let full = [with_bias(&query, 0), with_bias(&key, 1), with_bias(&value, 2)];

    // Queries in a matrix of their own, keys and values side by side.
    let (apart, joined) = (of::<T>(&query), of::<T>(&side_by_side(&[&key, &value], columns)));
    let projected = |which: usize| match which {
        0 => Projected { rows: &apart, stride: columns, first: 0, bias: &bias_f32[..columns] },
        which => Projected {
            rows: &joined,
            stride: 2 * columns,
            first: (which - 1) * columns,
            bias: &bias_f32[which * columns..][..columns],
        },
    };
    let (q, k, v) = (projected(0), projected(1), projected(2));
    let mut output = vec![T::ZERO; queries * columns];
    let mut space = space.borrow_mut();
    attend(attention, q, k, v, &row_numbers, &mut output, &mut space);
    let values = expected(shape, [&full[0], &full[1], &full[2]], &kept);
    close(&what, &output, &values, most * 2.0);

    let (mut to_query, mut to_joined) =
        (vec![T::ZERO; queries * columns], vec![T::ZERO; 2 * keys * columns]);
    let mut to_bias = vec![0.0_f32; 3 * columns];
    let (query_bias, rest) = to_bias.split_at_mut(columns);
    let (key_bias, value_bias) = rest.split_at_mut(columns);
    let mut to = ToProjected {
        rows: &mut to_joined,
        stride: 2 * columns,
        key: 0,
        value: columns,
        query: ToQuery::Apart(&mut to_query),
        biases: [query_bias, key_bias, value_bias],
    };
    let outer = of::<T>(&gradient);
    attend_backward(attention, q, k, v, &row_numbers, &outer, &mut to, &mut space);
    let slope = |which: usize| {
        slopes(&full[which], |moved| {
            let mut parts = [&full[0][..], &full[1], &full[2]];
            parts[which] = moved;
            dot(&expected(shape, parts, &kept), &gradient)
        })
    };
    let inner = [slope(0), slope(1), slope(2)];
    close(&format!("to query, {what}"), &to_query, &inner[0], most * 10.0);
    let both = side_by_side(&[&inner[1], &inner[2]], columns);
    close(&format!("to keys and values, {what}"), &to_joined, &both, most * 10.0);
    let sums: Vec<f64> = inner
        .iter()
        .flat_map(|part| {
            (0..columns).map(move |at| part.iter().skip(at).step_by(columns).sum::<f64>())
        })
        .collect();
    close(&format!("to biases, {what}"), &to_bias, &sums, most * 10.0);

    // The same with everything in one matrix, where there are as many queries as keys.
    if queries == keys {
        let all = of::<T>(&side_by_side(&[&query, &key, &value], columns));
        let projected = |which: usize| Projected {
            rows: &all,
            stride: 3 * columns,
            first: which * columns,
            bias: &bias_f32[which * columns..][..columns],
        };
        let mut again = vec![T::ZERO; queries * columns];
        let (q, k, v) = (projected(0), projected(1), projected(2));
        attend(attention, q, k, v, &row_numbers, &mut again, &mut space);
        close(&format!("in one matrix, {what}"), &again, &values, most * 2.0);
        let mut to_all = vec![T::ZERO; 3 * keys * columns];
        let mut to_bias = vec![0.0_f32; 3 * columns];
        let (query_bias, rest) = to_bias.split_at_mut(columns);
        let (key_bias, value_bias) = rest.split_at_mut(columns);
        let mut to = ToProjected {
            rows: &mut to_all,
            stride: 3 * columns,
            key: columns,
            value: 2 * columns,
            query: ToQuery::Within(0),
            biases: [query_bias, key_bias, value_bias],
        };
        attend_backward(attention, q, k, v, &row_numbers, &outer, &mut to, &mut space);
        let all = side_by_side(&[&inner[0], &inner[1], &inner[2]], columns);
        close(&format!("in one matrix, back, {what}"), &to_all, &all, most * 10.0);
    }
}

#[test]
fn attention_and_its_way_back() {
    // What a window leaves behind is no part of the next one.
    let space = RefCell::default();
    for (heads, width, keys, queries) in [
        (1, 1, 1, 1),
        (2, 8, 5, 3),
        (2, 8, 5, 0),
        (1, 16, 16, 16),
        (3, 20, 19, 19),
        (1, 8, 20, 49),
        (1, 32, 3, 2),
        (1, 64, 2, 2),
        (1, 16, 7, 0),
    ] {
        let shape = Shape { heads, width, keys, queries };
        for share in [0.0, 0.3] {
            everywhere(
                |most| check::<f32>(shape, share, most, &space),
                |most| check::<Bf16>(shape, share, most, &space),
            );
        }
    }
}
