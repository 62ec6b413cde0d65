//! What the loop promises to models, callbacks and data, and what it refuses.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

mod tiny;

use std::error::Error;
use std::fs;
use std::path::Path;

use ndarray::Array2;
use ner_align_core::{
    Batch, Dataset, ErrorKind, IGNORE_INDEX, Label, LabelSet, Scheme, SoftRows, SoftTarget,
    StepInput, StepOutput, TagDecoder, TokenClassifier, TrainStep,
};
use ner_align_train::{
    Batching, Decoding, MetricsLog, TensorBoard, TrainConfig, TrainError, Trainer, TrainerCallback,
    on_save, on_step, predict,
};
use tiny::{Plain, Table, config, dataset};

#[test]
fn a_missing_output_folder_is_noticed_before_the_first_step() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none");
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let data = dataset(&[vec![1, 2]]);
    for output in [&missing, &file] {
        let mut steps = 0;
        let trainer = Trainer::new(config(), Decoding::new(&Plain, &Plain)).unwrap();
        let error = trainer
            .output(output)
            .fit(&mut Table::new(), &data, &data, &mut on_step(|_| steps += 1))
            .unwrap_err();
        assert!(matches!(error, TrainError::Output { .. }), "{error}");
        assert_eq!(error.kind(), ErrorKind::Environment);
        assert_eq!(error.hint(), Some("create the folder before the run"));
        assert_eq!(steps, 0);
    }
    let board = TensorBoard::new(&missing, 1).on_start(9, 3).unwrap_err();
    assert!(matches!(board, TrainError::Io { .. }), "{board}");
}

#[test]
fn each_folder_with_a_model_has_what_callbacks_add() {
    let output = tempfile::tempdir().unwrap();
    let data = dataset(&[vec![1, 2], vec![3], vec![9]]);
    let config =
        config().with_batch_size(1).with_checkpoint_every(Some(2)).with_keep_checkpoints(9);
    let mut add = on_save(|saved| {
        let scored = saved.evaluation.is_some();
        fs::write(saved.directory.join("tokenizer"), format!("{:?} {scored}", saved.kind))?;
        Ok(())
    });
    let trainer = Trainer::new(config, Decoding::new(&Plain, &Plain)).unwrap();
    trainer.output(&output).fit(&mut Table::new(), &data, &data, &mut add).unwrap();
    for (name, expected) in [
        ("model-best", "Best true"),
        ("model-last", "Last true"),
        ("checkpoints/step-00000002", "Checkpoint false"),
        ("checkpoints/step-00000003", "Checkpoint true"),
        ("checkpoints/step-00000009", "Checkpoint true"),
    ] {
        let folder = output.path().join(name);
        assert!(folder.join("weights").exists(), "{name}");
        assert_eq!(fs::read_to_string(folder.join("tokenizer")).unwrap(), expected, "{name}");
    }
}

#[test]
fn errors_of_models_and_callbacks_are_their_sources() {
    let output = tempfile::tempdir().unwrap();
    let data = dataset(&[vec![1, 2]]);
    let fit = |callback: &mut dyn TrainerCallback| {
        let trainer = Trainer::new(config(), Decoding::new(&Plain, &Plain)).unwrap();
        trainer.output(&output).fit(&mut Table::new(), &data, &data, callback).unwrap_err()
    };
    let error = fit(&mut on_save(|_| Err(std::io::Error::other("no room").into())));
    assert!(matches!(error, TrainError::Callback(_)), "{error:?}");
    assert_eq!(error.to_string(), "no room");
    let source = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    assert_eq!(source.unwrap().to_string(), "no room");
    // Nothing half-written stays.
    assert_eq!(fs::read_dir(output.path()).unwrap().count(), 0);
}

