//! DeBERTa and ModernBERT beyond their oracles: what files of other releases say, what is frozen, what is refused.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use ner_align_core::{Batch, Rows, StepInput, TokenClassifier, TrainStep, Window, WordSpan};
use ner_align_tch::{
    Freeze, LayerRates, LoadOptions, ModelError, Precision, SharedClassifier, TchClassifier,
};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde_json::{Value, json};

const NEW: [&str; 4] = ["deberta-v2", "deberta-v2-plain", "modernbert", "modernbert-biased"];

/// f32, whatever is faster on this machine.
fn exact() -> LoadOptions {
    LoadOptions::default().with_precision(Precision::F32)
}

fn oracle(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles").join(name)
}

/// Windows of these lengths, of which every position is labelled.
fn batch(lengths: &[usize]) -> Batch {
    let window = |(sentence, &length): (usize, &usize)| Window {
        sentence,
        index: 0,
        input_ids: (0..length).map(|at| 5 + (at * at + sentence) as u32 % 30).collect(),
        word_ids: (0..length as u32).map(Some).collect(),
        owned: WordSpan::new(0, length),
        labels: (0..length as i64).map(|at| at % 5).collect(),
    };
    Batch::pack(&lengths.iter().enumerate().map(window).collect::<Vec<_>>(), Rows::Labelled)
}

fn logits(folder: &Path) -> Array2<f32> {
    TchClassifier::load(folder, &exact()).unwrap().logits(&batch(&[9, 1, 14])).unwrap()
}

