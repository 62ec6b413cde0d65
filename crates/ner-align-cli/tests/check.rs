//! `ner-align check` as a script sees it.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::Path;
use std::process::Output;

use program::{fixtures, text};
use serde_json::Value;

fn check(folder: &Path, arguments: &[&str], input: &str) -> Output {
    program::run_on(folder, &[&["check"], arguments].concat(), input)
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {} {}", text(&output.stdout), text(&output.stderr))
    })
}

/// The only finding of a code.
fn only<'a>(report: &'a Value, code: &str) -> &'a Value {
    assert_eq!(report["finding_counts"][code], 1, "{code}: {report:#}");
    report["findings"].as_array().unwrap().iter().find(|f| f["code"] == code).unwrap()
}

const CLEAN: &str = "in\tO\nOslo\tB-LOC\n\nto\tO\nParis\tB-LOC\n\n";

#[test]
fn the_status_says_how_bad_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("clean.conll", CLEAN);
    write("doubtful.conll", "caf\u{c3}\u{a9}\tO\nOslo\tB-LOC\n");
    write("wrong.conll", "in\tB-LOC\n\nin\tO\nOslo\tI-LOC\nnow\tB-LOC\n");
    write("cut.conll", "in\tO\n\nOslo\n");
    for (arguments, status) in [
        (&["clean.conll", "--rare-label", "0"][..], 0),
        (&["clean.conll", "--rare-label", "0", "--strict"], 0),
        (&["clean.conll", "--strict"], 1),
        (&["clean.conll", "--strict", "--ignore", "rare-label"], 0),
        (&["doubtful.conll"], 0),
        (&["doubtful.conll", "--strict", "--rare-label", "0"], 1),
        (&["wrong.conll"], 1),
        (&["wrong.conll", "--from-scheme", "iob1"], 1),
        (&["wrong.conll", "--ignore", "scheme-violation"], 0),
        (&["cut.conll", "clean.conll"], 1),
        (&["none.conll"], 1),
        (&["clean.conll", "--against", "cut.conll"], 1),
        (&["clean.conll", "--json"], 0),
        (&["wrong.conll", "--json"], 1),
        (&[], 2),
        (&["clean.conll", "--from", "conl"], 2),
        (&["clean.conll", "--map", "LOC"], 2),
        (&["clean.conll", "--from-scheme", "bio3"], 2),
        (&["clean.conll", "--near-duplicates", "0"], 2),
        (&["clean.conll", "--max-length", "8"], 2),
        (&["clean.conll", "--tokenizer", "none"], 3),
    ] {
        let output = check(folder.path(), arguments, "");
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {stderr}");
        assert_eq!(stderr.starts_with("error: "), status > 1, "{arguments:?}: {stderr}");
        assert_eq!(output.stdout.is_empty(), status > 1, "{arguments:?}");
    }
}

#[test]
fn json_is_one_document_with_every_place() {
    let folder = tempfile::tempdir().unwrap();
    let input = "in\tO\nOslo\tI-LOC\n\ncaf\u{c3}\u{a9}\tTIM\n";
    let output = check(folder.path(), &["-", "--json", "--from-scheme", "iob2"], input);
    let report = json(&output);
    let finding = only(&report, "scheme-violation");
    let keys: Vec<&String> = finding.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "severity", "code", "path", "line", "column", "document", "sentence", "token", "text",
            "message", "hint"
        ]
    );
    for (key, expected) in [
        ("severity", Value::from("error")),
        ("path", Value::from("-")),
        ("line", Value::from(2)),
        ("column", Value::Null),
        ("document", Value::from(0)),
        ("sentence", Value::from(0)),
        ("token", Value::from(1)),
        ("text", Value::from("Oslo")),
    ] {
        assert_eq!(finding[key], expected, "{key}");
    }
    assert_eq!(only(&report, "tag-without-prefix")["column"], 2);
    assert_eq!(only(&report, "mojibake")["line"], 4);
    let statistics = &report["statistics"];
    for (key, expected) in [("documents", 2), ("sentences", 2), ("tokens", 3), ("entities", 2)] {
        assert_eq!(statistics[key], expected, "{key}");
        assert_eq!(statistics["files"][0][key], expected, "{key}");
    }
    assert_eq!(statistics["entities_by_label"]["TIM"], 1);
    assert_eq!(statistics["sentence_lengths"]["max"], 2);
    assert_eq!(statistics["against"], Value::Null);

    // Labels are mapped and dropped first.
    let output = check(folder.path(), &["-", "--json", "--map", "TIM=X", "--drop", "LOC"], input);
    assert_eq!(json(&output)["statistics"]["entities_by_label"], serde_json::json!({"X": 1}));
}

