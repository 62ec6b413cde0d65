//! `ner-align doubt` as a script sees it.
#![cfg(feature = "tch")]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::Path;
use std::process::Output;

use program::{fixtures, text};
use serde_json::{Value, json};

const CORPUS: &str = "postings/postings-train.tsv";

fn doubt(more: &[&str]) -> Output {
    let how = ["--model", "tiny-bert", "--folds", "2", "--recipe", "trainer"];
    let fast = ["--set", "epochs=4", "--set", "learning_rate=0.005", "--set", "batch_size=8"];
    program::run(&fixtures(), &[&["doubt", CORPUS], &how[..], &fast, more].concat())
}

fn apply(reviews: &Path, output: &Path) -> Output {
    let [reviews, output] = [reviews, output].map(|path| path.to_str().unwrap());
    program::run(&fixtures(), &["doubt", CORPUS, "--apply", reviews, "-o", output])
}

/// The reviews of a file, changed, and written back.
fn decide(path: &Path, change: impl Fn(usize, &mut Value)) {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().enumerate().map(|(number, line)| {
        let mut review: Value = serde_json::from_str(line).unwrap();
        change(number, &mut review);
        format!("{review}\n")
    });
    let lines: String = lines.collect();
    fs::write(path, lines).unwrap();
}

#[test]
fn doubts_are_listed_shown_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let [reviews, said, page, corrected] =
        ["doubts.jsonl", "said.jsonl", "page.html", "corrected.conll"].map(at);
    let [reviews_, said_, page_] = [&reviews, &said, &page].map(|path| path.to_str().unwrap());
    let more = ["-o", reviews_, "--probabilities", said_, "--html", page_, "--top", "5"];
    let output = doubt(&[&more[..], &["--json"]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["trainings"], 2);
    let lines = fs::read_to_string(&reviews).unwrap();
    assert_eq!(report["doubts"], lines.lines().count());
    let top = report["top"].as_array().unwrap();
    assert_eq!(top.len(), 5);
    // The place is that of the words in the file.
    let words: Vec<String> =
        fs::read_to_string(fixtures().join(CORPUS)).unwrap().lines().map(str::to_owned).collect();
    for doubt in top {
        let (path, line) = doubt["place"].as_str().unwrap().rsplit_once(':').unwrap();
        assert_eq!(path, CORPUS);
        let own = [&doubt["gold"], &doubt["suggestion"]].into_iter().find(|own| !own.is_null());
        let first = own.unwrap()["text"].as_str().unwrap().split(' ').next().unwrap();
        let word = words[line.parse::<usize>().unwrap() - 1].split('\t').next().unwrap();
        assert_eq!(word, first);
    }
    let of = |doubt: &Value, key: &str| doubt[key].as_f64().unwrap();
    let margin = |doubt| of(doubt, "suggestion_probability") - of(doubt, "gold_probability");
    let margins: Vec<f64> = top.iter().map(margin).collect();
    assert!(margins.iter().all(|margin| *margin > 0.0), "{margins:?}");
    let page = fs::read_to_string(&page).unwrap();
    assert!(page.contains("Doubtful labels") && page.contains("sentence "), "{page}");
    for line in fs::read_to_string(&said).unwrap().lines() {
        let own: Value = serde_json::from_str(line).unwrap();
        let rows = own["probabilities"].as_array().unwrap();
        assert_eq!(rows.len(), own["words"].as_array().unwrap().len());
        for row in rows {
            let sum: f64 =
                row.as_array().unwrap().iter().map(|share| share.as_f64().unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-4, "{sum}");
        }
    }

    // Without a decision nothing changes; an accepted suggestion does, and only that.
    let output = apply(&reviews, &corrected);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("0 of "), "{}", text(&output.stdout));
    let same = program::run(&fixtures(), &["score", CORPUS, corrected.to_str().unwrap(), "--json"]);
    let f1 = |output: &Output| {
        let scores: Value = serde_json::from_slice(&output.stdout).unwrap();
        scores["scores"]["strict"]["micro"]["f1"].as_f64().unwrap()
    };
    assert_eq!(f1(&same), 1.0);
    decide(&reviews, |number, own| own["decision"] = json!(["accept", "reject"][number.min(1)]));
    fs::remove_file(&corrected).unwrap();
    let output = apply(&reviews, &corrected);
    assert!(text(&output.stdout).starts_with("1 of "), "{}", text(&output.stderr));
    let other =
        program::run(&fixtures(), &["score", CORPUS, corrected.to_str().unwrap(), "--json"]);
    assert!(f1(&other) < 1.0);

    // A review that does not fit says where, and nothing is written.
    for (change, expected) in [
        (json!({"first": 0, "end": 99_999, "label": "X", "text": "x"}), "review 1: expected words"),
        (json!({"first": 0, "end": 1, "label": "X", "text": "no"}), "the words \"no\""),
    ] {
        decide(&reviews, |number, own| {
            if number == 0 {
                own["suggestion"] = change.clone();
            }
        });
        let missing = at("missing.conll");
        let output = apply(&reviews, &missing);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains(expected), "{}", text(&output.stderr));
        assert!(!missing.exists());
    }
    fs::write(&reviews, "{\"document\": 0}\n").unwrap();
    let output = apply(&reviews, &at("missing.conll"));
    assert!(text(&output.stderr).contains("doubts.jsonl:1: expected"), "{}", text(&output.stderr));
}

#[test]
fn what_cannot_be_doubted_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let bare = folder.path().join("bare.conll");
    fs::write(&bare, "Ada\tO\nwrote\tO\n\n").unwrap();
    let bare = bare.to_str().unwrap();
    let folder = folder.path().to_str().unwrap();
    for (arguments, expected) in [
        (&["doubt", CORPUS, "--model", "tiny-bert", "--folds", "1"][..], "two or more folds"),
        (&["doubt", CORPUS, "--model", "tiny-bert", "--runs", "0"], "runs: expected 1 or more"),
        (&["doubt", bare, "--model", "tiny-bert"], "at least one entity"),
        (&["doubt", CORPUS, "--apply", bare], "expected -o"),
        (&["doubt", CORPUS], "--model"),
        (&["doubt", CORPUS, "--model", "none", "--html", folder], "expected a writable file"),
    ] {
        let output = program::run(&fixtures(), arguments);
        assert!(!output.status.success());
        let said = text(&output.stderr);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}
