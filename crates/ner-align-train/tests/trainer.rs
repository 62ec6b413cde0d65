//! The loop on a tiny model: resuming, stopping, accumulating.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

mod tiny;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use ner_align_train::{
    Batching, Decoding, MetricsLog, Schedule, StepRecord, TrainConfig, TrainError, TrainReport,
    Trainer, TrainerCallback,
};
use proptest::prelude::*;
use tiny::{MASK, Plain, Table, config, dataset, read};

/// Breaks after the step of this number.
struct StopAfter(usize);

impl TrainerCallback for StopAfter {
    fn on_step(&mut self, record: &StepRecord) -> Result<ControlFlow<()>, TrainError> {
        Ok(if record.step == self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}

fn fit(
    model: &mut Table,
    config: &TrainConfig,
    output: &Path,
    stop: usize,
    resume: bool,
) -> Result<TrainReport, TrainError> {
    let sentences: Vec<Vec<u32>> =
        (0..23).map(|i| (0..1 + i % 5).map(|j| (i * 7 + j * 3) % 16).collect()).collect();
    let data = dataset(&sentences);
    let decoding = Decoding::new(&Plain, &Plain);
    let log = MetricsLog::open(output.join("metrics.jsonl"), 1).unwrap();
    let mut callbacks: Vec<Box<dyn TrainerCallback>> =
        vec![Box::new(log), Box::new(StopAfter(stop))];
    let trainer = Trainer::new(config.clone(), decoding)?.output(output).resume(resume);
    trainer.mask_id(Some(MASK)).fit(model, &data, &data, &mut callbacks)
}

/// The lines of the log without the times.
fn log(output: &Path) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(output.join("metrics.jsonl")).unwrap();
    let strip = |line: &str| {
        let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
        value.as_object_mut().unwrap().remove("seconds");
        value
    };
    text.lines().map(strip).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_that_was_interrupted_ends_as_one_that_was_not(
        stops in prop::collection::vec(1_usize..24, 0..5),
        accumulate in 1_usize..4,
        bucketed: bool,
        epoch_steps in 1_usize..9,
        batch_subtokens in prop::option::of(3_usize..20),
        eval_every in prop::option::of(1_usize..5),
        checkpoint_every in prop::option::of(1_usize..5),
        patience in prop::option::of(1_usize..3),
        mask_words in prop::sample::select(vec![0.0, 0.3]),
        schedule in prop::sample::select(vec![Schedule::Linear, Schedule::Cosine, Schedule::Constant]),
    ) {
        let config = config()
            .with_accumulate(accumulate)
            .with_epoch_steps(epoch_steps)
            .with_batch_subtokens(batch_subtokens)
            .with_eval_every(eval_every)
            .with_checkpoint_every(checkpoint_every)
            .with_patience(patience)
            .with_schedule(schedule)
            .with_mask_words(mask_words)
            .with_batching(if bucketed { Batching::Bucketed } else { Batching::Random })
            .with_warmup_ratio(0.2);
        let (whole, parts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut model = Table::new();
        let expected = fit(&mut model, &config, whole.path(), 0, false).unwrap();
        let mut resumed = Table::new();
        for (index, stop) in stops.iter().enumerate() {
            let report = fit(&mut resumed, &config, parts.path(), *stop, index > 0).unwrap();
            prop_assert!(!report.interrupted || report.checkpoint.is_some());
            // Whatever the process held is gone.
            resumed = Table::new();
        }
        let report = fit(&mut resumed, &config, parts.path(), 0, !stops.is_empty()).unwrap();
        prop_assert_eq!(&resumed, &model);
        prop_assert_eq!(log(parts.path()), log(whole.path()));
        let mut same = expected;
        (same.seconds, same.checkpoint) = (report.seconds, report.checkpoint.clone());
        prop_assert!(report == same, "steps {} and {}", report.steps, same.steps);
        for name in ["model-best/weights", "model-last/weights"] {
            prop_assert_eq!(read(&parts.path().join(name)), read(&whole.path().join(name)));
        }
        prop_assert_eq!(fs::read_dir(parts.path().join("checkpoints")).unwrap().count(), 1);
    }
}

#[test]
fn accumulated_batches_count_as_one() {
    let (one, four) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let wide = config().with_batch_size(8);
    let narrow = config().with_batch_size(2).with_accumulate(4);
    let (mut a, mut b) = (Table::new(), Table::new());
    fit(&mut a, &wide, one.path(), 0, false).unwrap();
    fit(&mut b, &narrow, four.path(), 0, false).unwrap();
    let difference = (&a.weights - &b.weights).mapv(f32::abs).into_iter().fold(0.0, f32::max);
    assert!(difference < 1e-5, "{difference}");
    assert!(a.weights[(0, 1)] > 0.2, "nothing was learned: {:?}", a.weights.row(0));
}

#[test]
fn hidden_words_are_learned_as_the_mask() {
    let output = tempfile::tempdir().unwrap();
    let hidden = config().with_mask_words(0.999);
    let mut model = Table::new();
    fit(&mut model, &hidden, output.path(), 0, false).unwrap();
    let moved = |id: usize| model.weights.row(id).mapv(f32::abs).sum();
    assert!(moved(0) < 0.05 && moved(MASK as usize) > 1.0, "{} {}", moved(0), moved(15));

    let data = dataset(&[vec![1, 2]]);
    let decoding = Decoding::new(&Plain, &Plain);
    let trainer = Trainer::new(hidden, decoding).unwrap();
    let error = trainer.fit(&mut model, &data, &data, &mut StopAfter(0)).unwrap_err().to_string();
    assert!(error.contains("expected a tokenizer with a mask token"), "{error}");
}

#[test]
fn a_run_that_diverges_names_the_batch_and_the_checkpoint() {
    let output = tempfile::tempdir().unwrap();
    let mut model = Table { fails_at: Some(9), ..Table::new() };
    let error = fit(&mut model, &config(), output.path(), 0, false).unwrap_err().to_string();
    assert!(error.starts_with("training diverged: the loss of step 10 is NaN"), "{error}");
    assert!(error.contains("document.sentence") && error.contains("step-00000006"), "{error}");

    // What was learned until then is in the log, though a line was not due yet.
    let wide = config().with_log_every(100);
    let mut model = Table { fails_at: Some(9), norm: f64::INFINITY, ..Table::new() };
    let error = fit(&mut model, &wide, output.path(), 0, false).unwrap_err().to_string();
    assert!(error.contains("the gradient's norm of step 10 is inf"), "{error}");
    assert_eq!(log(output.path()).last().unwrap()["step"], 9);
}

/// What the last step before an evaluation spoiled is neither the best model nor a checkpoint.
#[test]
fn a_model_that_diverged_is_not_saved() {
    let output = tempfile::tempdir().unwrap();
    let mut model = Table { spoils_at: Some(11), ..Table::new() };
    let error = fit(&mut model, &config(), output.path(), 0, false).unwrap_err().to_string();
    let expected =
        "training diverged: the loss on the development data after step 12 is NaN; the last good";
    assert!(error.starts_with(expected) && error.ends_with("step-00000006"), "{error}");
    assert!(read(&output.path().join("model-best/weights")).iter().all(|w| w.is_finite()));

    // A checkpoint between evaluations may hold such weights, but it is not called good.
    let often = config().with_checkpoint_every(Some(1)).with_keep_checkpoints(3);
    let mut model = Table { spoils_at: Some(7), fails_at: Some(8), ..Table::new() };
    let error = fit(&mut model, &often, output.path(), 0, false).unwrap_err().to_string();
    assert!(error.contains("of step 9 is NaN") && error.ends_with("step-00000007"), "{error}");
}

#[test]
fn more_patience_takes_a_run_up_that_had_stopped() {
    let output = tempfile::tempdir().unwrap();
    let run = |patience, resume| {
        // A rate of nearly nothing: no evaluation is better than the first.
        let config = config().with_patience(Some(patience)).with_learning_rate(1e-9).with_epochs(6);
        fit(&mut Table::new(), &config, output.path(), 0, resume).map(|report| report.epochs)
    };
    assert_eq!(run(1, false).unwrap(), 2);
    assert_eq!(run(1, true).unwrap(), 2);
    assert_eq!(run(3, true).unwrap(), 4);
    assert_eq!(run(9, true).unwrap(), 6);
}

#[test]
fn settings_classes_and_data_of_before_are_asked_for() {
    let output = tempfile::tempdir().unwrap();
    let decoding = Decoding::new(&Plain, &Plain);
    let run = |dropout: f64, train: &[Vec<u32>], dev: &[Vec<u32>], resume| {
        let settings = serde_json::json!({"dropout": dropout}).as_object().unwrap().clone();
        let trainer = Trainer::new(config(), decoding).unwrap().settings(settings);
        let trainer = trainer.output(output.path()).resume(resume);
        let run = trainer.fit(&mut Table::new(), &dataset(train), &dataset(dev), &mut ());
        run.map(|report| report.steps).map_err(|error| error.to_string())
    };
    let (ours, others) = ([vec![1, 2], vec![3]], [vec![1, 2], vec![4]]);
    assert!(run(0.1, &ours, &ours, false).is_ok());
    assert!(run(0.1, &ours, &ours, true).is_ok());
    for (dropout, train, dev, expected) in [
        (0.2, &ours, &ours, "the settings of before, dropout = 0.1, found 0.2"),
        (
            0.1,
            &others,
            &ours,
            "the training data of before, 2 windows of 3 subtokens in all, found as many",
        ),
        (
            0.1,
            &ours,
            &others,
            "the development data of before, 2 windows of 3 subtokens in all, found as many",
        ),
    ] {
        let error = run(dropout, train, dev, true).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn another_run_is_not_taken_up() {
    let output = tempfile::tempdir().unwrap();
    let run = |config: &TrainConfig, resume| {
        fit(&mut Table::new(), config, output.path(), 7, resume).map(|report| report.steps)
    };
    // Without a checkpoint there is nothing to take up: the run starts.
    assert_eq!(run(&config(), true).unwrap(), 7);
    let error = run(&config().with_batch_size(3), true).unwrap_err().to_string();
    assert!(error.ends_with("expected the settings of before, batch_size = 4, found 3"), "{error}");
    let free = config().with_log_every(5).with_patience(Some(9));
    assert_eq!(run(&free, true).unwrap(), 18);
    let metrics = output.path().join("checkpoints/step-00000018/metrics.json");
    fs::write(metrics, "many").unwrap();
    let error = run(&config(), true).unwrap_err().to_string();
    assert!(error.contains("found \"many\" as a length"), "{error}");
    let state = output.path().join("checkpoints/step-00000018/state.json");
    let whole = fs::read_to_string(&state).unwrap();
    fs::write(&state, whole.replace("\"step_in_epoch\": 0", "\"step_in_epoch\": 444")).unwrap();
    let metrics = output.path().join("checkpoints/step-00000018/metrics.json");
    fs::write(metrics, "0").unwrap();
    let error = run(&config(), true).unwrap_err().to_string();
    assert!(error.contains("expected a place within the run, found 18 steps, 444"), "{error}");
    fs::write(state, "{").unwrap();
    let error = run(&config(), true).unwrap_err().to_string();
    assert!(error.contains("state.json: expected the state of a run"), "{error}");
}
