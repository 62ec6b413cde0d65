//! `ner-align score` as a script sees it.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;
#[path = "../../../tests/published/mod.rs"]
mod published;

use std::fs;
use std::path::Path;
use std::process::Command;

use program::{run, run_on, text};
use published::data;

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
    write("blank.tsv", "\n\n \n");
    fs::write(folder.path().join("utf8.tsv"), b"Ada\tB-PER\nL\xff\tO\n").unwrap();
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
        (vec!["score", "gold.tsv", "one.tsv"], 1, vec!["one.tsv:2"]),
        (vec!["score", "gold.tsv", "binary.tsv"], 1, vec!["binary.tsv"]),
        (vec!["score", "gold.tsv", "pred.tsv", "--map", "LOC"], 2, vec!["LOC"]),
        (vec!["score", "gold.tsv", "pred.tsv", "--from", "nonsense"], 2, vec!["nonsense"]),
        (vec!["score", "gold.tsv", "blank.tsv"], 1, vec!["blank.tsv"]),
        (vec!["score", "blank.tsv", "blank.tsv"], 1, vec!["blank.tsv"]),
        (vec!["score", "gold.tsv", "."], 1, vec!["."]),
        (vec!["score", "gold.tsv", "utf8.tsv"], 1, vec!["utf8.tsv:2"]),
        (vec!["score", "gold.tsv", "pred.tsv", "--versus", "short.tsv"], 1, vec!["gold.tsv:6"]),
        (vec!["score", "gold.tsv", "pred.tsv", "--train", "none.tsv"], 1, vec!["none.tsv"]),
        (vec!["score", "gold.tsv", "pred.tsv", "--bootstrap", "0"], 2, vec!["--bootstrap", "0"]),
        (
            vec!["score", "gold.tsv", "pred.tsv", "--bootstrap", "99999999999"],
            2,
            vec!["--bootstrap", "10000000"],
        ),
        (vec!["score", "gold.tsv", "pred.tsv", "--bootstrap=-1"], 2, vec!["-1"]),
        (vec!["score", "gold.tsv", "pred.tsv", "--min-overlap", "2"], 2, vec!["--min-overlap"]),
        (vec!["score", "gold.tsv", "pred.tsv", "--min-overlap", "NaN"], 2, vec!["--min-overlap"]),
        (vec!["score", "gold.tsv", "pred.tsv", "--beta", "0"], 2, vec!["--beta"]),
        (vec!["score", "gold.tsv", "pred.tsv", "--compat", "nltk"], 2, vec!["nltk"]),
        (vec!["score", "gold.tsv", "pred.tsv", "--scheme", "iob9"], 2, vec!["iob9"]),
        (vec!["score", "gold.tsv", "pred.tsv", "--fail-under", "strict=NaN"], 2, vec!["NaN"]),
        (vec!["score", "gold.tsv", "pred.tsv", "--fail-under", "strict=x"], 2, vec!["strict=x"]),
        (vec!["score", "gold.tsv", "pred.tsv", "--fail-under", "=1"], 2, vec!["measure"]),
        (vec!["score", "gold.tsv", "pred.tsv", "--fail-under", "strict.ORG=0"], 2, vec!["ORG"]),
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

