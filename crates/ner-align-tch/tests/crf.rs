//! A CRF head: the same numbers as pytorch-crf 0.7.2 (`oracles/generate_crf.py`), folders, resuming.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::fs;
use std::path::{Path, PathBuf};

use ner_align_core::{
    Batch, Label, LabelSet, Rows, Scheme, StepInput, TokenClassifier, TrainStep, Window, WordSpan,
};
use ner_align_tch::{
    Head, LayerRates, LoadOptions, LossConfig, ModelError, Precision, TchClassifier,
};
use safetensors::SafeTensors;
use serde::Deserialize;

/// f32, whatever is faster on this machine.
fn exact() -> LoadOptions {
    LoadOptions::default().with_precision(Precision::F32)
}

#[derive(Deserialize)]
struct Expected {
    losses: Vec<f64>,
    training: Training,
}

#[derive(Deserialize)]
struct Training {
    crf_rate: f64,
    learning_rates: Vec<f64>,
    losses: Vec<f64>,
    gradient_norms: Vec<f64>,
}

#[derive(Deserialize)]
struct Given {
    batches: Vec<GivenBatch>,
}

#[derive(Deserialize)]
struct GivenBatch {
    input_ids: Vec<Vec<u32>>,
    labels: Vec<Vec<i64>>,
}

fn oracle(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles").join(name)
}

fn read<T: serde::de::DeserializeOwned>(name: &str) -> T {
    serde_json::from_slice(&fs::read(oracle(name).join("expected.json")).unwrap()).unwrap()
}

fn batches(rows: Rows) -> Vec<Batch> {
    let pack = |batch: &GivenBatch| {
        let windows: Vec<Window> = batch
            .input_ids
            .iter()
            .zip(&batch.labels)
            .map(|(ids, labels)| Window {
                input_ids: ids.clone(),
                word_ids: (0..ids.len() as u32).map(Some).collect(),
                owned: WordSpan::new(0, ids.len()),
                labels: labels.clone(),
                ..Window::default()
            })
            .collect();
        Batch::pack(&windows, rows)
    };
    read::<Given>("bert").batches.iter().map(pack).collect()
}

fn values(tensor: &tch::Tensor) -> Vec<f32> {
    let mut values = vec![0.0; tensor.numel()];
    tensor.contiguous().copy_data(&mut values, tensor.numel());
    values
}

/// `‖a - b‖` and `‖b‖`.
fn norms(a: &[f32], b: &[f32]) -> (f64, f64) {
    assert_eq!(a.len(), b.len());
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>().sqrt();
    let difference = norm(&mut a.iter().zip(b).map(|(a, b)| f64::from(a - b)));
    (difference, norm(&mut b.iter().map(|b| f64::from(*b))))
}

fn load(folder: &Path) -> Result<TchClassifier, ModelError> {
    TchClassifier::load(folder, &exact())
}

fn crf_options() -> LoadOptions {
    exact().with_head(Head::Crf)
}

/// The classes of the oracles.
fn labels() -> LabelSet {
    LabelSet::new(["LOC", "PER"].iter().filter_map(|name| Label::new(name)), Scheme::Iob2)
}

fn steps(model: &mut TchClassifier, rates: &[f64], from: usize) -> Vec<(f64, f64)> {
    let batches = batches(Rows::Labelled);
    let step = |(step, &learning_rate)| {
        let batches = std::slice::from_ref(&batches[step % batches.len()]);
        let output = model.train_step(StepInput::new(batches, step, learning_rate)).unwrap();
        (output.loss, output.gradient_norm)
    };
    rates.iter().enumerate().skip(from).map(step).collect()
}

fn is_near(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance * expected
}

