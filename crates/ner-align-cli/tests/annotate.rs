//! `ner-align annotate` as a script sees it.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    program::run_on(folder, &[&["annotate"], arguments].concat(), input)
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    file("places.tsv", "Oslo\tLOC\nNew York\tLOC\nAtlantis\tLOC\n");
    file("SHIP.txt", "Fram\nOslo\n");
    file("years.tsv", "YEAR\t\\b(18|19)\\d\\d\\b\n");
    file("texts.txt", "The Fram left Oslo in 1893.\nNew  York, 1910\n");
    file("tagged.conll", "Oslo\tB-PER\nsang\tO\nin\tO\nOslo\tO\n");
    folder
}

#[test]
fn lists_and_patterns_become_entities() {
    let folder = folder();
    let lists = ["--dictionary", "places.tsv", "--dictionary", "SHIP.txt", "--regex", "years.tsv"];
    let arguments = [&["texts.txt", "-o", "out.jsonl", "--json"], &lists[..]].concat();
    let output = run(folder.path(), &arguments, b"");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["annotation"]["marked"], 5);
    assert_eq!(json["annotation"]["marked_by_label"]["YEAR"], 2);
    assert_eq!(json["annotation"]["never_found"][0]["text"], "Atlantis");
    let written = fs::read_to_string(folder.path().join("out.jsonl")).unwrap();
    let first: Value = serde_json::from_str(written.lines().next().unwrap()).unwrap();
    let spans: Vec<(u64, u64)> = first["spans"]
        .as_array()
        .unwrap()
        .iter()
        .map(|span| (span["start"].as_u64().unwrap(), span["end"].as_u64().unwrap()))
        .collect();
    assert_eq!(spans, [(4, 8), (14, 18), (22, 26)]);

    // Standard input is text, and standard output a corpus.
    let arguments =
        ["-", "-o", "-", "--to", "conll", "--dictionary", "places.tsv", "--ignore-case"];
    let output = run(folder.path(), &arguments, b"in oslo\n");
    assert_eq!(output.stdout, b"-DOCSTART- -X- O O\n\nin\tO\noslo\tB-LOC\n\n");
    assert!(String::from_utf8(output.stderr).unwrap().contains("marked: 1 entities (LOC 1)"));
}

#[test]
fn entities_that_are_there_stay_unless_they_are_to_be_replaced() {
    let folder = folder();
    for (option, expected) in [
        ("--keep", "Oslo\tB-PER\nsang\tO\nin\tO\nOslo\tB-LOC\n\n"),
        ("--replace", "Oslo\tB-LOC\nsang\tO\nin\tO\nOslo\tB-LOC\n\n"),
    ] {
        let arguments = ["tagged.conll", "-o", "out.conll", "--dictionary", "places.tsv", option];
        let output = run(folder.path(), &arguments, b"");
        assert!(output.status.success(), "{output:?}");
        let written = fs::read_to_string(folder.path().join("out.conll")).unwrap();
        assert_eq!(written, expected, "{option}");
    }
}

#[test]
fn what_cannot_be_is_one_line() {
    let folder = folder();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    file("open.tsv", "YEAR\t(19\n");
    file("lonely.tsv", "Oslo\tLOC\nBergen\n");
    for (arguments, code, said) in [
        (&["texts.txt", "-o", "x.jsonl"][..], 2, "--dictionary"),
        (&["texts.txt", "-o", "x.jsonl", "--regex", "open.tsv"], 1, "open.tsv:1"),
        (&["texts.txt", "-o", "x.jsonl", "--dictionary", "lonely.tsv"], 1, "lonely.tsv:2"),
        (&["texts.txt", "-o", "x.jsonl", "--dictionary", "none.tsv"], 1, "none.tsv"),
        (&["none.txt", "-o", "x.jsonl", "--dictionary", "places.tsv"], 1, "none.txt"),
        (&["texts.txt", "-o", "x.odd", "--dictionary", "places.tsv"], 2, "--to"),
    ] {
        let output = run(folder.path(), arguments, b"");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
        assert!(!folder.path().join("x.jsonl").exists(), "{arguments:?}");
    }
}
