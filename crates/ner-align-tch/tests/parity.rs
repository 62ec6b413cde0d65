//! The same numbers as transformers 5 on the same weights; `oracles/generate.py` made them.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use ner_align_core::{
    Batch, IGNORE_INDEX, Rows, StepInput, TokenClassifier, TrainStep, Window, WordSpan,
};
use ner_align_tch::{LoadOptions, Precision, TchClassifier};
use safetensors::SafeTensors;
use serde::Deserialize;

/// f32, whatever is faster on this machine.
fn exact() -> LoadOptions {
    LoadOptions::default().with_precision(Precision::F32)
}

/// One folder each under `oracles`.
const FAMILIES: [&str; 11] = [
    "bert",
    "camembert",
    "deberta-v2",
    "deberta-v2-plain",
    "distilbert",
    "electra",
    "electra-wide",
    "modernbert",
    "modernbert-biased",
    "roberta",
    "xlm-roberta",
];

#[derive(Deserialize)]
struct Expected {
    batches: Vec<ExpectedBatch>,
    training: Training,
}

#[derive(Deserialize)]
struct ExpectedBatch {
    input_ids: Vec<Vec<u32>>,
    labels: Vec<Vec<i64>>,
    loss: f64,
}

#[derive(Deserialize)]
struct Training {
    learning_rates: Vec<f64>,
    losses: Vec<f64>,
    gradient_norms: Vec<f64>,
}

fn oracle(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles").join(name)
}

/// On a processor, and on the way that batches take through a GPU.
fn both_ways() -> [LoadOptions; 2] {
    [false, true].map(|way| exact().with_way_of_a_gpu(way))
}