#[test]
fn callbacks_can_move_to_another_thread() {
    fn is_send<T: Send>(_: &T) {}
    let output = tempfile::tempdir().unwrap();
    let log = MetricsLog::open(output.path().join("metrics.jsonl"), 1).unwrap();
    let mut losses = Vec::new();
    let mut callbacks: Vec<Box<dyn TrainerCallback + Send + '_>> = vec![
        Box::new(log),
        Box::new(TensorBoard::new(&output, 1)),
        Box::new(on_step(|record| losses.push(record.loss))),
    ];
    is_send(&callbacks);
    let data = dataset(&[vec![1, 2]]);
    let trainer = Trainer::new(config(), Decoding::new(&Plain, &Plain)).unwrap();
    trainer.fit(&mut Table::new(), &data, &data, &mut callbacks).unwrap();
    drop(callbacks);
    assert_eq!(losses.len(), 3);
}

/// Answers with logits, or classes of words, of a shape that nobody asked for.
struct Misshapen {
    classes: usize,
    rows: usize,
    columns: usize,
    decoded: Vec<usize>,
}

impl TokenClassifier for Misshapen {
    type Error = std::io::Error;

    fn num_labels(&self) -> usize {
        self.classes
    }

    fn logits(&self, _batch: &Batch) -> std::io::Result<Array2<f32>> {
        Ok(Array2::zeros((self.rows, self.columns)))
    }
}

impl TagDecoder for Misshapen {
    fn decode(&self, _scores: ndarray::ArrayView2<'_, f32>) -> Vec<usize> {
        self.decoded.clone()
    }
}

#[test]
fn what_does_not_belong_together_is_an_error_and_not_a_panic() {
    let good = || Misshapen { classes: 3, rows: 2, columns: 3, decoded: vec![0, 2] };
    let data = dataset(&[vec![1, 2]]);
    let check = |model: &Misshapen, data: &Dataset| {
        let decoding = Decoding::new(&Plain, model);
        predict(model, data, decoding, 100).map(|_| ()).map_err(|error| {
            assert_eq!(error.kind(), ErrorKind::Input);
            error.to_string()
        })
    };
    assert_eq!(check(&good(), &data), Ok(()));
    for (model, expected) in [
        (
            Misshapen { classes: 13, ..good() },
            "the data: expected the 13 classes of the model, found 3: O B-X I-X",
        ),
        (
            Misshapen { rows: 1, ..good() },
            "the model: expected logits of shape (2, 3), found (1, 3)",
        ),
        (
            Misshapen { columns: 4, ..good() },
            "the model: expected logits of shape (2, 3), found (2, 4)",
        ),
        (
            Misshapen { decoded: vec![0], ..good() },
            "the decoder: expected a class for each of 2 words, found 1",
        ),
        (
            Misshapen { decoded: vec![0, 3], ..good() },
            "the decoder: expected classes below 3, found 3",
        ),
    ] {
        assert_eq!(check(&model, &data), Err(expected.to_owned()));
    }
    let changed = |change: fn(&mut Dataset)| {
        let mut data = dataset(&[vec![1, 2]]);
        change(&mut data);
        data
    };
    for (data, expected) in [
        (
            changed(|data| data.windows[0].sentence = 1),
            "window 0: expected a window of one of the 1",
        ),
        (changed(|data| data.windows[0].owned.end = 3), "expected owned words within the 2"),
        (changed(|data| data.windows[0].word_ids.truncate(1)), "expected word_ids for its 2"),
        (changed(|data| data.windows[0].labels.push(0)), "expected labels for its 2 subtokens"),
        (
            changed(|data| data.windows[0].labels[0] = 3),
            "expected labels below 3, or -100, found 3",
        ),
        (
            changed(|data| data.sentences[0].breaks = vec![5]),
            "sentence 0: expected ascending breaks",
        ),
    ] {
        let error = check(&good(), &data).unwrap_err();
        assert!(error.contains(expected), "{expected}: {error}");
        let trainer = Trainer::new(config(), Decoding::new(&Plain, &Plain)).unwrap();
        let error = trainer.fit(&mut Table::new(), &data, &data, &mut ()).unwrap_err();
        assert!(matches!(error, TrainError::Mismatch { .. }), "{error}");
    }
    // Classes of the same number, but other names.
    let mut other = dataset(&[vec![1, 2]]);
    other.labels = LabelSet::new(Label::new("Y"), Scheme::Iob2);
    let trainer = Trainer::new(config(), Decoding::new(&Plain, &Plain)).unwrap();
    let error = trainer.fit(&mut Table::new(), &data, &other, &mut ()).unwrap_err().to_string();
    let expected = "the development data: expected the classes of the training data, O B-X I-X";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn settings_survive_serialisation() {
    let config = TrainConfig::every_key().with_batching(Batching::Bucketed).with_seed(7);
    let text = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<TrainConfig>(&text).unwrap(), config);
    assert!(serde_json::from_str::<TrainConfig>("{\"epoch\": 3}").is_err());
}

