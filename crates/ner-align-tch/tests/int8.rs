//! Models saved as 8-bit integers.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use ner_align_core::{Batch, IGNORE_INDEX, TokenClassifier, TrainStep};
use ner_align_tch::{LoadOptions, ModelError, Precision, TchClassifier};

const WEIGHTS: &str = "model.int8.safetensors";

fn oracle(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles").join(name)
}

fn load(folder: &Path, precision: Precision) -> TchClassifier {
    TchClassifier::load(folder, &LoadOptions::default().with_precision(precision)).unwrap()
}

fn logits(model: &TchClassifier) -> Array2<f32> {
    let input_ids: Vec<u32> = (0..24).map(|at| 5 + at * at % 17).collect();
    let rows = (0..input_ids.len()).collect();
    let targets = vec![IGNORE_INDEX; input_ids.len()];
    model.logits(&Batch { boundaries: vec![0, 3, 14, 24], rows, targets, input_ids }).unwrap()
}

fn largest(values: &Array2<f32>) -> f32 {
    values.iter().fold(0.0, |largest, value| value.abs().max(largest))
}

/// The oracle of this family, saved as integers.
fn saved(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    load(&oracle(name), Precision::F32).save_int8(folder.path()).unwrap();
    folder
}

#[test]
fn a_saved_model_predicts_what_it_was_saved_from() {
    for name in [
        "bert",
        "roberta",
        "camembert",
        "distilbert",
        "electra",
        "electra-wide",
        "xlm-roberta",
        "crf",
    ] {
        let folder = saved(name);
        let path = folder.path();
        let whole = fs::metadata(oracle(name).join("model.safetensors")).unwrap().len();
        let small = fs::metadata(path.join(WEIGHTS)).unwrap().len();
        assert!(small < whole, "{name}: {small} of {whole}");
        let model = load(path, Precision::Auto);
        assert_eq!(model.precision(), Precision::Int8, "{name}");
        let before = load(&oracle(name), Precision::Int8);
        assert_eq!(model.transition_scores().unwrap(), before.transition_scores().unwrap());
        assert_eq!(logits(&model), logits(&before), "{name}");

        // Other precisions compute with the same rounded weights.
        let exact = logits(&load(&oracle(name), Precision::F32));
        for (precision, tolerance) in [(Precision::F32, 0.03), (Precision::Bf16, 0.1)] {
            let model = load(path, precision);
            assert_eq!(model.precision(), precision);
            let apart = largest(&(&logits(&model) - &exact)) / largest(&exact);
            assert!(apart < tolerance, "{name} {precision}: {apart}");
        }

        // What was rounded is rounded no further.
        let again = tempfile::tempdir().unwrap();
        model.save_int8(again.path()).unwrap();
        for file in [WEIGHTS, "config.json"] {
            let [one, other] = [path, again.path()].map(|at| fs::read(at.join(file)).unwrap());
            assert!(one == other, "{name}: {file}");
        }
    }
}

#[test]
fn nothing_learns_from_integers() {
    let folder = saved("bert");
    let labels = load(folder.path(), Precision::F32).labels().clone();
    let error = TchClassifier::for_labels(folder.path(), &labels, &LoadOptions::default());
    assert!(matches!(error, Err(ModelError::IntegerWeights { .. })), "{error:?}");
}

#[test]
fn whole_weights_come_first() {
    let folder = saved("bert");
    load(&oracle("bert"), Precision::F32).save(folder.path()).unwrap();
    assert_ne!(load(folder.path(), Precision::Auto).precision(), Precision::Int8);
}

#[test]
fn damaged_integers_are_named() {
    let name = "bert.encoder.layer.0.attention.self.query.weight";
    for (from, to, expected) in [
        // Another name of the same length.
        (
            format!("\"{name}_scale\""),
            format!("\"{name}_scalX\""),
            "expected its scales, \"bert.encoder.layer.0.attention.self.query.weight_scale\", found",
        ),
        (
            format!("\"{name}_scale\":{{\"dtype\":\"F32\",\"shape\":[24]"),
            format!("\"{name}_scale\":{{\"dtype\":\"F32\",\"shape\":[4,6]"),
            "expected 24 scales in F32, found F32 of shape [4, 6]",
        ),
    ] {
        let folder = saved("bert");
        let path = folder.path().join(WEIGHTS);
        let bytes = fs::read(&path).unwrap();
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let header = String::from_utf8(bytes[8..8 + length].to_vec()).unwrap();
        assert!(header.contains(&from));
        let header = header.replace(&from, &to);
        let parts = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &bytes[8 + length..]];
        fs::write(&path, parts.concat()).unwrap();
        let error = TchClassifier::load(folder.path(), &LoadOptions::default()).unwrap_err();
        let error = error.to_string();
        assert!(error.contains(expected) && error.contains(WEIGHTS), "{error}");
    }
}
