//! What a model folder keeps of its training: windows, documents, scheme, decoding.
#![cfg(feature = "tch")]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use program::{fixtures, text};
use serde_json::Value;

/// A folder with training and development data that mark no documents.
struct Corpora {
    folder: tempfile::TempDir,
}

impl Corpora {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (from, to) in [("postings-train.tsv", "train.tsv"), ("postings-dev.tsv", "dev.tsv")] {
            let marked = fs::read_to_string(fixtures().join("postings").join(from)).unwrap();
            let lines = marked.lines().filter(|line| !line.starts_with("-DOCSTART-"));
            let unmarked: String = lines.map(|line| format!("{line}\n")).collect();
            fs::write(folder.path().join(to), unmarked).unwrap();
        }
        Self { folder }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        program::run(self.folder.path(), arguments)
    }

    /// Trains a model, and gives what the program printed.
    fn train(&self, out: &str, n: &str, settings: &[&str]) -> Value {
        let tiny = fixtures().join("tiny-bert");
        let mut arguments = vec!["train", "--train", "train.tsv", "--dev", "dev.tsv", "-o", out];
        arguments.extend(["-n", n, "--json", "--model", tiny.to_str().unwrap()]);
        arguments.extend(["--recipe", "trainer"]);
        for setting in ["epochs=2", "batch_size=4", "learning_rate=0.003"].iter().chain(settings) {
            arguments.extend(["--set", setting]);
        }
        let output = self.run(&arguments);
        assert!(output.status.success(), "{settings:?}: {}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn best(&self, out: &str) -> PathBuf {
        self.folder.path().join(out).join("model-best")
    }
}

#[test]
fn evaluation_and_prediction_do_as_training_did() {
    let corpora = Corpora::new();
    for (name, n, settings) in [
        ("context", "4", &["context=20"][..]),
        ("document", "4", &["unit=document", "max_length=40", "stride=10", "batch_size=2"]),
        ("iob1", "1", &["scheme=iob1"]),
        ("biluo", "1", &["scheme=biluo"]),
    ] {
        let settings = [settings, &["decode=constrained"]].concat();
        let trained = corpora.train(name, n, &settings);
        let best = corpora.best(name);
        let model = ["--model", best.to_str().unwrap(), "dev.tsv"];

        let output = corpora.run(&[&["eval", "--json"], &model[..]].concat());
        let evaluated: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(evaluated, trained["dev"], "{name}");

        let output = corpora.run(&[&["predict", "-o", "predicted.conll"], &model[..]].concat());
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        let output = corpora.run(&["score", "dev.tsv", "predicted.conll", "--json"]);
        let scored: Value = serde_json::from_slice(&output.stdout).unwrap();
        for key in ["scores", "sentences", "tokens", "gold_entities", "predicted_entities"] {
            assert_eq!(scored[key], trained["dev"][key], "{name}: {key}");
        }
        assert_ne!(scored["predicted_entities"], 0, "{name}: nothing is found");
    }
}

#[test]
fn documents_of_one_sentence_are_noted_where_more_is_asked_for() {
    let corpora = Corpora::new();
    let tiny = fixtures().join("tiny-bert");
    for (setting, n, noted) in
        [("unit=document", "1", true), ("context=9", "1", true), ("context=9", "2", false)]
    {
        let mut arguments = vec!["train", "--train", "train.tsv", "--dev", "dev.tsv", "-o", "out"];
        arguments.extend(["-n", n, "--model", tiny.to_str().unwrap()]);
        arguments.extend(["--set", "max_steps=1", "--set", setting, "--overwrite"]);
        let output = corpora.run(&arguments);
        let found = text(&output.stderr);
        assert!(output.status.success(), "{setting}: {found}");
        assert_eq!(found.contains("changes nothing"), noted, "{setting}, {n}: {found}");
    }
}

#[test]
fn what_a_model_folder_says_is_not_passed_over() {
    let corpora = Corpora::new();
    corpora.train("run", "1", &["max_steps=2"]);
    let best = corpora.best("run");
    let evaluate = || corpora.run(&["eval", "--model", best.to_str().unwrap(), "dev.tsv"]);
    let told = text(&evaluate().stderr);
    assert!(told.contains("the scores in the model folder are of --decode argmax"), "{told}");

    let meta = best.join("meta.json");
    let whole = fs::read_to_string(&meta).unwrap();
    let place = |text: &str| format!("{}:{text}", Path::new("meta.json").display());
    for (damaged, part) in [
        (whole.replace("\"first\"", "\"frist\""), "unknown variant `frist`".to_owned()),
        (whole[..60].to_owned(), place("")),
        ("[]".to_owned(), "expected a JSON object".to_owned()),
    ] {
        fs::write(&meta, damaged).unwrap();
        let output = evaluate();
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{error}");
        assert!(error.contains(&part), "{part}: {error}");
    }
    // Another tool's says nothing of subtokens.
    fs::write(&meta, "{\"lang\": \"en\"}").unwrap();
    assert!(evaluate().status.success());
}