/// No score of a JSON document is missing without a reason beside it or its row, and none is text.
fn check_json(value: &serde_json::Value, explained: bool) {
    match value {
        serde_json::Value::Object(fields) => {
            let reasons = fields.get("undefined").and_then(|reasons| reasons.as_object());
            for (name, value) in fields {
                let explained = explained || reasons.is_some_and(|r| r.contains_key(name));
                let scored = ["precision", "recall", "f1", "token_accuracy", "accuracy"];
                if value.is_null() && scored.contains(&name.as_str()) {
                    assert!(explained, "{name}: {fields:?}");
                }
                check_json(value, explained);
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|v| check_json(v, explained)),
        serde_json::Value::String(text) => {
            assert!(!["NaN", "inf", "-inf"].contains(&text.as_str()), "{text}");
        }
        _ => {}
    }
}

const TOOLS: [&str; 5] = ["seqeval", "seqeval-strict", "conlleval", "nervaluate", "spacy"];

fn json(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    let json = serde_json::from_slice(&output.stdout).unwrap();
    check_json(&json, false);
    json
}

#[test]
fn the_keys_are_those_of_the_contract() {
    let folder = folder();
    let mut arguments = vec!["score", "gold.tsv", "pred.tsv", "--json", "--bootstrap", "50"];
    TOOLS.iter().for_each(|tool| arguments.extend(["--compat", tool]));
    let json = json(folder.path(), &arguments);
    for key in [
        "documents",
        "sentences",
        "tokens",
        "gold_entities",
        "predicted_entities",
        "token_accuracy",
        "scores",
        "confusion",
        "entity_confusion",
        "errors",
        "compat",
    ] {
        assert!(!json[key].is_null(), "{key}");
    }
    for measure in ["strict", "exact", "partial", "type", "relaxed"] {
        let averages = &json["scores"][measure];
        let rows = ["micro", "macro", "weighted"].map(|name| &averages[name]);
        for row in rows.into_iter().chain([&averages["per_type"]["PER"]]) {
            let row = row.as_object().unwrap();
            let mut keys = vec!["precision", "recall", "f1", "support", "predicted", "correct"];
            if measure != "relaxed" {
                keys.extend(["incorrect", "partial", "missed", "spurious", "actual", "possible"]);
            }
            assert!(keys.iter().all(|key| row.contains_key(*key)), "{measure}: {row:?}");
        }
    }
    for key in ["boundary", "type", "boundary_and_type", "missed", "spurious", "merged", "split"] {
        assert!(json["errors"][key].is_u64(), "{key}");
    }
    let compat = &json["compat"];
    for tool in ["seqeval", "seqeval-strict"] {
        assert_eq!(compat[tool]["per_type"]["PER"]["support"], 1);
        assert!(compat[tool]["accuracy"].is_f64() && compat[tool]["weighted"].is_object());
    }
    assert_eq!(compat["conlleval"]["precision"], 50.0);
    assert_eq!(compat["nervaluate"]["overall"]["ent_type"]["possible"], 3);
    assert_eq!(compat["spacy"]["ents_p"], 0.5);
    assert_eq!(json["bootstrap"]["resamples"], 50);
}

#[test]
fn nothing_to_score_has_no_nan_and_says_why() {
    let folder = folder();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("outside.tsv", "a\tO\nb\tO\n");
    write("missing.tsv", "a\t-\nb\t-\n");
    write("some.tsv", "a\tB-X\nb\tO\n");
    for (gold, predicted) in [
        ("outside.tsv", "outside.tsv"),
        ("outside.tsv", "some.tsv"),
        ("some.tsv", "outside.tsv"),
        ("missing.tsv", "some.tsv"),
        ("some.tsv", "missing.tsv"),
        ("missing.tsv", "missing.tsv"),
    ] {
        let mut arguments = vec!["score", gold, predicted, "--json", "--bootstrap", "20"];
        arguments.extend(["--versus", "outside.tsv", "--train", "some.tsv", "--errors"]);
        TOOLS.iter().for_each(|tool| arguments.extend(["--compat", tool]));
        let json = json(folder.path(), &arguments);
        assert_eq!(json["sentences"], 1, "{gold} {predicted}");
        for tool in TOOLS.iter().filter(|tool| json["compat"][**tool].is_null()) {
            assert!(json["undefined"][format!("compat.{tool}")].is_string(), "{gold} {tool}");
        }
        let output = run(folder.path(), &["score", gold, predicted, "--fail-under", "strict=0"]);
        let defined = json["scores"]["strict"]["micro"]["f1"].is_number();
        assert_eq!(output.status.code(), Some(i32::from(!defined)), "{}", text(&output.stderr));
    }
}

/// Where a file's tags are no tags, the tools see what the file says, not what was made of it.
#[test]
fn other_tools_read_the_tags_as_they_are_spelled() {
    let folder = folder();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("gold.tsv", "In\tO\nMay\tTIM\nAda\tB-PER\n\nBob\tB-\n");
    write("pred.tsv", "In\tO\nMay\tB-TIM\nAda\tB-PER\n\nBob\tB-\n");
    let mut arguments = vec!["score", "gold.tsv", "pred.tsv", "--json"];
    TOOLS.iter().for_each(|tool| arguments.extend(["--compat", tool]));
    let json = json(folder.path(), &arguments);
    let compat = &json["compat"];
    // seqeval cuts the first letter off TIM; conlleval takes B- for a chunk without type, TIM not.
    assert_eq!(compat["seqeval"]["per_type"]["IM"]["support"], 1);
    assert_eq!(compat["seqeval"]["per_type"]["TIM"]["support"], 0);
    assert_eq!(compat["seqeval"]["per_type"]["_"]["support"], 1);
    assert_eq!(compat["conlleval"]["per_type"][""]["phrases"], 1);
    assert_eq!(json["compat_quirks"]["seqeval"][0]["code"], "no-prefix-is-a-type");
    for tool in TOOLS.iter().filter(|tool| compat[**tool].is_null()) {
        let reason = json["undefined"][format!("compat.{tool}")].as_str().unwrap();
        assert!(reason.contains("word"), "{tool}: {reason}");
    }
    assert!(compat["spacy"].is_null() && compat["seqeval-strict"].is_null());
}

#[test]
fn standard_input_holds_one_corpus_or_both_columns() {
    let folder = folder();
    let with_input = |arguments: &[&str], input: &[u8]| run_on(folder.path(), arguments, input);
    let both = fs::read(folder.path().join("both.txt")).unwrap();
    let output = with_input(&["score", "--columns", "-", "--json"], &both);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["scores"]["strict"]["micro"]["f1"], 0.5);
    let gold = fs::read(folder.path().join("gold.tsv")).unwrap();
    let output = with_input(&["score", "-", "pred.tsv"], &gold);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let output = with_input(&["score", "-", "-"], &gold);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
}