#[test]
fn losses_and_gradients() {
    let expected: Expected = read("crf");
    let model = load(&oracle("crf")).unwrap();
    // Rows without a label are no part of a chain.
    for rows in [Rows::Labelled, Rows::AllOfOwned] {
        for (batch, reference) in batches(rows).iter().zip(&expected.losses) {
            let (loss, _) = model.loss_and_gradients(batch).unwrap();
            assert!(is_near(loss, *reference, 1e-5), "{loss} for {reference}");
        }
    }
    let bytes = fs::read(oracle("crf").join("expected.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let (_, gradients) = model.loss_and_gradients(&batches(Rows::Labelled)[0]).unwrap();
    assert_eq!(gradients.len(), tensors.len());
    for (name, gradient) in gradients {
        let of_bert = tensors.tensor(&format!("gradient.bert.{name}"));
        let view = of_bert.or_else(|_| tensors.tensor(&format!("gradient.{name}"))).unwrap();
        let reference = view.data().chunks_exact(4);
        let reference: Vec<f32> =
            reference.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        let (difference, norm) = norms(&values(&gradient), &reference);
        // A key's bias changes no softmax: its gradient is rounding alone.
        let limit = if name.ends_with(".key.bias") { 1e-7 } else { 1e-5 * norm };
        assert!(difference <= limit, "{name}: {difference:e} of {norm:e}");
    }
}

#[test]
fn thirty_optimizer_steps() {
    let Training { crf_rate, learning_rates, losses, gradient_norms } =
        read::<Expected>("crf").training;
    let rates = LayerRates::default().with_crf(crf_rate);
    let options = exact().with_rates(rates);
    let mut model = TchClassifier::load(oracle("crf"), &options).unwrap();
    let found = steps(&mut model, &learning_rates, 0);
    for (step, (found, reference)) in
        found.into_iter().zip(losses.into_iter().zip(gradient_norms)).enumerate()
    {
        assert!(is_near(found.0, reference.0, 1e-5), "step {step}: {found:?} {reference:?}");
        assert!(is_near(found.1, reference.1, 1e-3), "step {step}: {found:?} {reference:?}");
    }
}

#[test]
fn a_folder_comes_back_as_it_was() {
    let model = load(&oracle("crf")).unwrap();
    let copy = tempfile::tempdir().unwrap();
    model.save(copy.path()).unwrap();
    for file in ["model.safetensors", "config.json"] {
        let [ours, theirs] = [copy.path(), &oracle("crf")].map(|f| fs::read(f.join(file)).unwrap());
        if file == "config.json" {
            let [ours, theirs]: [serde_json::Value; 2] =
                [ours, theirs].map(|bytes| serde_json::from_slice(&bytes).unwrap());
            assert_eq!(ours, theirs);
        } else {
            let [ours, theirs] = [&ours, &theirs].map(|b| SafeTensors::deserialize(b).unwrap());
            let mut names = ours.names();
            names.sort_unstable();
            assert_eq!(names.len(), theirs.len());
            for name in names {
                let [ours, theirs] = [&ours, &theirs].map(|file| file.tensor(name).unwrap());
                assert_eq!((ours.shape(), ours.data()), (theirs.shape(), theirs.data()), "{name}");
            }
        }
    }
    let again = load(copy.path()).unwrap();
    assert_eq!(again.config().head, Head::Crf);
    let scores = again.transition_scores().unwrap().unwrap();
    assert_eq!(Some(&scores), model.transition_scores().unwrap().as_ref());
    assert_ne!(scores.between(0, 1), scores.between(1, 0));
}

#[test]
fn a_new_chain_starts_at_zero_and_an_old_one_stays() {
    let model = TchClassifier::for_labels(oracle("bert"), &labels(), &crf_options()).unwrap();
    let scores = model.transition_scores().unwrap().unwrap();
    assert_eq!((scores.classes(), scores.between(1, 2), scores.start(4)), (5, 0.0, 0.0));
    assert!(!model.has_new_head());
    // Without transitions a chain is its words.
    let batch = &batches(Rows::Labelled)[0];
    let (chain, _) = model.loss_and_gradients(batch).unwrap();
    let (words, _) = load(&oracle("bert")).unwrap().loss_and_gradients(batch).unwrap();
    assert!(is_near(chain, words, 1e-5), "{chain} {words}");

    let kept = TchClassifier::for_labels(oracle("crf"), &labels(), &crf_options()).unwrap();
    let old = load(&oracle("crf")).unwrap().transition_scores().unwrap();
    assert_eq!(kept.transition_scores().unwrap(), old);
    let other = LabelSet::new(Label::new("ORG"), Scheme::Iob2);
    let new = TchClassifier::for_labels(oracle("crf"), &other, &crf_options()).unwrap();
    assert_eq!(new.transition_scores().unwrap().unwrap().start(0), 0.0);
    assert!(new.has_new_head());
}

#[test]
fn a_linear_head_on_a_crf_leaves_no_trace_of_it() {
    let linear = TchClassifier::for_labels(oracle("crf"), &labels(), &exact()).unwrap();
    assert_eq!(linear.transition_scores().unwrap(), None);
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    linear.save(folders[0].path()).unwrap();
    load(&oracle("bert")).unwrap().save(folders[1].path()).unwrap();
    for file in ["model.safetensors", "config.json"] {
        let [from_crf, from_bert] =
            [0, 1].map(|index: usize| fs::read(folders[index].path().join(file)).unwrap());
        assert!(from_crf == from_bert, "{file}");
    }
}

#[test]
fn a_resumed_run_is_the_run() {
    let rates = read::<Expected>("crf").training.learning_rates;
    let start = || {
        // Other tests draw from the same generator at the same time, so there is no dropout.
        TchClassifier::for_labels(oracle("bert"), &labels(), &crf_options()).unwrap()
    };
    let mut whole = start();
    let all = steps(&mut whole, &rates[..8], 0);
    let mut first = start();
    steps(&mut first, &rates[..4], 0);
    let checkpoint = tempfile::tempdir().unwrap();
    first.save(checkpoint.path()).unwrap();
    first.save_state(checkpoint.path()).unwrap();
    let mut second = start();
    second.restore(checkpoint.path()).unwrap();
    assert_eq!(steps(&mut second, &rates[..8], 4), all[4..]);
    let scores = second.transition_scores().unwrap();
    assert_eq!(scores, whole.transition_scores().unwrap());
    assert_ne!(scores.unwrap().between(0, 0), 0.0);

    let mut linear = TchClassifier::for_labels(oracle("bert"), &labels(), &exact()).unwrap();
    let error = linear.restore(checkpoint.path()).unwrap_err().to_string();
    assert!(error.ends_with("expected the head of this run, linear, found crf"), "{error}");
}

#[test]
fn a_batch_without_labels_teaches_nothing() {
    let ignored = vec![ner_align_core::IGNORE_INDEX];
    let batch =
        Batch { input_ids: vec![5, 6], boundaries: vec![0, 2], rows: vec![1], targets: ignored };
    for name in ["bert", "crf"] {
        let model = load(&oracle(name)).unwrap();
        let (loss, gradients) = model.loss_and_gradients(&batch).unwrap();
        assert_eq!(loss, 0.0);
        assert!(gradients.iter().all(|(_, g)| values(g).iter().all(|&value| value == 0.0)));
    }
}

/// What dev is scored by must be what the model folder will decode with.
#[test]
fn in_bf16_the_transitions_that_decode_are_those_that_are_saved() {
    let options = crf_options().with_precision(Precision::Bf16);
    let mut model = TchClassifier::for_labels(oracle("bert"), &labels(), &options).unwrap();
    steps(&mut model, &[1e-3; 3], 0);
    let folder = tempfile::tempdir().unwrap();
    model.save(folder.path()).unwrap();
    let scores = |model: &TchClassifier| model.transition_scores().unwrap().unwrap();
    let saved = scores(&load(folder.path()).unwrap());
    assert_eq!(scores(&model), saved);
    assert_ne!(
        saved,
        scores(&TchClassifier::for_labels(oracle("bert"), &labels(), &options).unwrap())
    );
}

#[test]
fn what_a_chain_cannot_be_is_said() {
    for (loss, part) in [
        (LossConfig::default().with_label_smoothing(0.1), "label smoothing"),
        (LossConfig::default().with_focal_gamma(2.0), "focal"),
        (LossConfig::default().with_class_weights(vec![1.0; 5]), "class weights"),
    ] {
        let options = crf_options().with_loss(loss);
        let error = TchClassifier::for_labels(oracle("bert"), &labels(), &options).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
    // config.json promises a chain that the weights lack, or one of a kind nobody knows.
    for (head, part) in [("crf", "crf.transitions"), ("lstm", "ner_align_head: unknown variant")] {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(oracle("bert/model.safetensors"), folder.path().join("model.safetensors"))
            .unwrap();
        let bytes = fs::read(oracle("bert/config.json")).unwrap();
        let mut config: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        config["ner_align_head"] = head.into();
        fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
        let error = load(folder.path()).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}