#[test]
fn a_person_reads_kinds_with_their_first_places() {
    let folder = tempfile::tempdir().unwrap();
    let words: String = (0..8).map(|number| format!("w{number}\u{200b}\tO\n")).collect();
    let input = format!("{words}Oslo\tB-LOC\n");
    let output = check(folder.path(), &["-"], &input);
    let shown = text(&output.stdout);
    for part in [
        "documents  sentences  tokens  entities",
        "LOC           1  100.0 %",
        "  zero-width ×8\n    -:1: expected visible characters, found the zero-width character U+200B",
        "\"w0\\u{200b}\"",
        "    and 3 more\n",
        "    hint: remove it",
        "\n0 errors, 9 warnings, 1 note\n",
    ] {
        assert!(shown.contains(part), "{part:?} in\n{shown}");
    }
    assert!(!shown.contains('\u{1b}'), "colours belong on a terminal");
    assert!(!shown.contains('\u{200b}'), "what is invisible is written out");
    let all = text(&check(folder.path(), &["-", "--all"], &input).stdout);
    assert!(all.contains("-:8: expected visible") && !all.contains("more\n"), "{all}");
}

#[test]
fn parts_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let sentence = "she\tO\nwent\tO\nto\tO\nsee\tO\nOslo\tB-LOC\n\n";
    write("train.conll", &format!("{sentence}{CLEAN}"));
    write("dev.conll", &format!("{sentence}EU\tB-ORG\n"));
    write("test.conll", "Rome\tB-LOC\n");
    let arguments = ["train.conll", "--against", "dev.conll", "test.conll", "--json"];
    let output = check(folder.path(), &arguments, "");
    assert_eq!(output.status.code(), Some(0));
    let report = json(&output);
    let leaked = only(&report, "leaked-sentence");
    assert_eq!((&leaked["path"], &leaked["line"]), (&"train.conll".into(), &1.into()));
    assert!(leaked["message"].as_str().unwrap().contains("dev.conll:1"));
    assert_eq!(only(&report, "label-not-in-inputs")["text"], "ORG");
    let statistics = &report["statistics"];
    assert_eq!(statistics["against"]["entities"], 3);
    assert_eq!(statistics["overlap"]["sentences"], 1);
    // Oslo twice of three, and once of three.
    assert_eq!(statistics["overlap"]["entities"], 2.0 / 3.0);
    assert_eq!(statistics["overlap"]["entities_of_against"], 1.0 / 3.0);
    assert_eq!(statistics["files"].as_array().unwrap().len(), 3);
    assert_eq!(statistics["files"][1]["against"], true);
}

#[test]
fn a_tokenizer_says_what_the_model_will_see() {
    let tokenizer = fixtures().join("tiny-bert");
    let tokenizer = tokenizer.to_str().unwrap();
    let input = "Crème\tB-X\n\u{200b}\tO\nNurse\tO\nسلام\tO\nسلام\tO\n";
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["-", "--json", "--tokenizer", tokenizer, "--max-length", "8"];
    let report = json(&check(folder.path(), &arguments, input));
    for (code, severity, line, part) in [
        ("word-without-subtokens", "warning", 2, "\"\\u{200b}\" (×1), found none"),
        ("unknown-subtoken", "warning", 4, "\"سلام\" (×2), found the unknown one"),
        ("normalizer-drops-case", "info", 3, "\"Nurse\" to \"nurse\""),
        ("normalizer-drops-accents", "info", 1, "\"Crème\" to \"creme\""),
        ("long-for-model", "warning", 1, "up to 8 positions"),
    ] {
        let finding = only(&report, code);
        assert_eq!((&finding["severity"], &finding["line"]), (&severity.into(), &line.into()));
        let message = finding["message"].as_str().unwrap();
        assert!(message.contains(part), "{code}: {message}");
    }
    let statistics = &report["statistics"]["tokenizer"];
    for (key, expected) in [
        ("max_length", Value::from(8)),
        ("sentences_over_max_length", Value::from(1)),
        ("share_over_max_length", Value::from(1.0)),
        ("unknown_words", Value::from(2)),
        ("words_without_subtokens", Value::from(1)),
    ] {
        assert_eq!(statistics[key], expected, "{key}: {statistics}");
    }
    let shown = text(&check(folder.path(), &arguments[..1], input).stdout);
    assert!(!shown.contains("subtokens in a sentence"));
}

#[test]
fn the_corpus_of_the_demo_is_sound() {
    let arguments = ["postings/postings-train.tsv", "--against", "postings/postings-dev.tsv"];
    let output = check(&fixtures(), &arguments, "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}
