//! `ner-align redact` and `calibrate --recall` as a script sees them.
#![cfg(feature = "tch")]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::Path;

use program::{fixtures, postings_model, run_on, text};
use serde_json::Value;

const DEV: &str = "postings/postings-dev.tsv";
const TEXTS: &str = "postings/postings-new.txt";

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = run_on(&fixtures(), arguments, "");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A copy of the model that a promise can be written into.
fn own_model(folder: &Path) -> String {
    for file in fs::read_dir(postings_model()).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.join(file.file_name())).unwrap();
    }
    folder.display().to_string()
}

#[test]
fn a_promise_is_made_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let model = &own_model(folder.path());
    let (code, _, stderr) = run(&["predict", "--model", model, "--recall", TEXTS]);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("--recall: expected a model with a promised recall"), "{stderr}");
    let (code, stdout, stderr) =
        run(&["calibrate", "--model", model, "--recall", "0.6", "--confidence", "0.9", DEV]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("recall promised with a confidence of 0.9"), "{stdout}");
    // A calibration without a promise keeps the one of before.
    let (_, stdout, stderr) = run(&["calibrate", "--model", model, "--json", DEV]);
    assert!(stderr.contains("the promised recall stays as it was"), "{stderr}");
    let calibration: Value = serde_json::from_str(&stdout).unwrap();
    let promise = &calibration["recall"][0];
    assert_eq!((&promise["target"], &promise["decode"]), (&0.6.into(), &"constrained".into()));
    // Evaluation, prediction: more is found.
    let found = |more: &[&str]| {
        let arguments = [&["eval", "--model", model, "--json", DEV], more].concat();
        let (code, stdout, stderr) = run(&arguments);
        assert_eq!(code, Some(0), "{stderr}");
        let scores: Value = serde_json::from_str(&stdout).unwrap();
        scores["predicted_entities"].as_u64().unwrap()
    };
    assert!(found(&["--recall"]) > found(&[]));
    let count = |more: &[&str]| {
        let (code, stdout, stderr) = run(&[&["predict", "--model", model, DEV], more].concat());
        assert_eq!(code, Some(0), "{stderr}");
        lines(&stdout).iter().map(|line| line["entities"].as_array().unwrap().len()).sum::<usize>()
    };
    assert_eq!(count(&["--recall"]) as u64, found(&["--recall"]));
    for (more, expected) in [
        (&["--recall", "--threshold", "0.5"][..], "cannot be used with"),
        (&["--recall", "--aggregate", "mean"], "cannot be used with"),
        (&["--recall", "--decode", "argmax"], "recall: expected decoding by constrained"),
    ] {
        let (_, _, stderr) = run(&[&["predict", "--model", model, DEV], more].concat());
        assert!(stderr.contains(expected), "{stderr}");
    }
    for (recall, expected) in [
        ("PER=0.9", "recall of PER: expected a type of the model, found PER"),
        ("1", "recall: expected a recall above 0 and below 1, found 1"),
        ("0.999", "recall: expected at least "),
        ("2", "expected a number from 0 to 1, found 2"),
    ] {
        let (code, _, stderr) =
            run(&["calibrate", "--model", model, "--dry-run", "--recall", recall, DEV]);
        assert_ne!(code, Some(0));
        assert!(stderr.contains(expected), "{stderr}");
    }
    // Redaction keeps the promise, and says so.
    let (code, _, stderr) = run(&["redact", "--model", model, DEV]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("note: promised recall on texts like"), "{stderr}");
}

#[test]
fn texts_are_redacted_by_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let model = &postings_model();
    let [out, map] = ["out.txt", "map.jsonl"].map(|name| folder.path().join(name));
    let [out, map] = [&out, &map].map(|path| path.to_str().unwrap());
    let (code, _, stderr) =
        run(&["redact", "--model", model, TEXTS, "-o", out, "--span-map", map, "--keep-text"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("warning: the model promises no recall"), "{stderr}");
    let before = fs::read_to_string(fixtures().join(TEXTS)).unwrap();
    let after = fs::read_to_string(out).unwrap();
    assert_eq!(before.lines().count(), after.lines().count());
    let (_, predicted, _) = run(&["predict", "--model", model, TEXTS]);
    let predicted = lines(&predicted);
    let map = lines(&fs::read_to_string(map).unwrap());
    let entities: Vec<(usize, &Value)> = predicted
        .iter()
        .enumerate()
        .flat_map(|(number, line)| {
            line["entities"].as_array().unwrap().iter().map(move |own| (number, own))
        })
        .collect();
    assert_eq!(map.len(), entities.len());
    for (own, (document, entity)) in map.iter().zip(entities) {
        assert_eq!(own["document"], document);
        for key in ["start", "end", "label", "text"] {
            assert_eq!(own[key], entity[key], "{own}");
        }
        let line = after.lines().nth(document).unwrap();
        let [start, end] = ["new_start", "new_end"].map(|key| own[key].as_u64().unwrap() as usize);
        let there: String = line.chars().skip(start).take(end - start).collect();
        assert!(there.starts_with(&format!("[{}_", own["label"].as_str().unwrap())), "{there}");
    }
    let (code, _, stderr) = run(&["redact", "--model", model, "--types", "PER", TEXTS]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("--types: expected a type of the model, found PER"), "{stderr}");
}