#[test]
fn pages_and_pictures_appear_whole() {
    let folder = folder();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let label = "<script>alert(1)</script>&\"'";
    write("gold.tsv", &format!("<b>Ada</b>\tB-{label}\nin\tO\nOslo\tB-LOC\n"));
    write("pred.tsv", &format!("<b>Ada</b>\tB-{label}\nin\tO\nOslo\tB-{label}\n"));
    let arguments = ["score", "gold.tsv", "pred.tsv", "--bootstrap", "50", "--versus", "gold.tsv"];
    let output = run(
        folder.path(),
        &[&arguments[..], &["--html", "r.html", "--confusion", "c.svg", "--train", "gold.tsv"]]
            .concat(),
    );
    assert!(output.status.success(), "{}", text(&output.stderr));
    let page = fs::read_to_string(folder.path().join("r.html")).unwrap();
    for part in
        ["pred.tsv against gold.tsv", "second system", "By what training had", "class=\"scale\""]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<script>alert") && !page.contains("<b>Ada"), "{page}");
    assert_eq!(page.matches("<script>").count(), 1);
    let svg = fs::read_to_string(folder.path().join("c.svg")).unwrap();
    assert!(svg.starts_with("<svg") && !svg.contains("<script"));
    let output =
        run(folder.path(), &["score", "gold.tsv", "pred.tsv", "--confusion", "c.PNG", "--tags"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(fs::read(folder.path().join("c.PNG")).unwrap().starts_with(b"\x89PNG"));

    fs::create_dir(folder.path().join("d.html")).unwrap();
    for (arguments, status) in [
        (["--html", "none/r.html"], 3),
        (["--html", "d.html"], 3),
        (["--confusion", "c.jpg"], 2),
        (["--confusion", "c"], 2),
    ] {
        let output =
            run(folder.path(), &[&["score", "gold.tsv", "pred.tsv"], &arguments[..]].concat());
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {error}");
        assert!(error.starts_with("error: ") && error.contains(arguments[1]), "{error}");
    }
}

#[test]
fn errors_are_listed_with_their_places() {
    let folder = folder();
    let output = run(folder.path(), &["score", "gold.tsv", "pred.tsv", "--errors"]);
    let listed = text(&output.stdout);
    for line in [
        "gold.tsv:1: type: gold LOC \"Oslo\" predicted PER \"Oslo\" in: Ada L. in [Oslo]",
        "gold.tsv:6: missed: gold LOC \"Rome\" in: [Rome]",
    ] {
        assert!(listed.lines().any(|found| found == line), "{listed}");
    }
    let json = json(folder.path(), &["score", "gold.tsv", "pred.tsv", "--errors", "--json"]);
    assert_eq!(json["analysis"]["errors"][1]["outcome"], "missed");
    assert_eq!(json["analysis"]["errors"].as_array().unwrap().len(), 2);
}

#[test]
fn entities_are_the_same_in_any_scheme() {
    let folder = folder();
    let at = folder.path();
    for (scheme, file) in [("biluo", "biluo.tsv"), ("ioe2", "ioe2.tsv")] {
        let output =
            run(at, &["convert", "gold.tsv", "-o", file, "--to", "conll", "--scheme", scheme]);
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    for mode in ["lenient", "strict"] {
        for (gold, predicted) in
            [("gold.tsv", "biluo.tsv"), ("biluo.tsv", "gold.tsv"), ("gold.tsv", "ioe2.tsv")]
        {
            let arguments =
                ["score", gold, predicted, "--span-decode", mode, "--versus", predicted];
            let json = json(at, &[&arguments[..], &["--json"]].concat());
            let place = format!("{gold} {predicted} {mode}");
            assert_eq!(json["scores"]["strict"]["micro"]["f1"], 1.0, "{place}");
            assert_eq!(json["token_accuracy"], 1.0, "{place}");
            assert_eq!(json["versus"]["f1"]["second"], 1.0, "{place}");
        }
    }
}

/// The program's published sample: what is printed for it is what conlleval prints.
#[test]
#[ignore = "reads published corpora: set NER_ALIGN_DATA to their folder"]
fn the_conlleval_sample() {
    let folder = data("conlleval");
    let expected = fs::read_to_string(data("conlleval/conlleval-expected.txt")).unwrap();
    let arguments = ["score", "--columns", "ground_truth.txt", "--compat", "conlleval"];
    let printed = text(&run(&folder, &arguments).stdout);
    let expected = expected.trim_end().replace("\r\n", "\n");
    assert!(printed.contains(&expected), "{printed}");
    let output = run(&folder, &[&arguments[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let compat = &json["compat"]["conlleval"];
    assert_eq!((&compat["phrases"], &compat["found"]), (&459.into(), &539.into()));
    assert_eq!(compat["correct"], 371);
    assert_eq!(format!("{:.2}", compat["fb1"].as_f64().unwrap()), "74.35");
    // The same spans, so the same scores of our own.
    assert_eq!(json["scores"]["strict"]["micro"]["correct"], 371);
}

#[test]
fn commands_of_a_program_that_is_not_installed_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let alone = folder.path().join("ner-align");
    fs::copy(env!("CARGO_BIN_EXE_ner-align"), &alone).unwrap();
    // A process that another test starts meanwhile may still hold the copy open for writing.
    let output = loop {
        match Command::new(&alone).args(["train", "--help"]).output() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            output => break output.unwrap(),
        }
    };
    assert_eq!(output.status.code(), Some(3));
    let error = text(&output.stderr);
    assert!(error.contains("ner-align-tch") && error.contains("\nhint: "), "{error}");
}
