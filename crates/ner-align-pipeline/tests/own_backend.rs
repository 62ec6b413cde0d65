//! The pipeline on a backend of one's own: no libtorch, a model that counts.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use ner_align_core::ndarray::Array2;
use ner_align_core::{
    Batch, CorpusReader, Dataset, Document, IGNORE_INDEX, LabelSet, StepInput, StepOutput,
    TokenClassifier, TrainStep,
};
use ner_align_pipeline::backend::{Backend, BackendError, BoxedLearner, ModelShape, OpenedModel};
use ner_align_pipeline::settings::{Computing, Recipe, Settings};
use ner_align_pipeline::{FaultKind, FineTuner, Input, PipelineError, Predictor, Split};
use ner_align_train::{StepRecord, TrainError, TrainerCallback};
use serde::{Deserialize, Serialize};

/// For each subtoken, how often it had each class.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Counting {
    names: Vec<String>,
    counts: BTreeMap<u32, Vec<f32>>,
}

const FILE: &str = "counts.json";

impl Counting {
    fn read(folder: &Path) -> Result<Self, BackendError> {
        let bytes = fs::read(folder.join(FILE)).map_err(BackendError::new)?;
        serde_json::from_slice(&bytes).map_err(BackendError::new)
    }

    fn row(&self, id: u32) -> Vec<f32> {
        self.counts.get(&id).cloned().unwrap_or_else(|| vec![0.0; self.names.len()])
    }
}

fn id_at(batch: &Batch, row: usize) -> u32 {
    batch.input_ids[batch.rows[row]]
}

impl TokenClassifier for Counting {
    type Error = BackendError;

    fn num_labels(&self) -> usize {
        self.names.len()
    }

    fn logits(&self, batch: &Batch) -> Result<Array2<f32>, BackendError> {
        let rows: Vec<f32> =
            (0..batch.rows.len()).flat_map(|row| self.row(id_at(batch, row))).collect();
        Array2::from_shape_vec((batch.rows.len(), self.names.len()), rows)
            .map_err(BackendError::new)
    }
}

impl TrainStep for Counting {
    fn train_step(&mut self, input: StepInput<'_>) -> Result<StepOutput, BackendError> {
        for batch in input.batches {
            for (row, &target) in batch.targets.iter().enumerate() {
                if target != IGNORE_INDEX {
                    let id = id_at(batch, row);
                    let mut counts = self.row(id);
                    counts[usize::try_from(target).unwrap()] += 1.0;
                    self.counts.insert(id, counts);
                }
            }
        }
        Ok(StepOutput::new(1.0, 0.0))
    }

    fn save(&self, directory: &Path) -> Result<(), BackendError> {
        let text = serde_json::to_string(self).map_err(BackendError::new)?;
        fs::write(directory.join(FILE), text).map_err(BackendError::new)
    }

    fn save_state(&self, _directory: &Path) -> Result<(), BackendError> {
        Ok(())
    }

    fn restore(&mut self, directory: &Path) -> Result<(), BackendError> {
        *self = Self::read(directory)?;
        Ok(())
    }
}

struct CountingBackend;

impl Backend for CountingBackend {
    fn engine(&self) -> (&'static str, &'static str) {
        ("counting", "1")
    }

    fn shape(&self, _folder: &Path) -> Result<ModelShape, BackendError> {
        Ok(ModelShape::new(1, 64, 1 << 20))
    }

    fn open(&self, folder: &Path, _: &Computing) -> Result<OpenedModel, BackendError> {
        let model = Counting::read(folder)?;
        let labels = LabelSet::from_names(&model.names).map_err(BackendError::new)?;
        Ok(OpenedModel::new(Box::new(model), labels))
    }

    fn learner(
        &self,
        _folder: &Path,
        labels: &LabelSet,
        _settings: &Settings,
        _train: &Dataset,
    ) -> Result<BoxedLearner, BackendError> {
        let names = labels.names().to_vec();
        Ok(Box::new(Counting { names, counts: BTreeMap::new() }))
    }
}

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

fn tuner<'a>() -> FineTuner<'a> {
    let settings = Settings::of(Recipe::Trainer).with("epochs", "2").unwrap();
    FineTuner::with_backend(CountingBackend, fixture("tiny-bert"))
        .train([fixture("postings/postings-train.tsv")])
        .dev([fixture("postings/postings-dev.tsv")])
        .settings(settings)
}

fn predictor() -> Predictor {
    tuner().run().unwrap().into_predictor()
}

#[test]
fn a_run_without_a_folder_has_its_best_model_in_memory() {
    let run = tuner().test([fixture("postings/postings-dev.tsv")]).run().unwrap();
    assert!(run.model_folder().is_none());
    // The best model is in memory, and scores as it did.
    let best = run.best().evaluation.scores.clone();
    assert_eq!(run.test().unwrap().scores, best);
    assert!(best.strict().micro.f1.unwrap() > 0.1);
    assert!(run.report().to_string().contains("best on dev"));
}

#[test]
fn entities_have_their_places_in_the_text() {
    let predictor = predictor();
    let text = "Žádáme Python and Java skills.";
    let found = predictor.entities(text).unwrap();
    assert!(!found.is_empty());
    for entity in &found {
        assert_eq!(&text[entity.bytes.range()], entity.text);
        let characters: String =
            text.chars().skip(entity.start).take(entity.end - entity.start).collect();
        assert_eq!(characters, entity.text);
        assert!((0.0..=1.0).contains(&entity.score), "{entity:?}");
    }
    let each = predictor.entities_of_each(&["", text, "nothing"]).unwrap();
    assert_eq!((each.len(), each[0].len(), &each[1]), (3, 0, &found));
    let tags = predictor.tags(&["Python", "developer"]).unwrap();
    assert_eq!(tags.len(), 2);
}

