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

#[test]
fn a_model_folder_is_pushed() {
    let hub = FakeHub::start(&[]);
    hub.set(|state| state.push.token = Some("hf_write".to_owned()));
    let folder = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tiny-bert");
    for file in ["config.json", "model.safetensors", "tokenizer.json"] {
        fs::copy(fixtures.join(file), folder.path().join(file)).unwrap();
    }
    fs::write(folder.path().join("metrics.jsonl"), "{}").unwrap();
    let run = |token: &str, arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_ner-align"))
            .args(["push", "org/new"])
            .args(arguments)
            .current_dir(folder.path())
            .env("HF_HOME", folder.path().join("hf"))
            .env("HF_ENDPOINT", &hub.endpoint)
            .env_remove("HF_HUB_CACHE")
            .env_remove("HF_HUB_OFFLINE")
            .env_remove("HF_TOKEN_PATH")
            .env("HF_TOKEN", token)
            .output()
            .unwrap()
    };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    for (token, arguments, code, said) in [
        ("hf_other", &[][..], 3, "does not know the token"),
        ("", &[], 3, "needs a token, found none"),
        ("hf_write", &["--folder", "nowhere"], 1, "nowhere: expected a model folder"),
        ("hf_write", &["--revision", "../x"], 2, "expected NAME, ORG/NAME"),
    ] {
        let output = run(token, arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{error}");
        assert!(error.contains(said) && error.lines().count() <= 2, "{error}");
        assert!(!error.contains("hf_"), "{error}");
    }
    let output = run("hf_write", &["--private", "-m", "first"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(
        said.contains("stays here: hf, metrics.jsonl")
            || said.contains("stays here: metrics.jsonl"),
        "{said}"
    );
    assert!(said.contains("config.json, model.safetensors, tokenizer.json"), "{said}");
    assert!(said.ends_with(&format!("{}/org/new\n", hub.endpoint)), "{said}");
    let again: serde_json::Value =
        serde_json::from_slice(&run("hf_write", &["--json"]).stdout).unwrap();
    assert!(again["commit"].is_null() && again["unchanged"].as_array().unwrap().len() == 3);
    hub.set(|state| {
        let model = &state.push.models["org/new"];
        assert!(model.private && model.messages[1] == "first");
    });
}