/// Records the targets of each step, and the rows with soft targets.
#[derive(Debug, Default)]
struct Recorder {
    learns_soft: bool,
    seen: Vec<(Vec<i64>, SoftRows)>,
}

impl TokenClassifier for Recorder {
    type Error = std::io::Error;

    fn num_labels(&self) -> usize {
        3
    }

    fn logits(&self, batch: &Batch) -> std::io::Result<Array2<f32>> {
        Ok(Array2::zeros((batch.rows.len(), 3)))
    }
}

impl TrainStep for Recorder {
    fn train_step(&mut self, input: StepInput<'_>) -> std::io::Result<StepOutput> {
        self.seen.extend(input.parts().map(|(batch, soft)| (batch.targets.clone(), soft.to_vec())));
        Ok(StepOutput::new(1.0, 1.0))
    }

    fn learns_soft_targets(&self) -> bool {
        self.learns_soft
    }

    fn save(&self, _: &Path) -> std::io::Result<()> {
        Ok(())
    }

    fn save_state(&self, _: &Path) -> std::io::Result<()> {
        Ok(())
    }

    fn restore(&mut self, _: &Path) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn soft_targets_take_the_place_of_labels() {
    // The second window has no label, and is no part of a batch.
    let mut data = dataset(&[vec![1, 9], vec![9, 9], vec![9, 2, 9]]);
    data.windows[1].labels.fill(IGNORE_INDEX);
    let [any, of_all] = [[0, 1], [0, 2]].map(|ids| SoftTarget::AnyOf(ids.into()));
    let soft = vec![vec![(1, any.clone())], vec![], vec![(0, of_all.clone()), (2, any.clone())]];
    let fit = |soft: Vec<SoftRows>, learns_soft: bool| {
        let mut model = Recorder { learns_soft, ..Recorder::default() };
        let config = config().with_epochs(1).with_batch_size(3);
        let trainer = Trainer::new(config, Decoding::new(&Plain, &Plain)).unwrap();
        let done = trainer.soft_targets(soft).fit(&mut model, &data, &data, &mut ());
        done.map(|_| model.seen).map_err(|error| error.to_string())
    };
    let seen = fit(soft.clone(), true).unwrap();
    assert_eq!(seen.len(), 1);
    let (targets, rows) = &seen[0];
    // The order of the windows in the batch is the plan's.
    let first = vec![1, IGNORE_INDEX];
    let third = vec![IGNORE_INDEX, 1, IGNORE_INDEX];
    let rows_of = |rows: &[usize]| -> SoftRows {
        rows.iter().copied().zip([any.clone(), of_all.clone(), any.clone()]).collect()
    };
    if *targets == [first.clone(), third.clone()].concat() {
        assert_eq!(*rows, rows_of(&[1, 2, 4]));
    } else {
        assert_eq!(*targets, [third, first].concat());
        assert_eq!(*rows, [(0, of_all.clone()), (2, any.clone()), (4, any.clone())]);
    }
    assert!(fit(Vec::new(), true).unwrap()[0].1.is_empty());

    for (soft, learns, expected) in [
        (soft, false, "a model that learns soft targets"),
        (vec![vec![]], true, "a list for each of 3 windows, found 1"),
        (vec![vec![(7, any.clone())], vec![], vec![]], true, "positions with a label, found 7"),
        (vec![vec![], vec![(0, any.clone())], vec![]], true, "positions with a label, found 0"),
        (vec![vec![(1, SoftTarget::AnyOf([9].into()))], vec![], vec![]], true, "classes below 3"),
    ] {
        let error = fit(soft, learns).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}