/// A copy of an oracle with a changed configuration, and weights whose names `rename` changes or drops.
fn copy(
    name: &str,
    change: impl FnOnce(&mut serde_json::Map<String, Value>),
    rename: impl Fn(&str) -> Option<String>,
) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut config: Value =
        serde_json::from_slice(&fs::read(oracle(name).join("config.json")).unwrap()).unwrap();
    change(config.as_object_mut().unwrap());
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let bytes = fs::read(oracle(name).join("model.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let tensors: BTreeMap<String, TensorView<'_>> =
        file.iter().filter_map(|(name, view)| Some((rename(name)?, view))).collect();
    let path = folder.path().join("model.safetensors");
    safetensors::serialize_to_file(tensors, None, &path).unwrap();
    folder
}

fn same(name: &str) -> Option<String> {
    Some(name.to_owned())
}

#[test]
fn settings_of_older_releases_mean_the_same() {
    let expected = logits(&oracle("modernbert"));
    for (local_theta, equal) in [(json!(10_000.0), true), (Value::Null, false)] {
        let old = copy(
            "modernbert",
            |config| {
                config.remove("layer_types");
                config.remove("rope_parameters");
                config.insert("global_attn_every_n_layers".into(), json!(3));
                config.insert("global_rope_theta".into(), json!(160_000.0));
                config.insert("local_rope_theta".into(), local_theta.clone());
                config.insert("position_embedding_type".into(), json!("sans_pos"));
            },
            same,
        );
        // Without a base of their own, local layers have that of the others.
        assert_eq!(logits(old.path()) == expected, equal, "{local_theta}");
    }
    let expected = logits(&oracle("deberta-v2"));
    for kinds in [json!("p2c|c2p"), json!("C2P | P2C"), json!(["c2p", "p2c"])] {
        let old =
            copy("deberta-v2", |config| drop(config.insert("pos_att_type".into(), kinds)), same);
        assert_eq!(logits(old.path()), expected);
    }
}

/// An encoder alone gets all of a head; one with the head of its pretraining keeps what it can.
#[test]
fn a_new_classifier_stands_on_what_was_pretrained() {
    let labels = TchClassifier::load(oracle("modernbert"), &exact()).unwrap().labels().clone();
    let dense = |folder: &Path| {
        let model = TchClassifier::for_labels(folder, &labels, &exact().with_seed(3)).unwrap();
        assert!(model.has_new_head());
        let saved = tempfile::tempdir().unwrap();
        model.save(saved.path()).unwrap();
        let bytes = fs::read(saved.path().join("model.safetensors")).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let norm = file.tensor("head.norm.weight").unwrap().data().to_vec();
        (file.tensor("head.dense.weight").unwrap().data().to_vec(), norm)
    };
    let bytes = fs::read(oracle("modernbert").join("model.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let pretrained = file.tensor("head.dense.weight").unwrap().data().to_vec();
    let without_classes = |config: &mut serde_json::Map<String, Value>| {
        config.remove("id2label");
    };
    let masked = copy("modernbert", without_classes, |name| {
        (!name.starts_with("classifier")).then(|| name.to_owned())
    });
    assert_eq!(dense(masked.path()).0, pretrained);
    let bare =
        copy("modernbert", without_classes, |name| name.strip_prefix("model.").map(str::to_owned));
    let (dense, norm) = dense(bare.path());
    assert_ne!(dense, pretrained);
    assert_eq!(norm, 1.0_f32.to_le_bytes().repeat(16));
    let bare = copy("deberta-v2", without_classes, |name| {
        name.strip_prefix("deberta.").map(str::to_owned)
    });
    assert!(TchClassifier::for_labels(bare.path(), &labels, &exact()).unwrap().has_new_head());
}

/// The tensors that two steps changed, by their bytes.
fn moved(name: &str, freeze: Freeze) -> Vec<(String, bool)> {
    let rates = LayerRates::default().with_freeze(freeze).with_layer_decay(0.9).with_head(2.0);
    let mut model = TchClassifier::load(oracle(name), &exact().with_rates(rates)).unwrap();
    for step in 0..2 {
        model.train_step(StepInput::new(&[batch(&[9, 3, 14])], step, 1e-2)).unwrap();
    }
    let saved = tempfile::tempdir().unwrap();
    model.save(saved.path()).unwrap();
    let [before, after] = [&oracle(name), saved.path()]
        .map(|folder| fs::read(folder.join("model.safetensors")).unwrap());
    let [before, after] = [&before, &after].map(|bytes| SafeTensors::deserialize(bytes).unwrap());
    let is_other =
        |name: &str| before.tensor(name).unwrap().data() != after.tensor(name).unwrap().data();
    before.names().into_iter().map(|name| (name.to_owned(), is_other(name))).collect()
}

/// By the start of a name without the family's prefix: the layer that a tensor belongs to, from 1; 0 for
/// what layers begin with, the last layer for what follows it.
const DEBERTA_PARTS: [(&str, usize); 5] = [
    ("embeddings.", 0),
    ("encoder.rel_embeddings", 0),
    ("encoder.LayerNorm", 0),
    ("encoder.layer.0.", 1),
    ("encoder.layer.1.", 2),
];
const MODERNBERT_PARTS: [(&str, usize); 5] =
    [("embeddings.", 0), ("layers.0.", 1), ("layers.1.", 2), ("layers.2.", 3), ("final_norm", 3)];

#[test]
fn what_is_frozen_stays_and_all_else_learns() {
    for (name, prefix, parts) in [
        ("deberta-v2", "deberta.", &DEBERTA_PARTS[..]),
        ("modernbert", "model.", &MODERNBERT_PARTS[..]),
    ] {
        for (freeze, first) in [
            (Freeze::Nothing, 0),
            (Freeze::Embeddings, 1),
            (Freeze::Layers(1), 2),
            (Freeze::Layers(9), 9),
            (Freeze::Encoder, 9),
        ] {
            for (tensor, moved) in moved(name, freeze) {
                let own = tensor.strip_prefix(prefix).unwrap_or(&tensor);
                let part = parts.iter().find(|(start, _)| own.starts_with(start));
                let learns = part.is_none_or(|(_, layer)| *layer >= first);
                assert_eq!(moved, learns, "{freeze:?}: {tensor}");
            }
        }
    }
}

#[test]
fn each_rate_of_dropout_drops_on_its_own() {
    let loss = |name: &str, rates: &[&'static str], step| {
        let folder = copy(
            name,
            |config| rates.iter().for_each(|key| drop(config.insert((*key).into(), json!(0.5)))),
            same,
        );
        let mut model = TchClassifier::load(folder.path(), &exact()).unwrap();
        model.train_step(StepInput::new(&[batch(&[9, 3, 14])], step, 0.0)).unwrap().loss
    };
    for (name, keys) in [
        ("deberta-v2", &["hidden_dropout_prob", "attention_probs_dropout_prob"][..]),
        (
            "modernbert",
            &["embedding_dropout", "attention_dropout", "mlp_dropout", "classifier_dropout"],
        ),
    ] {
        let plain = loss(name, &[], 0);
        for key in keys {
            let dropped = loss(name, &[*key], 0);
            assert!((dropped - plain).abs() > 1e-4 * plain, "{key}: {dropped} and {plain}");
            // The masks follow from the step alone.
            assert_eq!(loss(name, &[*key], 0), dropped, "{key}");
            assert_ne!(loss(name, &[*key], 1), dropped, "{key}");
        }
        // Another family's keys say nothing.
        assert_eq!(loss(name, &["dropout", "cls_dropout"], 0), plain);
    }
}

#[test]
fn integers_are_refused_in_one_line() {
    for name in NEW {
        let options = LoadOptions::default().with_precision(Precision::Int8);
        let opened = TchClassifier::load(oracle(name), &options).map(|_| ());
        let folder = tempfile::tempdir().unwrap();
        let saved = TchClassifier::load(oracle(name), &exact()).unwrap().save_int8(folder.path());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        for error in [opened.unwrap_err(), saved.map(|_| ()).unwrap_err()] {
            assert!(matches!(error, ModelError::Int8Family { .. }), "{error}");
            let family = name.split("-plain").next().unwrap().replace("-biased", "");
            let expected = format!("expected f32 or bf16 for a model of type {family}, found int8");
            assert_eq!(error.to_string(), expected);
        }
    }
}

/// A window gets what it gets alone, whatever the others' lengths and on whichever thread.
#[test]
fn windows_do_not_see_each_other() {
    for (name, way) in NEW.iter().flat_map(|name| [(*name, false), (*name, true)]) {
        let options = exact().with_way_of_a_gpu(way);
        let model = SharedClassifier::load(oracle(name), &options).unwrap();
        let longest = model.config().longest_window();
        let lengths = [3, longest, 1, 8];
        let together = model.logits(&batch(&lengths)).unwrap();
        std::thread::scope(|scope| {
            let all = batch(&lengths);
            let (model, together, all) = (&model, &together, &all);
            let alone = all.boundaries.windows(2).map(|ends| {
                let (start, end) = (ends[0], ends[1]);
                let one = Batch {
                    input_ids: all.input_ids[start..end].to_vec(),
                    boundaries: vec![0, end - start],
                    rows: (0..end - start).collect(),
                    targets: all.targets[start..end].to_vec(),
                };
                scope.spawn(move || {
                    let logits = model.logits(&one).unwrap();
                    let own = together.slice(ndarray::s![start..end, ..]);
                    let apart = (&logits - &own).iter().fold(0.0_f32, |a, b| a.max(b.abs()));
                    assert!(apart < 1e-4, "{name}: {apart} apart");
                })
            });
            alone.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
        });
    }
}
