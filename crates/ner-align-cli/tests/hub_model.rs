//! Training, evaluating and predicting with models from a Hub.
#![cfg(all(feature = "hub", feature = "tch"))]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

#[path = "../../ner-align-hub/tests/fake_hub/mod.rs"]
mod fake_hub;
mod program;

use std::fs;
use std::path::Path;
use std::process::Output;

use fake_hub::{COMMIT, FakeHub, NEWER};
use program::fixtures;
use serde_json::Value;

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect()
}

fn start(folder: &Path) -> FakeHub {
    let files = files(folder);
    let files: Vec<_> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    FakeHub::start(&files)
}

fn run(hub: &FakeHub, home: &Path, arguments: &[&str]) -> Output {
    let output = program::command(&fixtures(), arguments)
        .env("HF_HOME", home)
        .env("HF_ENDPOINT", &hub.endpoint)
        .env_remove("HF_HUB_CACHE")
        .env_remove("HF_HUB_OFFLINE")
        .env_remove("HF_TOKEN")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

const DEV: &str = "postings/postings-dev.tsv";

#[test]
fn a_run_notes_the_commit_and_its_model_comes_back_from_a_hub() {
    let folder = tempfile::tempdir().unwrap();
    let hub = start(&fixtures().join("tiny-bert"));
    let out = folder.path().join("out");
    let train = ["train", "--train", DEV, "--dev", DEV, "--model", "org/tiny", "--set", "epochs=1"];
    let train: Vec<&str> = train.into_iter().chain(["-o", out.to_str().unwrap()]).collect();
    run(&hub, folder.path(), &train);
    let model = out.join("model-best");
    for provenance in
        [json(&out.join("provenance.json")), json(&model.join("meta.json"))["training"].clone()]
    {
        assert_eq!(provenance["base_model"], "org/tiny");
        assert_eq!(provenance["base_commit"], COMMIT);
    }
    let card = fs::read_to_string(model.join("README.md")).unwrap();
    assert!(card.contains("Fine-tuned from `org/tiny`"), "{card}");

    // The branch moves on, to what is no model; a resumed run keeps to its commit.
    hub.set(|state| {
        state.commits.insert(NEWER.to_owned(), [("config.json".to_owned(), b"{}".to_vec())].into());
        state.head = NEWER.to_owned();
    });
    let train: Vec<&str> = train.iter().copied().chain(["--resume"]).collect();
    run(&hub, folder.path(), &train);
    assert_eq!(json(&out.join("provenance.json"))["base_commit"], COMMIT);

    // What was trained is put on a hub: its settings come along, and the scores are the same.
    let hub = start(&model);
    let home = tempfile::tempdir().unwrap();
    let local =
        run(&hub, home.path(), &["eval", "--json", "--model", model.to_str().unwrap(), DEV]);
    let remote = run(&hub, home.path(), &["eval", "--json", "--model", "org/tiny", DEV]);
    assert_eq!(local.stdout, remote.stdout);
    let cached = home.path().join("hub/models--org--tiny/snapshots").join(COMMIT);
    assert!(cached.join("meta.json").is_file());
    let input = folder.path().join("in.txt");
    fs::write(&input, "Rust developer in Oslo\n").unwrap();
    hub.take_log();
    let input = input.to_str().unwrap();
    let predicted = run(&hub, home.path(), &["predict", "--offline", "--model", "org/tiny", input]);
    assert!(predicted.stdout.starts_with(b"{"));
    assert!(hub.take_log().is_empty());
}
