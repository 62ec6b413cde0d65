//! Attention by length of window, in time for a subtoken.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::hint::black_box;
use std::time::Instant;

use ner_align_kernels::{
    Attention, AttentionSpace, Bf16, Dropout, Element, Projected, ToProjected, ToQuery, attend,
    attend_backward,
};

/// The fastest of so many runs counts.
const REPEATS: usize = 40;

/// Microseconds that `run` takes.
fn best(windows: usize, mut run: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..REPEATS {
        let start = Instant::now();
        for _ in 0..windows {
            run();
        }
        best = best.min(start.elapsed().as_secs_f64() / windows as f64);
    }
    best * 1e6
}

fn time<T: Element>(name: &str, [heads, width, keys]: [usize; 3], share: f64) {
    let columns = heads * width;
    let all: Vec<T> =
        (0..keys * 3 * columns).map(|at| T::from_f32((at * 7 % 23) as f32 / 11.0 - 1.0)).collect();
    let bias = vec![0.01; columns];
    let attention = Attention { heads, width, dropout: Dropout::new(3, share) };
    let part =
        |which| Projected { rows: &all, stride: 3 * columns, first: which * columns, bias: &bias };
    let numbers: Vec<u64> = (0..keys as u64).collect();
    let (mut space, mut output) = (AttentionSpace::default(), vec![T::ZERO; keys * columns]);
    let windows = (2_000 / keys).max(1);
    let forward = best(windows, || {
        let output = black_box(&mut output);
        attend(attention, part(0), part(1), part(2), &numbers, output, &mut space);
    });
    let mut gradient = vec![T::ZERO; keys * 3 * columns];
    let mut biases = vec![0.0; 3 * columns];
    let backward = best(windows, || {
        let (query_bias, rest) = biases.split_at_mut(columns);
        let (key_bias, value_bias) = rest.split_at_mut(columns);
        let mut to = ToProjected {
            rows: black_box(&mut gradient),
            stride: 3 * columns,
            key: columns,
            value: 2 * columns,
            query: ToQuery::Within(0),
            biases: [query_bias, key_bias, value_bias],
        };
        let (query, key, value) = (part(0), part(1), part(2));
        attend_backward(attention, query, key, value, &numbers, &output, &mut to, &mut space);
    });
    let each = keys as f64;
    println!(
        "{name} {heads} heads of {width}, {keys} keys, {share} dropped: {:.2} µs, back {:.2} µs",
        forward / each,
        backward / each
    );
}

fn main() {
    for keys in [10, 25, 60, 128, 512] {
        for share in [0.0, 0.1] {
            time::<Bf16>("bf16", [12, 32, keys], share);
        }
        time::<f32>("f32", [12, 32, keys], 0.1);
    }
    time::<Bf16>("bf16", [12, 64, 60], 0.1);
}
