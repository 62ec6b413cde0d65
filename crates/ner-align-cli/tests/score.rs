//! `ner-align score` as a script sees it.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ner-align"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder with a gold and a predicted file.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("gold.tsv", "Ada\tB-PER\nL.\tI-PER\nin\tO\nOslo\tB-LOC\n\nRome\tB-LOC\n");
    write("pred.tsv", "Ada\tB-PER\nL.\tI-PER\nin\tO\nOslo\tB-PER\n\nRome\tO\n");
    write("both.txt", "Ada B-PER B-PER\nOslo B-LOC B-PER\n");
    write("short.tsv", "Ada\tB-PER\nL.\tI-PER\nin\tO\nOslo\tB-LOC\n");
    write("other.tsv", "Ada\tB-PER\nLace\tI-PER\nin\tO\nOslo\tB-LOC\n\nRome\tO\n");
    write("empty.tsv", "");
    write("one.tsv", "Ada\nOslo\n");
    fs::write(folder.path().join("binary.tsv"), [0_u8, 159, 146, 150, 10, 0, 255]).unwrap();
    folder
}

#[test]
fn json_has_the_counts_and_rows_are_gold() {
    let folder = folder();
    let output = run(folder.path(), &["score", "gold.tsv", "pred.tsv", "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["sentences"], 2);
    assert_eq!(json["tokens"], 5);
    assert_eq!(json["gold_entities"], 3);
    assert_eq!(json["predicted_entities"], 2);
    assert_eq!(json["token_accuracy"], 0.6);
    let strict = &json["scores"]["strict"];
    assert_eq!(strict["micro"]["precision"], 0.5);
    assert_eq!(strict["micro"]["correct"], 1);
    assert_eq!(strict["per_type"]["LOC"]["recall"], 0.0);
    let labels = json["entity_confusion"]["labels"].as_array().unwrap();
    assert_eq!(labels[..2], ["LOC", "PER"]);
    // One LOC was called PER, the other was missed.
    assert_eq!(json["entity_confusion"]["matrix"][0], serde_json::json!([0, 1, 1]));
}

#[test]
fn one_file_with_both_columns() {
    let folder = folder();
    let output = run(folder.path(), &["score", "--columns", "both.txt", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["gold_entities"], 2);
    assert_eq!(json["scores"]["strict"]["micro"]["f1"], 0.5);
}

#[test]
fn labels_are_renamed_and_dropped() {
    let folder = folder();
    let arguments = ["score", "gold.tsv", "pred.tsv", "--json", "--map", "LOC=PER"];
    let json: serde_json::Value =
        serde_json::from_slice(&run(folder.path(), &arguments).stdout).unwrap();
    assert_eq!(json["scores"]["strict"]["micro"]["correct"], 2);
}

#[test]
fn faults_are_one_line_with_a_status() {
    let folder = folder();
    for (arguments, status, parts) in [
        (vec!["score", "gold.tsv", "pred.tsv", "--fail-under", "strict=0.9"], 1, vec!["0.4"]),
        (
            vec!["score", "gold.tsv", "pred.tsv", "--fail-under", "strict.f9=0.9"],
            2,
            vec!["strict.f9"],
        ),
        (vec!["score", "gold.tsv", "pred.tsv", "--fail-under", "strict"], 2, vec!["MEASURE=X"]),
        (vec!["score", "gold.tsv", "short.tsv"], 1, vec!["gold.tsv:6", "one more"]),
        (vec!["score", "short.tsv", "gold.tsv"], 1, vec!["gold.tsv:6"]),
        (vec!["score", "gold.tsv", "other.tsv"], 1, vec!["other.tsv:2", "\"L.\"", "\"Lace\""]),
        (vec!["score", "gold.tsv", "none.tsv"], 1, vec!["none.tsv"]),
        (vec!["score", "gold.tsv", "empty.tsv"], 1, vec!["empty.tsv"]),
        (vec!["score", "gold.tsv", "one.tsv"], 1, vec!["one.tsv:1"]),
        (vec!["score", "gold.tsv", "binary.tsv"], 1, vec!["binary.tsv"]),
        (vec!["score", "gold.tsv", "pred.tsv", "--map", "LOC"], 2, vec!["LOC"]),
        (vec!["score", "gold.tsv", "pred.tsv", "--from", "nonsense"], 2, vec!["nonsense"]),
    ] {
        let output = run(folder.path(), &arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {error}");
        let lines: Vec<&str> = error.lines().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!(lines.len(), 1, "{arguments:?}: {error}");
        for part in parts {
            assert!(lines[0].contains(part), "{arguments:?}: expected {part:?} in {error}");
        }
        assert!(!error.contains("panicked"), "{error}");
    }
}

#[test]
fn commands_of_a_program_that_is_not_installed_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let alone = folder.path().join("ner-align");
    fs::copy(env!("CARGO_BIN_EXE_ner-align"), &alone).unwrap();
    let output = Command::new(&alone).args(["train", "--help"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let error = text(&output.stderr);
    assert!(error.contains("ner-align-tch") && error.contains("\nhint: "), "{error}");
}
