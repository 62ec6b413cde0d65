//! Model folders that are none, and batches that do not fit: an error each, never a panic.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ner_align_core::{
    Batch, ErrorKind, Label, LabelSet, Scheme, StepInput, TokenClassifier, TrainStep,
};
use ner_align_tch::{LoadOptions, ModelError, Precision, TchClassifier};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use tch::{Kind, Tensor};

/// f32, whatever is faster on this machine.
fn exact() -> LoadOptions {
    LoadOptions::default().with_precision(Precision::F32)
}

fn oracle() -> PathBuf {
    family("bert")
}

fn family(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles").join(name)
}

/// A copy of the oracle's folder, changed by `change`.
fn folder(change: impl FnOnce(&Path)) -> tempfile::TempDir {
    folder_of("bert", change)
}

fn folder_of(name: &str, change: impl FnOnce(&Path)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in ["config.json", "model.safetensors"] {
        fs::copy(family(name).join(file), folder.path().join(file)).unwrap();
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

/// A tensor on its way from one file to another.
type Plain = (Dtype, Vec<usize>, Vec<u8>);

/// Rewrites the weights: each tensor becomes what `change` makes of it, or goes.
fn edit_weights(change: impl Fn(&str, Plain) -> Option<(String, Plain)>) -> impl FnOnce(&Path) {
    move |folder| {
        let path = folder.join("model.safetensors");
        let bytes = fs::read(&path).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let tensors = file
            .iter()
            .filter_map(|(n, v)| change(n, (v.dtype(), v.shape().to_vec(), v.data().to_vec())));
        write(&path, &tensors.collect());
    }
}

fn write(path: &Path, tensors: &BTreeMap<String, Plain>) {
    let views = tensors.iter().map(|(name, (dtype, shape, data))| {
        (name, TensorView::new(*dtype, shape.clone(), data).unwrap())
    });
    safetensors::serialize_to_file(views, None, path).unwrap();
}

/// Leaves out the tensors whose names hold `part`.
fn without(part: &'static str) -> impl FnOnce(&Path) {
    edit_weights(move |name, tensor| (!name.contains(part)).then(|| (name.to_owned(), tensor)))
}

fn renamed(rename: impl Fn(&str) -> String) -> impl FnOnce(&Path) {
    edit_weights(move |name, tensor| Some((rename(name), tensor)))
}

/// A header of this text, with no tensors after it.
fn header(text: &'static str) -> impl FnOnce(&Path) {
    header_of(text.len() as u64, text)
}

/// The same with a `length` that may lie.
fn header_of(length: u64, text: &'static str) -> impl FnOnce(&Path) {
    move |folder| {
        let bytes = [&length.to_le_bytes()[..], text.as_bytes()].concat();
        fs::write(folder.join("model.safetensors"), bytes).unwrap();
    }
}

/// Spreads the weights over two files with an index that `change` may damage.
fn sharded(change: impl FnOnce(&Path, &mut serde_json::Value)) -> impl FnOnce(&Path) {
    move |folder| {
        let single = folder.join("model.safetensors");
        let bytes = fs::read(&single).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let mut shards = [BTreeMap::new(), BTreeMap::new()];
        let mut map = serde_json::Map::new();
        for (index, (name, view)) in file.iter().enumerate() {
            let tensor = (view.dtype(), view.shape().to_vec(), view.data().to_vec());
            shards[index % 2].insert(name.to_owned(), tensor);
            map.insert(name.to_owned(), format!("shard-{}.safetensors", index % 2).into());
        }
        for (index, shard) in shards.iter().enumerate() {
            write(&folder.join(format!("shard-{index}.safetensors")), shard);
        }
        fs::remove_file(single).unwrap();
        let mut index = serde_json::json!({ "metadata": {}, "weight_map": map });
        change(folder, &mut index);
        fs::write(folder.join("model.safetensors.index.json"), index.to_string()).unwrap();
    }
}

fn load(folder: &Path) -> Result<TchClassifier, ModelError> {
    TchClassifier::load(folder, &exact())
}

#[test]
fn damaged_folders_are_named() {
    let remove =
        |name: &'static str| move |folder: &Path| fs::remove_file(folder.join(name)).unwrap();
    let write_file = |name: &'static str, bytes: &'static [u8]| {
        move |folder: &Path| fs::write(folder.join(name), bytes).unwrap()
    };
    let rename_weights = |name: &'static str| {
        move |folder: &Path| {
            fs::rename(folder.join("model.safetensors"), folder.join(name)).unwrap();
        }
    };
    let cut = |folder: &Path| {
        let path = folder.join("model.safetensors");
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    };
    let no_number = |name: &str, (dtype, shape, mut data): Plain| {
        if name.contains("layer.0") {
            data[..4].copy_from_slice(&f32::NAN.to_le_bytes());
        }
        Some((name.to_owned(), (dtype, shape, data)))
    };
    let deberta = |key, value| folder_of("deberta-v2", edit_config(key, value));
    let modern = |key, value| folder_of("modernbert", edit_config(key, value));
    let cases: Vec<(tempfile::TempDir, &str)> = vec![
        (folder(remove("config.json")), "expected a model folder with config.json"),
        (folder(remove("model.safetensors")), "expected a model folder with model.safetensors"),
        (folder(write_file("config.json", b"[1")), "not a JSON object"),
        (folder(write_file("config.json", b"{}")), "expected model_type, one of bert, camembert"),
        (folder(write_file("model.safetensors", b"")), "not a safetensors file"),
        (folder(edit_weights(no_number)), "expected numbers, found NaN or infinity"),
        (folder(cut), "not a safetensors file"),
        (folder(edit_config("model_type", "t5".into())), "model_type \"t5\" is not supported"),
        (folder(edit_config("model_type", "roformer".into())), "rotations"),
        (folder(edit_config("model_type", "roberta".into())), "37 of the weights"),
        (folder(edit_config("hidden_size", (-3).into())), "hidden_size"),
        (folder(edit_config("num_attention_heads", 7.into())), "not a multiple"),
        (folder(edit_config("hidden_act", "swish".into())), "hidden_act: unknown variant `swish`"),
        (folder(edit_config("vocab_size", "many".into())), "vocab_size: invalid type"),
        (folder(edit_config("vocab_size", serde_json::Value::Null)), "vocab_size: expected in"),
        (folder(edit_config("pad_token_id", 60.into())), "60 rows of vocab_size"),
        (folder(edit_config("is_decoder", true.into())), "is_decoder"),
        (folder(edit_config("position_embedding_type", "rotary".into())), "position_embedding"),
        (folder(edit_config("pruned_heads", serde_json::json!({"0": [1]}))), "pruned_heads"),
        (folder_of("distilbert", edit_config("dim", 17.into())), "dim 17 is not a multiple of n_"),
        (folder_of("distilbert", edit_config("dropout", 2.into())), "dropout: expected 0"),
        (folder_of("distilbert", without("ffn")), "8 of the weights"),
        (folder_of("electra", edit_config("embedding_size", 16.into())), "shape [40, 16]"),
        (folder_of("electra", without("project")), "embeddings_project.weight"),
        (folder_of("roberta", edit_config("pad_token_id", 17.into())), "none is left"),
        (folder_of("roberta", edit_config("pad_token_id", serde_json::Value::Null)), "count from"),
        (deberta("relative_attention", false.into()), "relative_attention: expected true"),
        (deberta("share_att_key", false.into()), "share_att_key: expected true"),
        (deberta("conv_kernel_size", 3.into()), "conv_kernel_size: expected no convolution"),
        (deberta("pos_att_type", "c2p|p2p".into()), "pos_att_type: expected c2p or p2c, found"),
        (deberta("norm_rel_ebd", "rms".into()), "norm_rel_ebd: expected layer_norm or none"),
        (deberta("position_buckets", 1.into()), "position_buckets: expected 2 or more"),
        (deberta("position_buckets", (1_i64 << 40).into()), "position_buckets: expected less"),
        (deberta("max_relative_positions", 5.into()), "max_relative_positions: expected more than"),
        (deberta("embedding_size", 8.into()), "embedding_size: expected 16, found 8"),
        (deberta("attention_head_size", 4.into()), "attention_head_size: expected 8, found 4"),
        (deberta("position_buckets", 12.into()), "shape [24, 16]"),
        (deberta("type_vocab_size", (-1).into()), "type_vocab_size: expected a positive size"),
        (modern("layer_types", serde_json::json!(["full_attention"])), "one for each of 3 layers"),
        (modern("layer_types", serde_json::json!(["a", "b", "c"])), "layer_types: expected full_"),
        (modern("rope_scaling", serde_json::json!({"factor": 2})), "rope_scaling: expected"),
        (modern("local_attention", (-1).into()), "local_attention: expected 0 or more"),
        (modern("num_attention_heads", 16.into()), "expected heads of even width, found 1"),
        (modern("hidden_activation", "silu".into()), "hidden_activation: unknown variant"),
        (modern("norm_eps", 2.into()), "norm_eps: expected 0"),
        (folder_of("modernbert", without("head.")), "2 of the weights"),
        (
            modern("rope_parameters", serde_json::json!({"full_attention": {"rope_type": "yarn"}})),
            "expected the rope_type \"default\", found \"yarn\"",
        ),
        (folder(edit_config("hidden_dropout_prob", 1.5.into())), "hidden_dropout_prob"),
        (folder(edit_config("vocab_size", 61.into())), "expected the shape [61, 24]"),
        (folder(edit_config("intermediate_size", 41.into())), "intermediate.dense"),
        (folder(edit_config("num_hidden_layers", 3.into())), "encoder.layer.2"),
        (folder(edit_config("id2label", serde_json::json!({"0": "O", "2": "B-A"}))), "id2label"),
        (folder(edit_config("id2label", serde_json::json!({"0": "LABEL_0"}))), "found LABEL_0"),
        (folder(without("classifier")), "classifier.weight"),
        (folder(without("layer.1.")), "16 of the weights"),
        (folder(header_of(1 << 60, "")), "a header of 1152921504606846976 bytes in a file of 8"),
        (folder(header_of(30, "{}")), "a header of 30 bytes in a file of 10"),
        (folder(header("{]")), "not a safetensors file"),
        (folder(header("{}")), "of the weights that config.json calls for are missing"),
        (
            folder(header(
                r#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#,
            )),
            "overflow",
        ),
        (
            folder(header(r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#)),
            "not a safetensors file",
        ),
        (
            folder(header(r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#)),
            "promises 4 bytes of tensors, found 0",
        ),
        (
            folder(edit_weights(|name, (_, shape, data)| {
                Some((name.to_owned(), (Dtype::I32, shape, data)))
            })),
            "expected F16, BF16, F32, F64 or I8, found I32",
        ),
        (
            folder(edit_weights(|name, tensor| match name {
                "classifier.weight" => Some(("embeddings.LayerNorm.gamma".to_owned(), tensor)),
                name => Some((name.to_owned(), tensor)),
            })),
            "are one weight",
        ),
        (folder(rename_weights("pytorch_model.bin")), "expected an archive of PyTorch 1.6"),
        (folder(rename_weights("tf_model.h5")), "found tf_model.h5"),
        (
            folder(sharded(|_, index| index["weight_map"]["x"] = "shard-1.safetensors".into())),
            "expected it in \"shard-1.safetensors\"",
        ),
        (
            folder(sharded(|_, index| index["weight_map"]["x"] = "../x".into())),
            "the name of a file beside it, found \"../x\"",
        ),
        (
            folder(sharded(|folder, _| {
                fs::remove_file(folder.join("shard-0.safetensors")).unwrap();
            })),
            "expected the file \"shard-0.safetensors\"",
        ),
        (folder(sharded(|_, index| *index = 1.into())), "not an index of tensors"),
        (
            folder(sharded(|_, index| {
                index["weight_map"] = serde_json::json!({});
            })),
            "of the weights that config.json calls for are missing",
        ),
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
    let batch = |ids: Vec<u32>| Batch {
        boundaries: vec![0, ids.len()],
        rows: vec![0],
        targets: vec![1],
        input_ids: ids,
    };
    assert!(model.logits(&batch(vec![1, 2])).is_ok());
    for ids in [vec![60], vec![u32::MAX], vec![1; 21]] {
        assert!(matches!(model.logits(&batch(ids)), Err(ModelError::OutOfRange { .. })));
    }
    let mut model = model;
    let bad_target = Batch { targets: vec![5], ..batch(vec![1]) };
    assert!(matches!(
        model.train_step(StepInput::new(&[bad_target], 0, 0.1)),
        Err(ModelError::OutOfRange { what: "class id", .. })
    ));
}

#[test]
fn another_label_set_gets_a_new_head() {
    let labels = LabelSet::new(Label::new("SKILLS"), Scheme::Iob2);
    let options = exact().with_seed(3);
    let model = TchClassifier::for_labels(oracle(), &labels, &options).unwrap();
    assert!(model.has_new_head());
    assert_eq!(model.num_labels(), 3);
    let own = load(&oracle()).unwrap();
    assert!(!TchClassifier::for_labels(oracle(), own.labels(), &options).unwrap().has_new_head());
}

#[test]
fn the_longest_window_is_as_long_as_there_are_positions() {
    let longest = [
        ("bert", 20),
        ("distilbert", 18),
        ("roberta", 16),
        ("camembert", 14),
        ("deberta-v2", 30),
        ("modernbert", 30),
    ];
    for (name, length) in longest {
        let model = load(&family(name)).unwrap();
        assert_eq!(model.config().longest_window(), length);
        let batch = |length: usize| Batch {
            boundaries: vec![0, length],
            rows: vec![0],
            targets: vec![1],
            input_ids: vec![7; length],
        };
        assert!(model.logits(&batch(length)).is_ok());
        let error = model.logits(&batch(length + 1)).unwrap_err();
        assert!(matches!(error, ModelError::OutOfRange { what: "window length", .. }), "{error}");
    }
}

/// What is in files of the same model that other programs wrote.
#[test]
fn other_spellings_of_the_same_weights_are_the_same_model() {
    let batch = Batch {
        input_ids: vec![2, 9, 8, 3],
        boundaries: vec![0, 4],
        rows: vec![1, 2],
        targets: vec![0, 0],
    };
    let bare = |name: &str| name.trim_start_matches("bert.").to_owned();
    let old_names = |name: &str| {
        let name = name.replace("LayerNorm.weight", "LayerNorm.gamma");
        name.replace("LayerNorm.bias", "LayerNorm.beta")
    };
    let extras = |folder: &Path| {
        let path = folder.join("model.safetensors");
        let bytes = fs::read(&path).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let mut tensors: BTreeMap<String, Plain> = file
            .iter()
            .map(|(n, v)| (n.to_owned(), (v.dtype(), v.shape().to_vec(), v.data().to_vec())))
            .collect();
        for name in ["bert.pooler.dense.weight", "cls.predictions.bias", "lm_head.bias"] {
            tensors.insert(name.to_owned(), (Dtype::F32, vec![1], vec![0; 4]));
        }
        let positions = "bert.embeddings.position_ids".to_owned();
        tensors.insert(positions, (Dtype::I64, vec![1, 2], vec![0; 16]));
        write(&path, &tensors);
    };
    let exact = load(&oracle()).unwrap().logits(&batch).unwrap();
    for copy in [
        folder(renamed(old_names)),
        folder(renamed(bare)),
        folder(renamed(|name| format!("module.{name}"))),
        folder(extras),
        folder(sharded(|_, _| ())),
    ] {
        assert_eq!(load(copy.path()).unwrap().logits(&batch).unwrap(), exact);
    }
}

#[test]
fn weights_of_every_float_type_are_read() {
    let batch = Batch {
        input_ids: vec![2, 9, 8, 3],
        boundaries: vec![0, 4],
        rows: vec![1, 2],
        targets: vec![0, 0],
    };
    let bytes = |tensor: &Tensor| {
        let count = tensor.numel();
        let mut bytes = vec![0; count * tensor.kind().elt_size_in_bytes()];
        tensor.copy_data_u8(&mut bytes, count);
        bytes
    };
    for (kind, dtype) in
        [(Kind::Half, Dtype::F16), (Kind::BFloat16, Dtype::BF16), (Kind::Double, Dtype::F64)]
    {
        let read = |(_, shape, data): Plain| {
            let sizes: Vec<i64> = shape.iter().map(|&size| size as i64).collect();
            (shape, Tensor::from_data_size(&data, &sizes, Kind::Float).to_kind(kind))
        };
        let as_it_is = folder(edit_weights(|name, tensor| {
            let (shape, tensor) = read(tensor);
            Some((name.to_owned(), (dtype, shape, bytes(&tensor))))
        }));
        let as_f32 = folder(edit_weights(|name, tensor| {
            let (shape, tensor) = read(tensor);
            Some((name.to_owned(), (Dtype::F32, shape, bytes(&tensor.to_kind(Kind::Float)))))
        }));
        let [found, expected] =
            [as_it_is, as_f32].map(|folder| load(folder.path()).unwrap().logits(&batch).unwrap());
        assert_eq!(found, expected, "{dtype}");
    }
}

#[test]
fn damaged_bytes_are_an_error_or_another_model() {
    // A generator of plain random numbers (Knuth's MMIX), so that a failure repeats.
    let mut state = 1_u64;
    let mut below = |limit: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    for name in ["config.json", "model.safetensors"] {
        let bytes = fs::read(oracle().join(name)).unwrap();
        // Where the header of the weights ends; their values cannot be wrong.
        let end = bytes.len().min(4500);
        let damaged = folder(|_| ());
        for _ in 0..300 {
            let mut bytes = bytes.clone();
            for _ in 0..=below(3) {
                bytes[below(end)] =
                    if below(2) == 0 { b'0' + below(10) as u8 } else { below(256) as u8 };
            }
            fs::write(damaged.path().join(name), bytes).unwrap();
            if let Err(error) = load(damaged.path()) {
                assert_eq!(error.to_string().lines().count(), 1, "{error}");
            }
        }
    }
}

#[test]
fn batches_that_are_none_are_refused() {
    let mut model = load(&oracle()).unwrap();
    let good = || Batch {
        input_ids: vec![5, 6, 7],
        boundaries: vec![0, 2, 3],
        rows: vec![0, 2],
        targets: vec![0, 1],
    };
    assert_eq!(model.logits(&good()).unwrap().dim(), (2, model.num_labels()));
    for (batch, expected) in [
        (Batch { boundaries: vec![0, 4], ..good() }, "expected ascending boundaries from 0 to 3"),
        (Batch { boundaries: vec![0, 3, 2, 3], ..good() }, "expected ascending boundaries"),
        (Batch { boundaries: Vec::new(), ..good() }, "expected ascending boundaries"),
        (Batch { rows: vec![0, 3], ..good() }, "expected rows below 3, found 3"),
        (Batch { rows: vec![2, 0], ..good() }, "expected ascending rows"),
    ] {
        let error = model.logits(&batch).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.kind(), ErrorKind::Usage);
    }
    let batch = Batch { targets: vec![0], ..good() };
    let batches = [batch];
    let input = StepInput::new(&batches, 0, 0.1);
    let error = model.train_step(input).unwrap_err().to_string();
    assert_eq!(error, "batch: expected a target for each of 2 rows, found 1");
}
