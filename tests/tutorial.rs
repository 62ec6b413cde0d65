//! The programs of `docs/tutorial.md`, on its corpora and a tiny model.
//!
//! `crates/ner-align-cli/tests/tutorial.rs` runs the commands of the page, and holds its code against
//! these programs.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

#[path = "../examples/bengali.rs"]
mod bengali;
#[path = "../examples/gmb_head_only.rs"]
mod gmb_head_only;
#[path = "../examples/job_postings.rs"]
mod job_postings;
#[path = "../examples/own_service.rs"]
mod own_service;
#[path = "../examples/own_tracker.rs"]
mod own_tracker;
#[path = "../examples/resume_fields.rs"]
mod resume_fields;
#[path = "../examples/two_corpora.rs"]
mod two_corpora;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ner_align::Predictor;
use ner_align::settings::{Recipe, Settings};
use ner_align::subword::Strategy;

fn at(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn corpus(name: &str) -> PathBuf {
    at("fixtures/tutorial").join(name)
}

fn tiny() -> PathBuf {
    at("fixtures/tiny-bert")
}

/// A few steps, large enough for a model with random weights.
fn quick(steps: usize) -> Settings {
    let steps = steps.to_string();
    let pairs = [("max_steps", steps.as_str()), ("batch_size", "4"), ("learning_rate", "0.01")];
    let recipe = Settings::of(Recipe::Trainer);
    pairs.iter().fold(recipe, |settings, (key, value)| settings.with(key, value).unwrap())
}

/// The model of the job postings, which steps 2 and 7 use too.
fn postings_model() -> PathBuf {
    static OUT: OnceLock<tempfile::TempDir> = OnceLock::new();
    let out = OUT.get_or_init(|| {
        let out = tempfile::tempdir().unwrap();
        let (export, settings) = (corpus("postings.jsonl"), quick(140));
        job_postings::job_postings(&export, &tiny(), out.path(), settings).unwrap();
        out
    });
    out.path().join("model-best")
}

#[test]
fn an_export_becomes_a_model() {
    let model = postings_model();
    let clean = fs::read_to_string(model.with_file_name("clean.jsonl")).unwrap();
    assert_eq!(clean.lines().count(), 105);
    let test = fs::read_to_string(model.with_file_name("test.json")).unwrap();
    assert!(test.contains("\"EXPERIENCE\""), "{test}");
}

#[test]
fn a_resume_has_the_fields_of_the_mapping() {
    let mapping = at("examples/resume-service/fields.toml");
    let resume = corpus("resume.docx");
    let fields = resume_fields::resume_fields(&postings_model(), &mapping, &resume).unwrap();
    let names: Vec<&str> = fields.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["Degrees", "Fields of study", "Experience", "Skills"]);
    assert!(fields.fields.iter().any(|field| !field.values.is_empty()), "{fields:?}");
}

#[test]
fn a_frozen_encoder_keeps_its_weights() {
    for (full, same) in [(false, true), (true, false)] {
        let (csv, settings) = (corpus("gmb.csv"), quick(3));
        let out = tempfile::tempdir().unwrap();
        let run = gmb_head_only::fine_tune(&csv, &tiny(), out.path(), full, settings).unwrap();
        let tuned = out.path().join("model-best");
        assert_eq!(encoder(&tuned) == encoder(&tiny()), same, "full fine-tuning: {full}");
        let types: Vec<String> =
            run.predictor().labels().types().iter().map(ToString::to_string).collect();
        assert_eq!(types, ["geo", "gpe", "org", "per", "tim"]);
    }
}

#[test]
fn a_bengali_model_propagates_labels_and_says_its_language() {
    let out = tempfile::tempdir().unwrap();
    let run = bengali::bengali(&corpus("bengali.conll"), &tiny(), out.path(), quick(2)).unwrap();
    assert_eq!(run.settings().model.strategy, Strategy::Propagate);
    let card = fs::read_to_string(out.path().join("model-best/README.md")).unwrap();
    for part in ["language: bn\n", "license: cc-by-4.0\n", "names of people"] {
        assert!(card.contains(part), "{part}: {card}");
    }
}

#[test]
fn two_corpora_share_their_types() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("notices.html");
    let (gmb, notices) = (corpus("gmb.csv"), corpus("notices.conll"));
    let scores = two_corpora::two_corpora(&gmb, &notices, &tiny(), &page, quick(2)).unwrap();
    let types: Vec<&String> = scores.strict().per_type.keys().collect();
    assert_eq!(types, ["LOC", "ORG", "PER"]);
    assert!(scores.relaxed().micro.support >= scores.strict().micro.support);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("Samuel Adeyemi") && !page.contains("EVENT"));
}

#[test]
fn a_tracker_gets_every_number() {
    let (train, dev) = (corpus("notices.conll"), corpus("notices.conll"));
    let mut lines = Vec::new();
    own_tracker::tracked(&train, &dev, &tiny(), &mut lines, quick(3)).unwrap();
    let lines = String::from_utf8(lines).unwrap();
    let of = |name: &str| {
        let rows = lines.lines().map(|line| line.split(',').collect::<Vec<_>>());
        rows.filter(|row| row[1] == name && row[2].parse::<f64>().is_ok()).count()
    };
    assert_eq!((of("loss"), of("learning_rate")), (3, 3), "{lines}");
    assert!(of("dev.f1") > 0, "{lines}");

    /// Takes so many bytes.
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let error = own_tracker::tracked(&train, &dev, &tiny(), Full(40), quick(3)).unwrap_err();
    assert!(error.to_string().contains("no storage space"), "{error}");
}

#[tokio::test]
async fn a_service_of_ones_own_has_the_model_below_its_address() {
    let app = own_service::service(Predictor::open(postings_model()).unwrap()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let until = async { drop(stopped.await) };
    let server = tokio::spawn(ner_align::serve::serve(listener, app, until));
    let asked = tokio::task::spawn_blocking(move || {
        let ask = |head: &str, body: &str| {
            let mut stream = TcpStream::connect(address).unwrap();
            let length = body.len();
            let head = format!(
                "{head} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}"
            );
            let kind = "content-type: application/json";
            stream.write_all(format!("{head}\r\n{kind}\r\n\r\n{body}").as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        [ask("GET /", ""), ask("POST /ner/v1/entities", r#"{"text": "Two years of Python."}"#)]
    });
    let [own, entities] = asked.await.unwrap();
    assert!(own.ends_with("my own service"), "{own}");
    assert!(
        entities.starts_with("HTTP/1.1 200") && entities.contains("\"entities\":["),
        "{entities}"
    );
    drop(stop);
    server.await.unwrap().unwrap();
}

/// The weights of the encoder in a model folder, by name.
fn encoder(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let bytes = fs::read(folder.join("model.safetensors")).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let of_encoder = tensors.iter().filter(|(name, _)| !name.starts_with("classifier"));
    let own = |name: &str| name.strip_prefix("bert.").unwrap_or(name).to_owned();
    let mut found: Vec<_> =
        of_encoder.map(|(name, tensor)| (own(name), tensor.data().to_vec())).collect();
    found.sort();
    found
}
