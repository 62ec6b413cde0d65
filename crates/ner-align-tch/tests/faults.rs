//! Model folders that are none, and batches that do not fit: an error each, never a panic.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use ner_align_core::{Batch, Label, LabelSet, Scheme, StepInput, TokenClassifier, TrainStep};
use ner_align_tch::{LoadOptions, ModelError, TchClassifier};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

fn oracle() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/bert")
}

/// A copy of the oracle's folder, changed by `change`.
fn folder(change: impl FnOnce(&Path)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["config.json", "model.safetensors"] {
        fs::copy(oracle().join(name), folder.path().join(name)).unwrap();
    }
    change(folder.path());
    folder
}

fn edit_config(key: &'static str, value: serde_json::Value) -> impl FnOnce(&Path) {
    move |folder| {
        let path = folder.join("config.json");
        let mut config: serde_json::Value =
            serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        config[key] = value;
        fs::write(&path, config.to_string()).unwrap();
    }
}

/// Leaves out the tensors whose names hold `part`.
fn without(part: &'static str) -> impl FnOnce(&Path) {
    move |folder| {
        let path = folder.join("model.safetensors");
        let bytes = fs::read(&path).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let kept: HashMap<String, TensorView<'_>> = file
            .iter()
            .filter(|(name, _)| !name.contains(part))
            .map(|(n, v)| (n.into(), v))
            .collect();
        safetensors::serialize_to_file(kept, None, &path).unwrap();
    }
}

fn load(folder: &Path) -> Result<TchClassifier, ModelError> {
    TchClassifier::load(folder, &LoadOptions::default())
}

#[test]
fn damaged_folders_are_named() {
    let remove =
        |name: &'static str| move |folder: &Path| fs::remove_file(folder.join(name)).unwrap();
    let write = |name: &'static str, bytes: &'static [u8]| {
        move |folder: &Path| fs::write(folder.join(name), bytes).unwrap()
    };
    let cut = |folder: &Path| {
        let path = folder.join("model.safetensors");
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    };
    let cases: Vec<(tempfile::TempDir, &str)> = vec![
        (folder(remove("config.json")), "expected a model folder with config.json"),
        (folder(remove("model.safetensors")), "expected a model folder with model.safetensors"),
        (folder(write("config.json", b"[1")), "not a JSON object"),
        (folder(write("config.json", b"{}")), "expected model_type \"bert\""),
        (folder(write("model.safetensors", b"")), "not a safetensors file"),
        (folder(cut), "not a safetensors file"),
        (folder(edit_config("model_type", "t5".into())), "found \"t5\""),
        (folder(edit_config("hidden_size", (-3).into())), "hidden_size"),
        (folder(edit_config("num_attention_heads", 7.into())), "not a multiple"),
        (folder(edit_config("hidden_act", "swish".into())), "not a BERT configuration"),
        (folder(edit_config("hidden_dropout_prob", 1.5.into())), "hidden_dropout_prob"),
        (folder(edit_config("vocab_size", 61.into())), "expected the shape [61, 24]"),
        (folder(edit_config("intermediate_size", 41.into())), "intermediate.dense"),
        (folder(edit_config("num_hidden_layers", 3.into())), "encoder.layer.2"),
        (folder(edit_config("id2label", serde_json::json!({"0": "O", "2": "B-A"}))), "id2label"),
        (folder(edit_config("id2label", serde_json::json!({"0": "LABEL_0"}))), "not fine-tuned"),
        (folder(without("classifier")), "classifier.weight"),
        (folder(without("layer.1.")), "16 of the weights"),
    ];
    for (folder, part) in cases {
        let message = load(folder.path()).unwrap_err().to_string();
        assert!(message.contains(part), "expected {part:?} in {message}");
        assert!(message.starts_with(&folder.path().display().to_string()), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    assert!(load(Path::new("no/such/folder")).is_err());
}

#[test]
fn ids_and_lengths_beyond_the_tables_are_refused() {
    let model = load(&oracle()).unwrap();
    let batch = |ids: Vec<i64>| Batch {
        boundaries: vec![0, ids.len()],
        rows: vec![0],
        targets: vec![1],
        input_ids: ids,
    };
    assert!(model.logits(&batch(vec![1, 2])).is_ok());
    for ids in [vec![60], vec![-1], vec![1; 21]] {
        assert!(matches!(model.logits(&batch(ids)), Err(ModelError::OutOfRange { .. })));
    }
    let mut model = model;
    let bad_target = Batch { targets: vec![5], ..batch(vec![1]) };
    assert!(matches!(
        model.train_step(StepInput { batches: &[bad_target], step: 0, learning_rate: 0.1 }),
        Err(ModelError::OutOfRange { what: "class id", .. })
    ));
}

#[test]
fn another_label_set_gets_a_new_head() {
    let labels = LabelSet::new(Label::new("SKILLS"), Scheme::Iob2);
    let options = LoadOptions { seed: 3, ..LoadOptions::default() };
    let model = TchClassifier::for_labels(&oracle(), &labels, &options).unwrap();
    assert!(model.has_new_head());
    assert_eq!(model.num_labels(), 3);
    let own = load(&oracle()).unwrap();
    assert!(!TchClassifier::for_labels(&oracle(), own.labels(), &options).unwrap().has_new_head());
}

#[test]
fn weights_in_half_precision_and_with_old_names_are_read() {
    let old = folder(|folder| {
        let path = folder.join("model.safetensors");
        let bytes = fs::read(&path).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let halves: Vec<(String, Vec<usize>, Vec<u8>)> = file
            .iter()
            .map(|(name, view)| {
                let name = name
                    .replace("LayerNorm.weight", "LayerNorm.gamma")
                    .replace("LayerNorm.bias", "LayerNorm.beta");
                // The upper half of an f32 is a bf16.
                let data = view.data().chunks_exact(4).flat_map(|b| [b[2], b[3]]).collect();
                (name, view.shape().to_vec(), data)
            })
            .collect();
        let views: HashMap<&str, TensorView<'_>> = halves
            .iter()
            .map(|(name, shape, data)| {
                (name.as_str(), TensorView::new(Dtype::BF16, shape.clone(), data).unwrap())
            })
            .collect();
        safetensors::serialize_to_file(views, None, &path).unwrap();
    });
    assert!(load(old.path()).is_ok());
}
