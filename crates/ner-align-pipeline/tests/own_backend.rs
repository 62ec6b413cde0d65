//! The pipeline on a backend of one's own: no libtorch, a model that counts.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod counting;

use std::fs;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use counting::{CountingBackend, fixture, predictor, tuner};
use ner_align_core::{CorpusReader, Document};
use ner_align_pipeline::settings::{Computing, Recipe, Settings};
use ner_align_pipeline::{
    CALIBRATION, Calibration, FaultKind, FineTuner, FoundEntity, Input, MODEL_BEST, PipelineError,
    Predictor, Split, Thresholds,
};
use ner_align_train::{StepRecord, TrainError, TrainerCallback};

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
fn thresholds_cut_and_alternatives_are_given() {
    let dev = fs::read_to_string(fixture("postings/postings-dev.tsv")).unwrap();
    let words = dev.lines().filter_map(|line| line.split('\t').next()).take(200);
    let text = &words.collect::<Vec<_>>().join(" ");
    let all = predictor().with_alternatives(2).entities(text).unwrap();
    assert!(all.len() > 1);
    for entity in &all {
        assert_eq!(entity.alternatives.len(), 2);
        assert!(entity.alternatives[0].score >= entity.alternatives[1].score);
        let sum: f32 = entity.alternatives.iter().map(|other| other.score).sum();
        assert!(sum + entity.score <= 1.0 + 1e-5, "{entity:?}");
        assert!(
            entity.alternatives.iter().all(|other| other.label.as_ref() != Some(&entity.label))
        );
    }
    let highest = all.iter().map(|entity| entity.score).fold(0.0, f32::max);
    let lowest = all.iter().map(|entity| entity.score).fold(1.0, f32::min);
    assert!(lowest < highest);
    let cut = predictor().with_thresholds(Thresholds::all(highest));
    let mut documents = [cut.document(text).unwrap()];
    cut.annotate(&mut documents).unwrap();
    let kept: Vec<f32> = documents[0].mentions().map(|m| m.score.unwrap().get()).collect();
    let highest_ones = all.iter().filter(|entity| entity.score >= highest).count();
    assert_eq!(kept, vec![highest; highest_ones]);
    // Nothing of the others is left in the tags.
    let (tags, scheme) = documents[0].tags().unwrap();
    let decoded = scheme.decode(tags, ner_align_core::DecodeMode::Strict);
    assert_eq!((decoded.entities.len(), decoded.violations.len()), (highest_ones, 0));
    let label = all[0].label.clone();
    let of_type = predictor().with_thresholds(Thresholds::default().with_type(label.clone(), 1.1));
    assert!(of_type.entities(text).unwrap().iter().all(|entity| entity.label != label));
}

#[test]
fn a_run_calibrates_its_best_model_on_the_development_data() {
    let folder = tempfile::tempdir().unwrap();
    let run = tuner().output(folder.path()).run().unwrap();
    let own = run.predictor().calibration().unwrap().clone();
    assert!(own.error.is_some() && own.error_before.is_some(), "{own:?}");
    let model = folder.path().join(MODEL_BEST);
    assert_eq!(Calibration::read(&model).unwrap().as_ref(), Some(&own));
    let opened = Predictor::open_with(&CountingBackend, &model, &Computing::default()).unwrap();
    assert_eq!(opened.calibration(), Some(&own));
    // The counts are those of the entities that the model finds in the development data.
    let counted: usize = own.by_type.values().flatten().map(|score| score.count).sum();
    assert_eq!(counted, own.reliability.count());
    let threshold = own.threshold(None, 0.5).unwrap();
    assert!((0.0..=1.0).contains(&threshold));
    assert_eq!(own.threshold(Some("NOBODY"), 0.5), None);
    // The temperature changes scores, and no entity.
    let text = "Python and Java skills.";
    let plain = run.into_predictor().with_calibration(None).entities(text).unwrap();
    let scaled = opened.entities(text).unwrap();
    let places = |found: &[FoundEntity]| -> Vec<_> {
        found.iter().map(|entity| (entity.start, entity.end, entity.label.clone())).collect()
    };
    assert_eq!(places(&plain), places(&scaled));
    fs::write(model.join(CALIBRATION), "{\"temperature\": 0}").unwrap();
    let error = Predictor::open_with(&CountingBackend, &model, &Computing::default()).unwrap_err();
    assert!(error.to_string().contains("calibration.json"), "{error}");
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
                settings.train.epochs = 0.into();
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

#[test]
fn a_gpu_that_stays_unused_is_told_of() {
    for (device, told) in [("auto", false), ("cuda:9", true)] {
        let pairs = [format!("device={device}"), "epochs=1".to_owned()];
        let settings = Settings::resolve(Recipe::Best, None, &pairs).unwrap();
        let run = tuner().settings(settings).run().unwrap();
        let lines = run.notices().iter().map(ToString::to_string).collect::<Vec<_>>();
        let found = lines.iter().any(|line| line.contains("on the CPU: it counts on fingers; "));
        assert_eq!(found, told, "{lines:?}");
    }
}
