//! Models that fail, panic and take their time: whom that concerns, and whom it does not.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic, in its helpers too")]

#[allow(dead_code, reason = "not all of it is used")]
mod client;
#[path = "../../ner-align-pipeline/tests/counting/mod.rs"]
#[allow(dead_code, reason = "not all of it is used")]
mod counting;

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use client::{Answer, ask, for_text, get, post};
use counting::{CountingBackend, fixture, tuner};
use ner_align_core::ndarray::Array2;
use ner_align_core::{Batch, Dataset, LabelSet, TokenClassifier};
use ner_align_pipeline::Predictor;
use ner_align_pipeline::backend::{
    Backend, BackendError, BoxedClassifier, BoxedLearner, ModelShape, OpenedModel,
};
use ner_align_pipeline::settings::{Computing, Settings};
use ner_align_serve::{ServeOptions, router};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// What the model does at a subtoken.
const FAILS: &str = "%";
const PANICS: &str = "&";
const WAITS: &str = "•";
const PATIENCE: Duration = Duration::from_secs(60);

/// What the slow subtoken waits for.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn pass(&self) {
        let (open, opened) = &*self.0;
        drop(opened.wait_while(open.lock().unwrap(), |open| !*open).unwrap());
    }
}

/// The counting model, unless it meets one of those subtokens.
struct Fussy {
    model: BoxedClassifier,
    gate: Gate,
    fails: u32,
    panics: u32,
    waits: u32,
}

impl TokenClassifier for Fussy {
    type Error = BackendError;

    fn num_labels(&self) -> usize {
        self.model.num_labels()
    }

    fn logits(&self, batch: &Batch) -> Result<Array2<f32>, BackendError> {
        let meets = |id: u32| batch.input_ids.contains(&id);
        if meets(self.waits) {
            self.gate.pass();
        }
        assert!(!meets(self.panics), "the model panics, as it is told to");
        if meets(self.fails) {
            return Err(BackendError::new(std::io::Error::other("secret.rs: the model fails")));
        }
        self.model.logits(batch)
    }
}

struct FussyBackend(Gate);

impl Backend for FussyBackend {
    fn engine(&self) -> (&'static str, &'static str) {
        CountingBackend.engine()
    }

    fn shape(&self, folder: &Path) -> Result<ModelShape, BackendError> {
        CountingBackend.shape(folder)
    }

    fn open(&self, folder: &Path, computing: &Computing) -> Result<OpenedModel, BackendError> {
        let OpenedModel { classifier: model, labels, .. } =
            CountingBackend.open(folder, computing)?;
        let gate = self.0.clone();
        let [fails, panics, waits] = [FAILS, PANICS, WAITS].map(id);
        Ok(OpenedModel::new(Box::new(Fussy { model, fails, panics, waits, gate }), labels))
    }

    fn learner(
        &self,
        folder: &Path,
        labels: &LabelSet,
        settings: &Settings,
        train: &Dataset,
    ) -> Result<BoxedLearner, BackendError> {
        CountingBackend.learner(folder, labels, settings, train)
    }
}

/// The number of a word among the subtokens of the tiny model.
fn id(word: &str) -> u32 {
    let tokenizer = std::fs::read(fixture("tiny-bert/tokenizer.json")).unwrap();
    let tokenizer: Value = serde_json::from_slice(&tokenizer).unwrap();
    let id = tokenizer["model"]["vocab"][word].as_u64();
    u32::try_from(id.unwrap_or_else(|| panic!("{word} is no subtoken"))).unwrap()
}

fn server(options: ServeOptions) -> (Router, Gate) {
    let gate = Gate::default();
    let folder = tempfile::tempdir().unwrap();
    tuner().output(&folder).run().unwrap();
    let best = folder.path().join("model-best");
    let predictor =
        Predictor::open_with(&FussyBackend(gate.clone()), best, &Computing::default()).unwrap();
    (router(predictor, options).unwrap(), gate)
}

