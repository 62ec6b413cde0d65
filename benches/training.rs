//! Optimizer steps and prediction of a batch, in subtokens a second.
//!
//! ```text
//! cargo bench --features tch --bench training
//! NER_ALIGN_MODEL=path/to/model cargo bench --features tch --bench training
//! ```
//!
//! Without a model, the tiny one of the tests: that shows what a step costs beside its arithmetic.
//! 32 windows of 8 to 64 subtokens of a fixed seed, every second one labelled; `full` has windows of
//! 32 subtokens alone, so that nothing is won by leaving padding out.

#![allow(missing_docs, clippy::expect_used, reason = "a bench")]

use std::hint::black_box;
use std::path::PathBuf;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ner_align::prelude::*;
use ner_align::tch::{LoadOptions, TchClassifier};
use ner_align::{Batch, StepInput};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const WINDOWS: usize = 32;
/// Ids below stand for special tokens in the usual vocabularies; the smallest has 700.
const IDS: std::ops::Range<u32> = 5..700;

fn model_directory() -> PathBuf {
    std::env::var_os("NER_ALIGN_MODEL").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/tiny-bert"),
        PathBuf::from,
    )
}

fn batch(lengths: impl Fn(&mut ChaCha8Rng) -> usize, classes: usize) -> Batch {
    let random = &mut ChaCha8Rng::seed_from_u64(7);
    let (mut input_ids, mut boundaries) = (Vec::new(), vec![0]);
    for _ in 0..WINDOWS {
        let length = lengths(random);
        input_ids.extend((0..length).map(|_| random.random_range(IDS)));
        boundaries.push(input_ids.len());
    }
    let rows: Vec<usize> = (0..input_ids.len()).step_by(2).collect();
    let targets = rows.iter().map(|_| random.random_range(0..classes as i64)).collect();
    Batch { input_ids, boundaries, rows, targets }
}

fn training(criterion: &mut Criterion) {
    let types = ["LOC", "ORG", "PER"].iter().filter_map(|name| Label::new(name));
    let labels = LabelSet::new(types, Scheme::Iob2);
    let mut model = TchClassifier::for_labels(model_directory(), &labels, &LoadOptions::default())
        .expect("a model");
    let mut group = criterion.benchmark_group("training");
    group.sample_size(10);
    for (name, batch) in [
        ("mixed", batch(|random| random.random_range(8..=64), labels.len())),
        ("full", batch(|_| 32, labels.len())),
    ] {
        group.throughput(Throughput::Elements(batch.input_ids.len() as u64));
        let mut step = 0;
        group.bench_with_input(BenchmarkId::new("step", name), &batch, |bencher, batch| {
            bencher.iter(|| {
                let batches = std::slice::from_ref(batch);
                let input = StepInput::new(batches, step, 1e-5);
                step += 1;
                model.train_step(input).expect("a step").loss
            });
        });
        group.bench_with_input(BenchmarkId::new("predict", name), &batch, |bencher, batch| {
            bencher.iter(|| black_box(model.logits(batch).expect("logits")));
        });
    }
    group.finish();
}

criterion_group!(benches, training);
criterion_main!(benches);
