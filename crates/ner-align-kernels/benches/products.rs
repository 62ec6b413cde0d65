//! Matrix products by shape and type, in operations a second.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::hint::black_box;
use std::time::Instant;

use ner_align_kernels::{
    Bf16, Factor, Finish, IntegerMatrix, IntegerRows, Multiplied, ProductSpace, product,
};

/// Right matrices in turn: more than caches hold, as the weights of a model are.
const RIGHTS: usize = 48;

fn time<T: Multiplied>(name: &str, [rows, inner, columns]: [usize; 3]) {
    let of = |len: usize| -> Vec<T> {
        (0..len).map(|at| T::from_f32((at % 17) as f32 / 16.0 - 0.5)).collect()
    };
    let (left, rights) = (of(rows * inner), of(RIGHTS * inner * columns));
    let mut result = of(rows * columns);
    let mut space = ProductSpace::default();
    let factors = |number: usize, repeat: usize| -> (Factor<'_, T>, Factor<'_, T>) {
        let right = &rights[repeat * inner * columns..][..inner * columns];
        match number {
            0 => (Factor::Itself(&left), Factor::Transposed(right)),
            1 => (Factor::Itself(&left), Factor::Itself(right)),
            _ => (Factor::Transposed(&left), Factor::Itself(right)),
        }
    };
    let mut line = format!("{name} {rows}x{inner}x{columns}:");
    for number in 0..3 {
        let mut best = f64::INFINITY;
        for _ in 0..12 {
            let start = Instant::now();
            for repeat in 0..RIGHTS {
                let shape = [rows, inner, columns];
                let (left, right) = factors(number, repeat);
                product(shape, left, right, Finish::Stored, black_box(&mut result), &mut space);
            }
            best = best.min(start.elapsed().as_secs_f64() / RIGHTS as f64);
        }
        line += &format!(" {:.0}", 2e-9 * (rows * inner * columns) as f64 / best);
    }
    println!("{line} GFLOP/s (A B', A B, A' B)");
}

fn time_integers([rows, inner, columns]: [usize; 3]) {
    let values: Vec<f32> = (0..rows * inner).map(|at| (at % 17) as f32 - 8.0).collect();
    let integers: Vec<i8> = (0..columns * inner).map(|at| (at % 19) as i8 - 9).collect();
    let Some(matrix) = IntegerMatrix::new(inner, &integers, vec![0.01; columns]) else { return };
    let (mut left, mut result) = (IntegerRows::default(), vec![0.0_f32; rows * columns]);
    let mut best = f64::INFINITY;
    for _ in 0..50 {
        let start = Instant::now();
        left.round(inner, &values);
        matrix.product(&left, Finish::Stored, black_box(&mut result));
        best = best.min(start.elapsed().as_secs_f64());
    }
    let speed = 2e-9 * (rows * inner * columns) as f64 / best;
    println!("int8 {rows}x{inner}x{columns}: {speed:.0} GFLOP/s, rounding with it");
}

fn main() {
    for shape in [
        [400, 384, 1152],
        [400, 384, 1536],
        [400, 1536, 384],
        [1536, 400, 384],
        [64, 384, 384],
        [400, 768, 3072],
        [400, 3072, 768],
    ] {
        time::<Bf16>("bf16", shape);
        time::<f32>("f32", shape);
        time_integers(shape);
    }
}