/// Asks, and returns once so many requests are pending.
async fn start(server: &Router, text: &str, pending: usize) -> JoinHandle<Answer> {
    let (own, request) = (server.clone(), for_text(text));
    let answer = tokio::spawn(async move { ask(&own, request).await });
    wait_for(server, pending).await;
    answer
}

async fn wait_for(server: &Router, pending: usize) {
    let line = format!("ner_align_pending_requests{{model=\"default\"}} {pending}\n");
    let reached = async {
        while !ask(server, get("/metrics")).await.body.contains(&line) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, reached).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_the_model_fails_on_fails_alone() {
    let logged = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&logged);
    let (server, gate) = server(ServeOptions::default().on_request(move |access| {
        log.lock().unwrap().extend(access.error.map(str::to_owned));
    }));
    let plain = ask(&server, for_text("and Python skills")).await.json();
    // While the first one waits, the others gather in one batch.
    let mut answers = Vec::new();
    for (at, text) in
        [WAITS, "and Python skills", FAILS, "and Python skills", PANICS].iter().enumerate()
    {
        answers.push(start(&server, text, at + 1).await);
    }
    gate.open();
    let mut answered = Vec::new();
    for answer in answers {
        answered.push(answer.await.unwrap());
    }
    let statuses: Vec<u16> = answered.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 500, 200, 500]);
    assert_eq!((answered[1].json(), answered[3].json()), (plain.clone(), plain));
    // The client is not told what went wrong inside, the log is.
    assert!(answered.iter().all(|answer| !answer.body.contains("secret")));
    let logged = logged.lock().unwrap();
    assert!(logged.iter().any(|error| error.contains("secret.rs: the model fails")), "{logged:?}");
    assert!(logged.iter().any(|error| error.contains("the model panicked")), "{logged:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_and_a_late_answer_are_told() {
    let limits = ServeOptions::default().with_queue(2).with_timeout(Duration::from_secs(2));
    let (server, gate) = server(limits);
    let late = [start(&server, WAITS, 1).await, start(&server, WAITS, 2).await];
    let busy = ask(&server, for_text("Python")).await;
    assert_eq!((busy.status, busy.header("retry-after")), (503, Some("1")), "{busy:?}");
    assert!(busy.json()["detail"].as_str().unwrap().contains("queue"), "{busy:?}");
    for late in late {
        let late = late.await.unwrap();
        assert_eq!((late.status, late.header("retry-after")), (504, None), "{late:?}");
        assert_eq!(late.json()["title"], "Gateway Timeout");
    }
    // Whoever gave up leaves the queue, and once the model is free it answers again.
    wait_for(&server, 0).await;
    gate.open();
    assert_eq!(ask(&server, for_text("Python")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_of_many_texts_does_not_hold_up_others() {
    let (server, gate) = server(ServeOptions::default().with_max_texts(5000));
    let texts: Vec<String> =
        (0..5000).map(|number| format!("{number} nurses and {WAITS}")).collect();
    let body = json!({ "texts": texts }).to_string();
    let many = async {
        let answer = ask(&server, post("/v1/entities", "application/json", body)).await;
        (answer, Instant::now())
    };
    let one = async {
        wait_for(&server, 1).await;
        let one = start(&server, "Python", 2).await;
        gate.open();
        (one.await.unwrap(), Instant::now())
    };
    let ((many, many_at), (one, one_at)) = tokio::join!(many, one);
    assert_eq!((many.status, one.status), (200, 200));
    assert_eq!(many.json()["documents"].as_array().unwrap().len(), 5000);
    assert!(one_at < many_at, "the one waited for the many");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_all_requests_share_a_limit() {
    let (server, _) = server(ServeOptions::default().with_max_bodies(100));
    let body = |length: usize| post("/v1/entities", "text/plain", "x".repeat(length));
    assert_eq!(ask(&server, body(101)).await.status, 503);
    for _ in 0..3 {
        assert_eq!(ask(&server, body(100)).await.status, 200);
    }
}
