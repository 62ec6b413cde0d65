//! Prediction on several threads at once.

use std::path::{Path, PathBuf};

use ner_align_core::{Batch, IGNORE_INDEX, StepInput, TokenClassifier, TrainStep};
use ner_align_tch::{LoadOptions, Precision, SharedClassifier, TchClassifier};

/// f32, whatever is faster on this machine.
fn exact() -> LoadOptions {
    LoadOptions::default().with_precision(Precision::F32)
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles").join(name)
}

/// Two windows, all of whose positions are classified.
fn batch(first: u32, length: usize, target: i64) -> Batch {
    let input_ids: Vec<u32> = (0..2 * length as u32).map(|i| first + i).collect();
    Batch {
        boundaries: vec![0, length, input_ids.len()],
        rows: (0..input_ids.len()).collect(),
        targets: vec![target; input_ids.len()],
        input_ids,
    }
}

#[test]
fn threads_get_what_one_thread_gets() {
    const fn is_sync<T: Send + Sync>(_: &T) {}
    const fn is_send<T: Send>(_: &T) {}
    for (name, precision) in [
        ("bert", Precision::Auto),
        ("bert", Precision::Bf16),
        ("bert", Precision::Int8),
        ("crf", Precision::F32),
    ] {
        let options = exact().with_precision(precision);
        let mut model = TchClassifier::load(folder(name), &options).unwrap();
        is_send(&model);
        // Rows of the word embedding wait for their updates when the model is handed over.
        for step in 0..if precision == Precision::Int8 { 0 } else { 3 } {
            let batches = [batch(step as u32, 2, 1)];
            model.train_step(StepInput::new(&batches, step, 0.01)).unwrap();
        }
        let batches: Vec<Batch> =
            (0..12).map(|i| batch(i, 1 + i as usize % 5, IGNORE_INDEX)).collect();
        let expected: Vec<_> = batches.iter().map(|batch| model.logits(batch).unwrap()).collect();
        let transitions = model.transition_scores().unwrap();
        let shared = SharedClassifier::new(model).unwrap();
        is_sync(&shared);
        assert_eq!(shared.transition_scores().unwrap(), transitions);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (shared, batches, expected) = (&shared, &batches, &expected);
                scope.spawn(move || {
                    for at in (0..3 * batches.len()).map(|i| (i * 5 + thread) % batches.len()) {
                        let logits = shared.logits(&batches[at]).unwrap();
                        let difference = (&logits - &expected[at]).mapv(f32::abs);
                        let largest = difference.into_iter().fold(0.0, f32::max);
                        assert!(largest < 1e-6, "{name} {precision}: {largest}");
                        // A batch that is refused takes no weights out of the pool.
                        assert!(shared.logits(&batch(999_999, 2, 0)).is_err());
                    }
                });
            }
        });
    }
}
