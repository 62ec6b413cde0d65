//! The loop on a model so small that every run takes a moment: resuming, stopping, accumulating.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use ndarray::{Array1, Array2};
use ner_align_core::{
    AlignmentCounts, Batch, Dataset, GoldSentence, IGNORE_INDEX, Label, LabelSet, PieceAggregator,
    Rows, Scheme, StepInput, StepOutput, Tag, TagDecoder, TokenClassifier, TrainStep, Window,
    WordSpan,
};
use ner_align_train::{
    Batching, Decoding, MetricsLog, Schedule, StepRecord, TrainConfig, TrainError, TrainReport,
    Trainer, TrainerCallback,
};
use proptest::prelude::*;

/// Hides words.
const MASK: u32 = 15;

/// Words are their own subtokens; ids below 4 are tagged `B-X`, the others `O`.
fn dataset(sentences: &[Vec<u32>]) -> Dataset {
    let labels = LabelSet::new(Label::new("X"), Scheme::Iob2);
    let entity = Tag::parse("B-X").unwrap();
    let tag = |id: &u32| if *id < 4 { entity.clone() } else { Tag::Outside };
    let windows = sentences.iter().enumerate().map(|(sentence, ids)| Window {
        sentence,
        index: 0,
        input_ids: ids.clone(),
        word_ids: (0..ids.len()).map(|word| u32::try_from(word).ok()).collect(),
        labels: ids.iter().map(|id| labels.id(&tag(id)).unwrap() as i64).collect(),
        owned: WordSpan::new(0, ids.len()),
    });
    let windows = windows.collect();
    let gold = sentences.iter().enumerate().map(|(sentence, ids)| GoldSentence {
        document: sentence,
        sentence: 0,
        tags: ids.iter().map(tag).collect(),
        breaks: Vec::new(),
    });
    Dataset { windows, sentences: gold.collect(), labels, counts: AlignmentCounts::default() }
}

/// A row of logits for each id, learned by gradient descent with momentum and noise that depends
/// on the step, as dropout does.
#[derive(Debug, Clone, PartialEq)]
struct Table {
    weights: Array2<f32>,
    momentum: Array2<f32>,
    /// The step that diverges: its loss is NaN if `norm`, that of its gradients, is a number.
    fails_at: Option<usize>,
    norm: f64,
    /// The step after which its weights are no numbers, though its loss was one.
    spoils_at: Option<usize>,
}

impl Table {
    fn new() -> Self {
        let weights = Array2::zeros((16, 3));
        Self { momentum: weights.clone(), weights, fails_at: None, norm: 1.0, spoils_at: None }
    }

    fn row(&self, batch: &Batch, row: i64) -> Array1<f32> {
        self.weights.row(batch.input_ids[row as usize] as usize).to_owned()
    }
}

fn write(path: &Path, values: &Array2<f32>) {
    fs::write(path, serde_json::to_vec(&values.iter().collect::<Vec<_>>()).unwrap()).unwrap();
}

fn read(path: &Path) -> Array2<f32> {
    let values: Vec<f32> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    Array2::from_shape_vec((16, 3), values).unwrap()
}

impl TokenClassifier for Table {
    type Error = std::io::Error;

    fn num_labels(&self) -> usize {
        3
    }

    fn logits(&self, batch: &Batch) -> std::io::Result<Array2<f32>> {
        let mut logits = Array2::zeros((batch.rows.len(), 3));
        for (mut out, &row) in logits.rows_mut().into_iter().zip(&batch.rows) {
            out.assign(&self.row(batch, row));
        }
        Ok(logits)
    }
}

impl TrainStep for Table {
    fn train_step(&mut self, input: StepInput<'_>) -> std::io::Result<StepOutput> {
        let rows: usize = input.batches.iter().map(|batch| batch.rows.len()).sum();
        let mut gradient = Array2::<f32>::zeros((16, 3));
        let mut loss = 0.0;
        for batch in input.batches {
            for (&row, &target) in batch.rows.iter().zip(&batch.targets) {
                assert_ne!(target, IGNORE_INDEX);
                let logits = self.row(batch, row).mapv(f32::exp);
                let probabilities = &logits / logits.sum();
                loss -= f64::from(probabilities[target as usize].ln());
                let mut own = gradient.row_mut(batch.input_ids[row as usize] as usize);
                own += &probabilities;
                own[target as usize] -= 1.0;
            }
        }
        gradient /= rows as f32;
        gradient += (input.step as f32).sin() * 1e-3;
        self.momentum = &self.momentum * 0.9 + &gradient;
        self.weights.scaled_add(-(input.learning_rate as f32), &self.momentum);
        if self.spoils_at == Some(input.step) {
            self.weights.fill(f32::NAN);
        }
        let fails = self.fails_at == Some(input.step);
        let loss = if fails && self.norm.is_finite() { f64::NAN } else { loss / rows as f64 };
        Ok(StepOutput { loss, gradient_norm: if fails { self.norm } else { 1.0 } })
    }

    fn save(&self, directory: &Path) -> std::io::Result<()> {
        write(&directory.join("weights"), &self.weights);
        Ok(())
    }

    fn save_state(&self, directory: &Path) -> std::io::Result<()> {
        write(&directory.join("momentum"), &self.momentum);
        Ok(())
    }

    fn restore(&mut self, directory: &Path) -> std::io::Result<()> {
        self.weights = read(&directory.join("weights"));
        self.momentum = read(&directory.join("momentum"));
        Ok(())
    }
}

