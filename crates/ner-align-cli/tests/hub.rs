//! The program with a model of a Hub: arguments, environment, exit status, what it says.
#![cfg(feature = "hub")]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

#[path = "../../ner-align-hub/tests/fake_hub/mod.rs"]
mod fake_hub;

use std::fs;
use std::path::Path;
use std::process::Command;

use fake_hub::{COMMIT, FakeHub};

/// A hub with the tokenizer of the tiny model.
fn hub() -> FakeHub {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tiny-bert");
    FakeHub::start(&[("tokenizer.json", fs::read(fixtures.join("tokenizer.json")).unwrap())])
}

#[test]
fn the_program_takes_ids_and_the_environment() {
    let hub = hub();
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus.tsv");
    fs::write(&corpus, "Ada\tB-PER\n").unwrap();
    let run = |command: &str, more: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_ner-align"))
            .args([command, "--tokenizer", "org/tiny"])
            .arg(&corpus)
            .args(more)
            .env("HF_HOME", folder.path())
            .env("HF_ENDPOINT", &hub.endpoint)
            .env_remove("HF_HUB_CACHE")
            .env_remove("HF_HUB_OFFLINE")
            .env_remove("HF_TOKEN")
            .output()
            .unwrap()
    };
    let error = |output: &std::process::Output| String::from_utf8(output.stderr.clone()).unwrap();
    let output = run("align", &["--offline"]);
    assert_eq!(output.status.code(), Some(3));
    let said = error(&output);
    assert!(said.starts_with("error: org/tiny@main: ") && said.lines().count() == 2, "{said}");
    assert!(said.contains("--offline"), "{said}");
    let output = run("align", &[]);
    assert!(output.status.success(), "{}", error(&output));
    assert!(error(&output).contains(&format!("fetched org/tiny, commit {COMMIT}: 1 file,")));
    assert!(String::from_utf8(output.stdout).unwrap().contains("\"tags\""));
    let output = run("check", &["--offline"]);
    assert!(output.status.success(), "{}", error(&output));
    assert!(folder.path().join("hub/models--org--tiny/refs/main").is_file());
}