#[test]
fn a_predictor_is_shared_between_threads() {
    let predictor = predictor();
    let text = "Python and Java";
    let expected = predictor.entities(text).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(predictor.entities(text).unwrap(), expected));
        }
    });
}

/// Documents that count how many of them were read; the one at `fault` cannot be.
struct Counted<'a> {
    read: &'a AtomicUsize,
    documents: usize,
    fault: Option<usize>,
}

impl CorpusReader for Counted<'_> {
    type Error = std::io::Error;

    fn read_document(&mut self) -> Result<Option<Document>, std::io::Error> {
        let index = self.read.load(Ordering::Relaxed);
        if Some(index) == self.fault {
            return Err(std::io::Error::other("no more"));
        }
        if index == self.documents {
            return Ok(None);
        }
        self.read.store(index + 1, Ordering::Relaxed);
        let mut builder = Document::builder();
        builder.set_id(Some(index.to_string()));
        builder.push_word("Python");
        Ok(Some(builder.untagged()))
    }
}

#[test]
fn a_stream_keeps_order_in_bounded_memory_and_ends_with_the_error() {
    let predictor = predictor();
    let read = AtomicUsize::new(0);
    let source = Counted { read: &read, documents: 2000, fault: Some(1500) };
    let mut stream = predictor.stream(source);
    for index in 0..1500 {
        let document = stream.next().unwrap().unwrap();
        assert_eq!(document.id(), Some(&*index.to_string()));
        assert!(document.tags().is_some());
        // One chunk ahead at most.
        assert!(read.load(Ordering::Relaxed) <= index + 257, "{index}");
    }
    assert_eq!(stream.next().unwrap().unwrap_err().to_string(), "no more");
    assert!(stream.next().is_none() && stream.next().is_none());
    assert_eq!(stream.counts().words, 1500);
}

#[test]
fn documents_and_readers_are_corpora_too() {
    let corpus = |name: &str| {
        ner_align_corpus::read_path(fixture(name), &Default::default()).unwrap().documents
    };
    let by_path = tuner().run().unwrap();
    let by_documents = FineTuner::with_backend(CountingBackend, fixture("tiny-bert"))
        .train([corpus("postings/postings-train.tsv")])
        .dev([Input::reader("replay", Replay(corpus("postings/postings-dev.tsv").into_iter()))])
        .settings(Settings::of(Recipe::Trainer).with("epochs", "2").unwrap())
        .run()
        .unwrap();
    assert_eq!(
        by_path.best().evaluation.scores,
        by_documents.best().evaluation.scores,
        "the same documents"
    );
}

struct Replay(std::vec::IntoIter<Document>);

impl CorpusReader for Replay {
    type Error = std::fmt::Error;

    fn read_document(&mut self) -> Result<Option<Document>, std::fmt::Error> {
        Ok(self.0.next())
    }
}

/// Interrupts after this many steps.
struct After(usize);

impl TrainerCallback for After {
    fn on_step(&mut self, record: &StepRecord) -> Result<ControlFlow<()>, TrainError> {
        Ok(if record.step == self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}

#[test]
fn an_interrupted_run_is_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let error = tuner().output(&folder).callback(After(3)).run().unwrap_err();
    assert_eq!(error.kind(), FaultKind::Interrupted);
    let PipelineError::Interrupted { step: 3, checkpoint: Some(checkpoint) } = error else {
        panic!("{error:?}");
    };
    // A checkpoint opens as a model.
    Predictor::open_with(&CountingBackend, checkpoint, &Computing::default()).unwrap();
    let resumed = tuner().output(&folder).resume(true).run().unwrap();
    let whole = tuner().run().unwrap();
    assert_eq!(resumed.best().evaluation.scores, whole.best().evaluation.scores);
    assert_eq!(resumed.training().steps, whole.training().steps);
}

#[test]
fn faults_have_their_kind_and_place() {
    let backend = || FineTuner::with_backend(CountingBackend, fixture("tiny-bert"));
    let dev = fixture("postings/postings-dev.tsv");
    let untagged = || {
        let mut builder = Document::builder();
        builder.push_word("word");
        vec![builder.untagged()]
    };
    for (tuner, kind, part) in [
        (backend().train(["nowhere.tsv"]).dev([&dev]), FaultKind::Input, "nowhere.tsv"),
        (
            backend().train([untagged()]).dev([&dev]),
            FaultKind::Input,
            "train: expected at least one",
        ),
        (
            backend().train([&dev]).dev([&dev]).settings({
                let mut settings = Settings::of(Recipe::Best);
                settings.train.epochs = 0;
                settings
            }),
            FaultKind::Usage,
            "epochs: expected 1 or more, found 0",
        ),
        (
            FineTuner::with_backend(CountingBackend, "no/such/model").train([&dev]).dev([&dev]),
            FaultKind::Environment,
            "no/such/model: expected a model folder, found nothing",
        ),
    ] {
        let error = tuner.run().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(part), "{part}: {error}");
    }
    let run = tuner().dev([untagged()]).run().unwrap();
    let splits: Vec<_> =
        run.notices().iter().filter_map(ner_align_pipeline::Notice::split).collect();
    assert!(splits.iter().all(|split| *split != Split::Test), "{splits:?}");
}
