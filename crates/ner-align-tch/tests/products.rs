//! Products by kernels of our own and by libtorch give the same, where a processor has both.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::path::Path;

use ner_align_core::{Batch, StepInput, TokenClassifier, TrainStep};
use ner_align_kernels::Instructions;
use ner_align_tch::{LoadOptions, Precision, TchClassifier};

fn batch() -> Batch {
    let lengths = [9_usize, 20, 1, 17, 13, 20, 20, 20, 11, 20, 5];
    let total: usize = lengths.iter().sum();
    let ends = lengths.iter().scan(0, |end, length| {
        *end += length;
        Some(*end)
    });
    Batch {
        input_ids: (0..total).map(|at| 5 + (at * at % 23) as u32).collect(),
        boundaries: std::iter::once(0).chain(ends).collect(),
        targets: (0..total).map(|at| (at % 3) as i64).collect(),
        rows: (0..total).collect(),
    }
}

/// Logits before, the losses of some steps, and logits after them.
fn run(precision: Precision) -> Vec<f32> {
    let options = LoadOptions::default().with_precision(precision).with_dropout(Some(0.0));
    let oracle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/bert");
    let mut model = TchClassifier::load(oracle, &options).unwrap();
    let batches = [batch()];
    let logits = |model: &TchClassifier| model.logits(&batches[0]).unwrap().into_iter();
    let mut found: Vec<f32> = logits(&model).collect();
    if precision != Precision::Int8 {
        for step in 0..4 {
            let output = model.train_step(StepInput::new(&batches, step, 1e-3)).unwrap();
            found.push(output.loss as f32);
        }
        found.extend(logits(&model));
    }
    found
}

/// One test, since instructions are those of the process.
#[test]
fn both_ways_of_products_give_the_same() {
    for (precision, tolerance) in
        [(Precision::F32, 1e-4), (Precision::Bf16, 0.1), (Precision::Int8, 1e-2)]
    {
        Instructions::Avx512.at_most();
        let own = run(precision);
        // Kernels of our own are for AVX-512 alone.
        Instructions::Avx2.at_most();
        let others = run(precision);
        assert_eq!(own.len(), others.len());
        for (at, (one, other)) in own.iter().zip(&others).enumerate() {
            let apart = (one - other).abs();
            assert!(apart < tolerance, "{precision} at {at}: {one} and {other}, {apart} apart");
        }
    }
}