/// The first subtoken's logits are the word's scores; the highest one wins.
struct Plain;

impl PieceAggregator for Plain {
    fn rows(&self) -> Rows {
        Rows::FirstOfOwned
    }

    fn aggregate(
        &self,
        logits: ndarray::ArrayView2<'_, f32>,
        mut out: ndarray::ArrayViewMut1<'_, f32>,
    ) {
        out.assign(&logits.row(0));
    }
}

impl TagDecoder for Plain {
    fn decode(&self, scores: ndarray::ArrayView2<'_, f32>) -> Vec<usize> {
        let best = |row: ndarray::ArrayView1<'_, f32>| {
            (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap()
        };
        scores.rows().into_iter().map(best).collect()
    }
}

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
    let decoding = Decoding { aggregator: &Plain, decoder: &Plain, all_subtokens: false };
    let log = MetricsLog::open(&output.join("metrics.jsonl"), 1).unwrap();
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

fn config() -> TrainConfig {
    TrainConfig {
        epochs: 3,
        batch_size: 4,
        learning_rate: 0.5,
        log_every: 1,
        ..TrainConfig::default()
    }
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
        let config = TrainConfig {
            accumulate, epoch_steps, batch_subtokens, eval_every, checkpoint_every, patience, schedule, mask_words,
            batching: if bucketed { Batching::Bucketed } else { Batching::Random },
            warmup_ratio: 0.2,
            ..config()
        };
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
        let same = TrainReport { seconds: report.seconds, checkpoint: report.checkpoint.clone(), ..expected };
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
    let wide = TrainConfig { batch_size: 8, ..config() };
    let narrow = TrainConfig { batch_size: 2, accumulate: 4, ..config() };
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
    let hidden = TrainConfig { mask_words: 0.999, ..config() };
    let mut model = Table::new();
    fit(&mut model, &hidden, output.path(), 0, false).unwrap();
    let moved = |id: usize| model.weights.row(id).mapv(f32::abs).sum();
    assert!(moved(0) < 0.05 && moved(MASK as usize) > 1.0, "{} {}", moved(0), moved(15));

    let data = dataset(&[vec![1, 2]]);
    let decoding = Decoding { aggregator: &Plain, decoder: &Plain, all_subtokens: false };
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
    let wide = TrainConfig { log_every: 100, ..config() };
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
    let often = TrainConfig { checkpoint_every: Some(1), keep_checkpoints: 3, ..config() };
    let mut model = Table { spoils_at: Some(7), fails_at: Some(8), ..Table::new() };
    let error = fit(&mut model, &often, output.path(), 0, false).unwrap_err().to_string();
    assert!(error.contains("of step 9 is NaN") && error.ends_with("step-00000007"), "{error}");
}

#[test]
fn more_patience_takes_a_run_up_that_had_stopped() {
    let output = tempfile::tempdir().unwrap();
    let run = |patience, resume| {
        // A rate of nearly nothing: no evaluation is better than the first.
        let config =
            TrainConfig { patience: Some(patience), learning_rate: 1e-9, epochs: 6, ..config() };
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
    let decoding = Decoding { aggregator: &Plain, decoder: &Plain, all_subtokens: false };
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
    let error = run(&TrainConfig { batch_size: 3, ..config() }, true).unwrap_err().to_string();
    assert!(error.ends_with("expected the settings of before, batch_size = 4, found 3"), "{error}");
    let free = TrainConfig { log_every: 5, patience: Some(9), ..config() };
    assert_eq!(run(&free, true).unwrap(), 18);
    let metrics = output.path().join("checkpoints/step-00000018/metrics.json");
    fs::write(metrics, "many").unwrap();
    let error = run(&config(), true).unwrap_err().to_string();
    assert!(error.contains("expected the length of metrics.jsonl, found \"many\""), "{error}");
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

#[test]
fn what_does_not_fit_is_refused_before_the_first_step() {
    let decoding = Decoding { aggregator: &Plain, decoder: &Plain, all_subtokens: false };
    let data = dataset(&[vec![1, 2], vec![3]]);
    let two_types = ["X", "Y"].iter().filter_map(|name| Label::new(name));
    let others = Dataset { labels: LabelSet::new(two_types, Scheme::Iob2), ..data.clone() };
    let fit = |train: &Dataset, dev: &Dataset, output: Option<&Path>| {
        let trainer = Trainer::new(config(), decoding).unwrap();
        let trainer = output.into_iter().fold(trainer, |trainer, output| trainer.output(output));
        let run = trainer.fit(&mut Table::new(), train, dev, &mut ());
        run.map(|report| report.steps).map_err(|error| error.to_string())
    };
    assert!(fit(&data, &data, None).is_ok());
    for (train, dev, output, part) in [
        (&others, &data, None, "the training data: expected the 3 classes of the model, found 5"),
        (&data, &others, None, "the development data: expected the classes of the training data"),
        (&data, &data, Some(Path::new("no/such/folder")), "expected a folder for the models"),
    ] {
        let error = fit(train, dev, output).unwrap_err();
        assert!(error.contains(part), "{part}: {error}");
    }
    let error = ner_align_train::evaluate(&Table::new(), &others, decoding, 64).unwrap_err();
    assert!(error.to_string().contains("expected the 3 classes of the model"), "{error}");
}
