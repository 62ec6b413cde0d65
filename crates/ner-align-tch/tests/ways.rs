//! The way of batches through a GPU, taken on a processor: the same losses and gradients as the processor's own,
//! whatever the head, the loss and the rates.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::path::{Path, PathBuf};

use ner_align_core::{Batch, IGNORE_INDEX, StepInput, TokenClassifier, TrainStep};
use ner_align_tch::{Freeze, Head, LayerRates, LoadOptions, LossConfig, Precision, TchClassifier};

/// f32, whatever is faster on this machine.
fn exact() -> LoadOptions {
    LoadOptions::default().with_precision(Precision::F32)
}

/// BERT has a way of its own on a processor; the others take libtorch's graph on both.
const FAMILIES: [&str; 3] = ["bert", "deberta-v2", "modernbert"];

fn oracle(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles").join(name)
}

fn model(name: &str, options: &LoadOptions) -> TchClassifier {
    let plain = TchClassifier::load(oracle(name), &exact()).unwrap();
    match options.head {
        Head::Linear => TchClassifier::load(oracle(name), options).unwrap(),
        _ => TchClassifier::for_labels(oracle(name), plain.labels(), options).unwrap(),
    }
}

/// Windows of these lengths, of which every third position is not labelled and every fifth is ignored.
fn batch(lengths: &[usize], classes: i64) -> Batch {
    let total: usize = lengths.iter().sum();
    let rows: Vec<usize> = (0..total).filter(|at| at % 3 != 0).collect();
    let target = |at: usize| if at.is_multiple_of(5) { IGNORE_INDEX } else { at as i64 % classes };
    let ends = lengths.iter().scan(0, |end, length| {
        *end += length;
        Some(*end)
    });
    Batch {
        // Words that come again and again.
        input_ids: (0..total).map(|at| 5 + (at * at % 23) as u32).collect(),
        boundaries: std::iter::once(0).chain(ends).collect(),
        targets: rows.iter().map(|&at| target(at)).collect(),
        rows,
    }
}

/// Windows of one length, of different ones, with the rounded length, of one subtoken without a row; and
/// enough of them for several threads, twice.
fn batches(classes: i64) -> Vec<Batch> {
    let many: Vec<usize> = (0..40).map(|window| 3 + window % 9).collect();
    [&[5, 5][..], &[3, 9, 2], &[8, 4, 8], &[1, 7, 1, 12], &many, &many[3..]]
        .map(|of| batch(of, classes))
        .into()
}

fn cases() -> Vec<LoadOptions> {
    let plain = || exact().with_dropout(Some(0.0));
    let rates = LayerRates::default().with_layer_decay(0.8).with_head(3.0);
    let loss = LossConfig::default().with_label_smoothing(0.1).with_focal_gamma(2.0);
    vec![
        plain(),
        plain().with_rates(rates),
        plain().with_rates(rates.with_freeze(Freeze::Embeddings)),
        plain().with_rates(rates.with_freeze(Freeze::Encoder)),
        plain().with_loss(loss),
        plain().with_head(Head::Crf),
    ]
}

fn near(what: &str, [one, other]: [f64; 2], tolerance: f64) {
    assert!((one - other).abs() <= tolerance * one.abs(), "{what}: {one} and {other}");
}

#[test]
fn losses_gradients_and_steps_are_the_same() {
    // Rates, losses and heads are the same code for all families: two cases do for the others.
    let of_family = |name| match name {
        "bert" => cases(),
        _ => cases().into_iter().skip(1).step_by(4).collect(),
    };
    let of_families =
        FAMILIES.iter().flat_map(|name| of_family(name).into_iter().map(move |case| (*name, case)));
    for (name, options) in of_families {
        let mut models =
            [false, true].map(|way| model(name, &options.clone().with_way_of_a_gpu(way)));
        let batches = batches(models[0].num_labels() as i64);
        for batch in &batches {
            let [one, other] = models.each_ref().map(|m| m.loss_and_gradients(batch).unwrap());
            near("loss", [one.0, other.0], 1e-5);
            for ((tensor, one), (_, other)) in one.1.iter().zip(&other.1) {
                let apart = (one - other).norm().double_value(&[]);
                // That of a key's bias is nothing but rounding.
                let norm = one.norm().double_value(&[]).max(1e-2);
                assert!(
                    apart <= 1e-5 * norm,
                    "{name} {tensor}: {apart:e} of {norm:e}, {options:?}"
                );
            }
        }
        for step in 0..6 {
            // One batch, and several a step.
            let of_step = if step % 2 == 0 { &batches[..] } else { &batches[1..2] };
            let input = || StepInput::new(of_step, step, 1e-3);
            let outputs = models.each_mut().map(|model| model.train_step(input()).unwrap());
            near("loss", outputs.map(|output| output.loss), 1e-5);
            near("norm", outputs.map(|output| output.gradient_norm), 1e-4);
        }
    }
}

#[test]
fn a_run_goes_on_the_other_way() {
    let ways = [[false, true], [true, false]];
    for (name, ways) in FAMILIES.iter().flat_map(|name| ways.map(|ways| (name, ways))) {
        let options = exact().with_dropout(Some(0.0));
        let mut models = ways.map(|way| model(name, &options.clone().with_way_of_a_gpu(way)));
        let batches = batches(models[0].num_labels() as i64);
        let run = |model: &mut TchClassifier, steps: std::ops::Range<usize>| -> Vec<f64> {
            let step =
                |step| model.train_step(StepInput::new(&batches[..2], step, 1e-3)).unwrap().loss;
            steps.map(step).collect()
        };
        run(&mut models[0], 0..3);
        let folder = tempfile::tempdir().unwrap();
        models[0].save(folder.path()).unwrap();
        models[0].save_state(folder.path()).unwrap();
        models[1].restore(folder.path()).unwrap();
        let [one, other] = models.each_mut().map(|model| run(model, 3..6));
        for losses in one.into_iter().zip(other) {
            near("loss", [losses.0, losses.1], 1e-5);
        }
    }
}
