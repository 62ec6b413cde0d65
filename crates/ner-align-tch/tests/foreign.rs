//! Models as other tools save them: classes in another order, weights in other files.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::fs;
use std::path::{Path, PathBuf};

use ner_align_core::{Batch, LabelSet, TokenClassifier};
use ner_align_tch::{LoadOptions, ModelError, Precision, TchClassifier};
use serde_json::json;

/// f32, whatever is faster on this machine.
fn exact() -> LoadOptions {
    LoadOptions::default().with_precision(Precision::F32)
}

fn oracle(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles").join(name)
}

/// A folder with the oracle's configuration and these weights.
fn folder(weights: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(oracle("bert/config.json"), folder.path().join("config.json")).unwrap();
    for (name, bytes) in weights {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn load(folder: &Path) -> Result<TchClassifier, ModelError> {
    TchClassifier::load(folder, &exact())
}

fn batch() -> Batch {
    Batch {
        input_ids: vec![2, 9, 8, 3],
        boundaries: vec![0, 4],
        rows: vec![1, 2],
        targets: vec![0, 0],
    }
}

#[test]
fn a_head_is_matched_by_the_names_of_its_classes() {
    let own = load(&oracle("bert")).unwrap();
    let logits = own.logits(&batch()).unwrap();
    for (names, classes) in [
        ("O B-LOC I-LOC B-PER I-PER", Some(vec![0, 1, 2, 3, 4])),
        ("O B-PER I-PER B-LOC I-LOC", Some(vec![0, 3, 4, 1, 2])),
        ("I_PER O B_LOC B_PER I_LOC", Some(vec![4, 0, 1, 3, 2])),
        ("O B-LOC I-LOC", Some(vec![0, 1, 2])),
        ("O B-LOC I-LOC B-ORG I-ORG", None),
        ("O B-LOC I-LOC B-PER I-PER X", None),
    ] {
        let names: Vec<&str> = names.split(' ').collect();
        let labels = LabelSet::from_names(&names).unwrap();
        let model = TchClassifier::for_labels(oracle("bert"), &labels, &exact()).unwrap();
        assert_eq!(model.has_new_head(), classes.is_none(), "{names:?}");
        let Some(classes) = classes else { continue };
        let found = model.logits(&batch()).unwrap();
        for (class, own) in classes.into_iter().enumerate() {
            // A product over other columns may round in another way.
            let (found, own) = (found.column(class), logits.column(own));
            assert!(found.iter().zip(own).all(|(a, b)| (a - b).abs() < 1e-6), "{names:?}");
        }
    }
}

#[test]
fn a_head_with_fewer_rows_than_names_is_refused_by_its_shape() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(oracle("bert/model.safetensors"), folder.path().join("model.safetensors")).unwrap();
    let mut config: serde_json::Value =
        serde_json::from_slice(&fs::read(oracle("bert/config.json")).unwrap()).unwrap();
    config["id2label"]["5"] = json!("B-ORG");
    config["id2label"]["6"] = json!("I-ORG");
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let labels = LabelSet::from_names(&["O", "B-ORG", "I-ORG"]).unwrap();
    let options = exact();
    let error = TchClassifier::for_labels(folder.path(), &labels, &options).unwrap_err();
    assert!(matches!(error, ModelError::Shape { .. }), "{error}");
}

#[test]
fn a_crf_keeps_its_transitions_in_another_order() {
    let own = load(&oracle("crf")).unwrap();
    let transitions = own.transition_scores().unwrap().unwrap();
    let names: Vec<&String> = own.labels().names().iter().rev().collect();
    let labels = LabelSet::from_names(&names).unwrap();
    let options = exact().with_head(own.config().head);
    let model = TchClassifier::for_labels(oracle("crf"), &labels, &options).unwrap();
    assert!(!model.has_new_head());
    let reversed = model.transition_scores().unwrap().unwrap();
    let last = names.len() - 1;
    for from in 0..names.len() {
        assert_eq!(reversed.start(from), transitions.start(last - from));
        assert_eq!(reversed.end(from), transitions.end(last - from));
        for to in 0..names.len() {
            let own = transitions.between(last - from, last - to);
            assert_eq!(reversed.between(from, to), own, "{from} {to}");
        }
    }
}

/// What PyTorch wrote into one archive, and into two that an index names.
#[test]
fn pickled_weights_are_the_same_model() {
    let expected = load(&oracle("bert")).unwrap().logits(&batch()).unwrap();
    let read = |name: &str| fs::read(oracle("pickled").join(name)).unwrap();
    let whole = folder(&[("pytorch_model.bin", &read("pytorch_model.bin"))]);
    let parts = ["part-1.bin", "part-2.bin", "pytorch_model.bin.index.json"];
    let bytes = parts.map(read);
    let files: Vec<(&str, &[u8])> =
        parts.iter().zip(&bytes).map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    for folder in [whole, folder(&files)] {
        assert_eq!(load(folder.path()).unwrap().logits(&batch()).unwrap(), expected);
    }
}

#[test]
fn pickles_are_data_and_never_code() {
    let read = |name: &str| fs::read(oracle("pickled").join(name)).unwrap();
    let whole = read("pytorch_model.bin");
    let cut = &whole[..whole.len() / 2];
    for (bytes, part) in [
        // A pickle that would run `os.system`.
        (&*read("evil.bin"), "expected a dictionary of tensors"),
        (&*read("no-tensors.bin"), "expected a dictionary of tensors"),
        (cut, "expected a dictionary of tensors"),
        (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", "found an older file"),
        (b"", "found an older file"),
    ] {
        let folder = folder(&[("pytorch_model.bin", bytes)]);
        let message = load(folder.path()).unwrap_err().to_string();
        assert!(message.contains(part), "expected {part:?} in {message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn what_stands_in_place_of_weights_is_named() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
    for (weights, part, hint) in [
        (("model.safetensors", &pointer[..]), "found a Git LFS pointer", "git lfs pull"),
        (("pytorch_model.bin", &pointer[..]), "found a Git LFS pointer", "git lfs pull"),
        (("adapter_model.safetensors", b"".as_slice()), "adapter_model.safetensors", "merge"),
        (("tf_model.h5", b"".as_slice()), "found tf_model.h5", "save_pretrained"),
    ] {
        let folder = folder(&[weights]);
        let error = load(folder.path()).unwrap_err();
        assert!(error.to_string().contains(part), "expected {part:?} in {error}");
        assert!(error.hint().unwrap().contains(hint), "{:?}", error.hint());
    }
}

#[test]
fn classes_without_names_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["config.json", "model.safetensors"] {
        fs::copy(oracle("bert").join(file), folder.path().join(file)).unwrap();
    }
    let path = folder.path().join("config.json");
    let mut config: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let names = (0..5).map(|id| (id.to_string(), json!(format!("LABEL_{id}"))));
    config["id2label"] = names.collect::<serde_json::Map<_, _>>().into();
    fs::write(&path, config.to_string()).unwrap();
    let error = load(folder.path()).unwrap_err();
    let said = "id2label: expected the names of classes, such as O and B-PER, found LABEL_0, \
                LABEL_1, … LABEL_4";
    assert!(error.to_string().ends_with(said), "{error}");
    assert!(error.hint().unwrap().contains("in the order of the model's training"));
}