#[test]
fn annotated_corpora_need_no_model() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus.jsonl");
    // The second span starts within a word; the last two overlap.
    let line = |id: &str, text: &str, spans: &str| {
        format!("{{\"id\":\"{id}\",\"text\":\"{text}\",\"spans\":[{spans}]}}\n")
    };
    let span = |start: usize, end: usize, label: &str| {
        format!("{{\"start\":{start},\"end\":{end},\"label\":\"{label}\"}}")
    };
    let spans = [span(0, 3, "PER"), span(11, 14, "LOC")].join(",");
    let nested = [span(0, 15, "ORG"), span(0, 7, "LOC")].join(",");
    let texts = line("a", "Zoë saw NewRome. Zoë left.", &spans)
        + &line("b", "London Zoo Club met Zoë.", &nested);
    fs::write(&corpus, texts).unwrap();
    let corpus = corpus.to_str().unwrap();
    for (more, expected) in [
        (&[][..], ["[PER_1] saw New[LOC_1]e. Zoë left.", "[ORG_1] met Zoë."]),
        (&["--with", "bar"], ["███ saw New███e. Zoë left.", "███████████████ met Zoë."]),
        (&["--types", "PER"], ["[PER_1] saw NewRome. Zoë left.", "London Zoo Club met Zoë."]),
    ] {
        let (code, stdout, stderr) = run(&[&["redact", "--gold", corpus], more].concat());
        assert_eq!(code, Some(0), "{stderr}");
        let lines = lines(&stdout);
        let texts: Vec<&str> = lines.iter().map(|line| line["text"].as_str().unwrap()).collect();
        assert_eq!(texts, expected);
        assert_eq!((&lines[0]["id"], &lines[1]["id"]), (&"a".into(), &"b".into()));
    }
    // The map has no text unless it is asked for.
    let map = folder.path().join("map.jsonl");
    let map_path = map.to_str().unwrap();
    let (code, _, stderr) = run(&["redact", "--gold", corpus, "--span-map", map_path]);
    assert_eq!(code, Some(0), "{stderr}");
    let shared = fs::read_to_string(&map).unwrap();
    assert_eq!(
        shared.lines().next(),
        Some(
            r#"{"document":0,"id":"a","label":"PER","start":0,"end":3,"new_start":0,"new_end":7}"#
        )
    );
    assert!(!shared.contains("Zo"), "{shared}");
    // Surrogates of a list and of the corpus itself, the same each time.
    let list = folder.path().join("names.tsv");
    fs::write(&list, "PER\tAnn\nLOC\tOslo\nORG\tA\n").unwrap();
    let arguments =
        ["redact", "--gold", corpus, "--with", "surrogate", "--surrogates", list.to_str().unwrap()];
    let (_, stdout, stderr) = run(&arguments);
    assert!(stdout.contains("\"Ann saw NewOsloe. Zoë left.\""), "{stdout} {stderr}");
    let own = ["redact", "--gold", DEV, "--with", "surrogate", "--seed", "3"];
    let (code, stdout, stderr) = run(&own);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stdout, run(&own).1);
    assert_ne!(stdout, run(&[&own[..6], &["4"]].concat()).1);
    for (arguments, expected) in [
        (vec!["redact", corpus], "--model"),
        (
            vec!["redact", "--gold", corpus, "-o", corpus],
            "expected an output apart from the inputs",
        ),
        (
            vec!["redact", "--gold", corpus, "-o", "x.conll"],
            "-o: expected a name that ends in .jsonl",
        ),
        (vec!["redact", "--gold", corpus, "--keep-text"], "--span-map"),
        (
            vec!["redact", "--gold", corpus, "--with", "surrogate"],
            "a text of the type PER that is not",
        ),
    ] {
        let (code, _, stderr) = run(&arguments);
        assert_ne!(code, Some(0), "{arguments:?}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
}