fn expected(folder: &Path) -> (Expected, HashMap<String, Vec<f32>>) {
    let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let tensors = tensors(&folder.join("expected.safetensors"))
        .into_iter()
        .map(|(name, (_, bytes))| {
            let values = bytes.chunks_exact(4);
            (name, values.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
        })
        .collect();
    (serde_json::from_str(&text).unwrap(), tensors)
}

/// Shape and bytes of each tensor of a file.
fn tensors(path: &Path) -> BTreeMap<String, (Vec<usize>, Vec<u8>)> {
    let bytes = std::fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    file.iter()
        .map(|(name, view)| (name.to_owned(), (view.shape().to_vec(), view.data().to_vec())))
        .collect()
}

fn windows(batch: &ExpectedBatch) -> Vec<Window> {
    batch
        .input_ids
        .iter()
        .zip(&batch.labels)
        .enumerate()
        .map(|(sentence, (ids, labels))| Window {
            sentence,
            index: 0,
            input_ids: ids.clone(),
            word_ids: (0..ids.len() as u32).map(Some).collect(),
            owned: WordSpan::new(0, ids.len()),
            labels: labels.clone(),
        })
        .collect()
}

fn pack(batch: &ExpectedBatch) -> Batch {
    Batch::pack(&windows(batch), Rows::Labelled)
}

/// `‖a - b‖` and `‖b‖`.
fn norms(a: &[f32], b: &[f32]) -> (f64, f64) {
    assert_eq!(a.len(), b.len());
    let square = |x: f64| x * x;
    let difference: f64 = a.iter().zip(b).map(|(a, b)| square(f64::from(a - b))).sum();
    let reference: f64 = b.iter().map(|b| square(f64::from(*b))).sum();
    (difference.sqrt(), reference.sqrt())
}

fn assert_near(name: &str, found: &[f32], expected: &[f32]) {
    let (difference, reference) = norms(found, expected);
    // The gradient of a key's bias is zero by theory: adding a constant to all scores of a query
    // changes no softmax. What is left is rounding, which has no relative error.
    if name.ends_with(".key.bias") || name.ends_with(".k_lin.bias") {
        assert!(difference <= 1e-7, "{name}: {difference:e} apart");
    } else {
        let relative = difference / reference;
        assert!(relative <= 1e-5, "{name}: {relative:e} of the reference's norm apart");
    }
}

fn values(tensor: &tch::Tensor) -> Vec<f32> {
    let mut values = vec![0.0; tensor.numel()];
    tensor.contiguous().copy_data(&mut values, tensor.numel());
    values
}

#[test]
fn logits_loss_and_gradients() {
    for (name, options) in FAMILIES.iter().flat_map(|name| both_ways().map(|way| (*name, way))) {
        let folder = oracle(name);
        let (expected, tensors) = expected(&folder);
        let model = TchClassifier::load(&folder, &options).unwrap();
        for (index, batch) in expected.batches.iter().enumerate() {
            let packed = pack(batch);
            let logits = model.logits(&packed).unwrap();
            let found: Vec<f32> = logits.iter().copied().collect();
            assert_near("logits", &found, &tensors[&format!("{index}.logits")]);
            let (loss, _) = model.loss_and_gradients(&packed).unwrap();
            assert!((loss / batch.loss - 1.0).abs() <= 1e-5, "{loss} for {}", batch.loss);
            // Rows without a label are computed, and count for nothing.
            let all = Batch::pack(&windows(batch), Rows::AllOfOwned);
            assert!(all.targets.contains(&IGNORE_INDEX));
            let (loss, _) = model.loss_and_gradients(&all).unwrap();
            assert!((loss / batch.loss - 1.0).abs() <= 1e-5, "{loss} for {}", batch.loss);
        }
        let (_, gradients) = model.loss_and_gradients(&pack(&expected.batches[0])).unwrap();
        let count = tensors.keys().filter(|key| key.starts_with("gradient.")).count();
        assert_eq!(gradients.len(), count);
        for (parameter, gradient) in gradients {
            let prefix = match name {
                "camembert" | "xlm-roberta" => "roberta",
                "deberta-v2" | "deberta-v2-plain" => "deberta",
                "electra-wide" => "electra",
                "modernbert" | "modernbert-biased" => "model",
                name => name,
            };
            let long = format!("gradient.{prefix}.{parameter}");
            let reference =
                tensors.get(&long).unwrap_or_else(|| &tensors[&format!("gradient.{parameter}")]);
            assert_near(&parameter, &values(&gradient), reference);
        }
    }
}

#[test]
fn thirty_optimizer_steps() {
    for (name, options) in FAMILIES.iter().flat_map(|name| both_ways().map(|way| (*name, way))) {
        let folder = oracle(name);
        let (expected, _) = expected(&folder);
        let mut model = TchClassifier::load(&folder, &options).unwrap();
        let Training { learning_rates, losses, gradient_norms } = expected.training;
        for (step, (loss, norm)) in losses.iter().zip(gradient_norms).enumerate() {
            let batches = [pack(&expected.batches[step % expected.batches.len()])];
            let input = StepInput::new(&batches, step, learning_rates[step]);
            let output = model.train_step(input).unwrap();
            assert!((output.loss - loss).abs() <= 1e-5 * loss, "step {step}: {output:?}, {loss}");
            assert!((output.gradient_norm - norm).abs() <= 1e-3 * norm, "step {step}: {output:?}");
        }
    }
}

/// Seven bits of a number's fraction are left in bfloat16, all 23 in the parameters.
#[test]
fn bf16_learns_the_same_within_its_precision() {
    for (name, options) in FAMILIES.iter().flat_map(|name| both_ways().map(|way| (*name, way))) {
        let folder = oracle(name);
        let (expected, _) = expected(&folder);
        let options = options.with_precision(Precision::Bf16);
        let mut model = TchClassifier::load(&folder, &options).unwrap();
        let before = tempfile::tempdir().unwrap();
        model.save(before.path()).unwrap();
        let [ours, theirs] =
            [before.path(), &folder].map(|f| tensors(&f.join("model.safetensors")));
        assert_eq!(ours, theirs, "{name}: parameters lost precision");
        let Training { learning_rates, losses, .. } = expected.training;
        for (step, loss) in losses.iter().enumerate() {
            let batches = [pack(&expected.batches[step % expected.batches.len()])];
            let input = StepInput::new(&batches, step, learning_rates[step]);
            let output = model.train_step(input).unwrap();
            assert!((output.loss - loss).abs() <= 0.03 * loss, "{name} {step}: {output:?}, {loss}");
        }
        // The copy that is computed with has followed the parameters.
        let after = tempfile::tempdir().unwrap();
        model.save(after.path()).unwrap();
        let again = TchClassifier::load(after.path(), &options).unwrap();
        let batch = pack(&expected.batches[0]);
        assert_eq!(model.logits(&batch).unwrap(), again.logits(&batch).unwrap(), "{name}");
    }
}

/// Dropout of less than can be told from none goes the way of dropout, and drops nothing.
#[test]
fn the_way_of_dropout_computes_the_same() {
    for name in FAMILIES {
        let folder = oracle(name);
        let (expected, _) = expected(&folder);
        let train = |dropout| {
            let options = exact().with_dropout(Some(dropout));
            let mut model = TchClassifier::load(&folder, &options).unwrap();
            let batches = expected.batches.iter().map(pack).collect::<Vec<_>>();
            let step = |step| {
                let input = StepInput::new(&batches, step, 1e-3);
                model.train_step(input).unwrap()
            };
            (0..3).map(step).collect::<Vec<_>>()
        };
        for (without, with) in train(0.0).iter().zip(train(1e-9)) {
            assert!((without.loss - with.loss).abs() <= 1e-5 * without.loss, "{name}: {with:?}");
            let norms = [without.gradient_norm, with.gradient_norm];
            assert!((norms[0] - norms[1]).abs() <= 1e-4 * norms[0], "{name}: {norms:?}");
        }
    }
}

#[test]
fn what_is_saved_is_what_transformers_saved() {
    for name in FAMILIES {
        let folder = oracle(name);
        let (expected, _) = expected(&folder);
        let batch = pack(&expected.batches[0]);
        let model = TchClassifier::load(&folder, &exact()).unwrap();
        let copy = tempfile::tempdir().unwrap();
        model.save(copy.path()).unwrap();
        let [ours, theirs] = [copy.path(), &folder].map(|f| tensors(&f.join("model.safetensors")));
        assert_eq!(ours, theirs, "{name}");
        let [ours, theirs] = [copy.path(), &folder].map(|folder| -> serde_json::Value {
            serde_json::from_slice(&std::fs::read(folder.join("config.json")).unwrap()).unwrap()
        });
        assert_eq!(ours, theirs, "{name}");
        let again = TchClassifier::load(copy.path(), &exact()).unwrap();
        assert_eq!(model.logits(&batch).unwrap(), again.logits(&batch).unwrap());
        assert_eq!(model.labels(), again.labels());
        assert!(!again.has_new_head());
    }
}

#[test]
fn a_batch_gives_each_window_what_it_gets_alone() {
    for options in both_ways() {
        let folder = oracle("bert");
        let (expected, _) = expected(&folder);
        let model = TchClassifier::load(&folder, &options).unwrap();
        let batch = &expected.batches[0];
        let together = model.logits(&pack(batch)).unwrap();
        let mut row = 0;
        for (ids, labels) in batch.input_ids.iter().zip(&batch.labels) {
            let one = ExpectedBatch {
                input_ids: vec![ids.clone()],
                labels: vec![labels.clone()],
                loss: 0.0,
            };
            let alone = model.logits(&pack(&one)).unwrap();
            for logits in alone.rows() {
                for (a, b) in logits.iter().zip(together.row(row)) {
                    assert!((a - b).abs() < 1e-5);
                }
                row += 1;
            }
        }
        assert_eq!(row, together.nrows());
        assert_eq!(pack(batch).targets.iter().filter(|&&t| t == IGNORE_INDEX).count(), 0);
    }
}
