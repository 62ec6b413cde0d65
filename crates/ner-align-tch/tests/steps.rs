//! Optimizer steps at their edges: after an error, of nothing, of what does not learn.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::fs;
use std::path::{Path, PathBuf};

use ner_align_core::{Batch, StepInput, TrainStep};
use ner_align_tch::{
    Freeze, LayerRates, LoadOptions, LossConfig, ModelError, Precision, TchClassifier,
};
use safetensors::SafeTensors;

/// f32, whatever is faster on this machine.
fn exact() -> LoadOptions {
    LoadOptions::default().with_precision(Precision::F32)
}

fn oracle() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/bert")
}

fn model(options: LoadOptions) -> TchClassifier {
    TchClassifier::load(oracle(), &options.with_dropout(Some(0.2))).unwrap()
}

/// One window whose positions are all of this class.
fn batch(ids: &[u32], class: i64) -> Batch {
    Batch {
        input_ids: ids.to_vec(),
        boundaries: vec![0, ids.len()],
        rows: (0..ids.len()).collect(),
        targets: vec![class; ids.len()],
    }
}

fn step(model: &mut TchClassifier, step: usize, batches: &[Batch]) -> Result<f64, ModelError> {
    let input = StepInput::new(batches, step, 0.01);
    model.train_step(input).map(|output| output.loss)
}

fn checkpoint(model: &TchClassifier) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    model.save(folder.path()).unwrap();
    model.save_state(folder.path()).unwrap();
    folder
}

/// All that a checkpoint holds.
fn state(model: &TchClassifier) -> [Vec<u8>; 2] {
    let folder = checkpoint(model);
    ["model.safetensors", "optimizer.safetensors"]
        .map(|name| fs::read(folder.path().join(name)).unwrap())
}

#[test]
fn a_step_that_failed_is_as_if_it_had_not_been() {
    let (first, second) = (batch(&[5, 6, 7], 1), batch(&[8, 9], 2));
    for precision in [Precision::F32, Precision::Bf16] {
        let run = |fails: bool| {
            let mut model = model(exact().with_precision(precision));
            step(&mut model, 0, std::slice::from_ref(&first)).unwrap();
            if fails {
                let error = step(&mut model, 1, &[first.clone(), batch(&[4], 77)]).unwrap_err();
                assert!(matches!(error, ModelError::OutOfRange { .. }), "{error}");
            }
            step(&mut model, 1, std::slice::from_ref(&second)).unwrap();
            state(&model)
        };
        assert!(run(true) == run(false), "{precision:?}");
    }
}

#[test]
fn batches_without_rows_change_nothing() {
    let nothing = Batch { rows: Vec::new(), targets: Vec::new(), ..batch(&[5, 6], 1) };
    let mut alone = model(exact());
    let before = state(&alone)[0].clone();
    for batches in [&[][..], std::slice::from_ref(&nothing)] {
        assert_eq!(step(&mut alone, 0, batches).unwrap(), 0.0);
    }
    assert!(state(&alone)[0] == before);
    let mut beside = model(exact());
    let loss = step(&mut alone, 0, &[batch(&[7, 8], 1)]).unwrap();
    assert_eq!(step(&mut beside, 0, &[nothing, batch(&[7, 8], 1)]).unwrap(), loss);
    assert!(state(&alone) == state(&beside));
}

#[test]
fn a_checkpoint_before_the_first_step_is_one() {
    let folder = checkpoint(&model(exact()));
    let (mut fresh, mut restored) = (model(exact()), model(exact()));
    step(&mut restored, 0, &[batch(&[9], 2)]).unwrap();
    restored.restore(folder.path()).unwrap();
    for model in [&mut fresh, &mut restored] {
        step(model, 0, &[batch(&[5, 6], 1)]).unwrap();
    }
    assert!(state(&fresh) == state(&restored));
}

#[test]
fn a_table_that_does_not_learn_has_no_moments() {
    let train = |freeze| {
        let rates = LayerRates::default().with_freeze(freeze);
        let options = exact().with_rates(rates);
        let mut model = model(options.clone());
        step(&mut model, 0, &[batch(&[5, 6, 7], 1)]).unwrap();
        (options, model)
    };
    let elements = |bytes: &[u8]| {
        let tensors = SafeTensors::deserialize(bytes).unwrap();
        tensors.iter().map(|(_, tensor)| tensor.shape().iter().product::<usize>()).sum::<usize>()
    };
    let (_, learning) = train(Freeze::Nothing);
    let (options, frozen) = train(Freeze::Embeddings);
    let table = 2
        * usize::try_from(frozen.config().vocab_size).unwrap()
        * usize::try_from(frozen.config().hidden_size).unwrap();
    let [all, few] = [&learning, &frozen].map(|model| elements(&state(model)[1]));
    assert_eq!(all - few, table);
    // Such a state is taken up as any other.
    let folder = checkpoint(&frozen);
    let (mut went_on, mut restored) = (frozen, model(options));
    restored.restore(folder.path()).unwrap();
    for model in [&mut went_on, &mut restored] {
        step(model, 1, &[batch(&[6, 8], 2)]).unwrap();
    }
    assert!(state(&went_on) == state(&restored));
}

#[test]
fn class_weights_are_numbers_that_weigh() {
    let weighed = |weights: [f64; 5]| {
        let loss =
            LossConfig::default().with_class_weights(weights.to_vec()).with_label_smoothing(0.1);
        let options = exact().with_loss(loss);
        TchClassifier::load(oracle(), &options)
    };
    for (found, text) in [(-1.0, "found -1"), (f64::NAN, "found NaN"), (f64::INFINITY, "found inf")]
    {
        let error = weighed([1.0, found, 1.0, 1.0, 1.0]).unwrap_err().to_string();
        assert!(error.starts_with("class weights: expected") && error.ends_with(text), "{error}");
    }
    // Smoothing spreads a target over classes that weigh something, but this target does not.
    let model = weighed([0.0, 1.0, 1.0, 1.0, 1.0]).unwrap();
    assert_eq!(model.loss_and_gradients(&batch(&[5, 6], 0)).unwrap().0, 0.0);
    assert!(model.loss_and_gradients(&batch(&[5, 6], 1)).unwrap().0 > 0.0);
}

#[test]
fn a_checkpoint_of_another_encoder_is_refused() {
    let mut model = model(exact());
    let folder = checkpoint(&model);
    let path = folder.path().join("config.json");
    let config: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for (key, value, part) in [
        ("num_attention_heads", 1.into(), "expected the model of this run, num_attention_heads"),
        (
            "hidden_act",
            "relu".into(),
            "expected the model of this run, hidden_act gelu, found relu",
        ),
        ("ner_align_scheme", "iob1".into(), "(iob1)"),
    ] {
        let mut other = config.clone();
        other[key] = value;
        fs::write(&path, other.to_string()).unwrap();
        let error = model.restore(folder.path()).unwrap_err().to_string();
        assert!(error.contains(part), "{key}: {error}");
    }
}
