//! `ner-align split` as a script sees it.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    program::run(folder, &[&["split"], arguments].concat())
}

/// A folder with twenty documents of one sentence, of which the last two are the same.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut columns = String::new();
    for document in 0..20 {
        let name = document.min(18);
        let label = if document % 2 == 0 { "PER" } else { "LOC" };
        columns.push_str(&format!("Word{name}\tB-{label}\nsaid{name}\tO\nso{name}\tO\n\n"));
    }
    fs::write(folder.path().join("all.conll"), columns).unwrap();
    folder
}

/// The first words of a part, in its order.
fn words(folder: &Path, part: &str) -> Vec<String> {
    let text = fs::read_to_string(folder.join(part)).unwrap();
    text.lines().filter_map(|line| Some(line.split_once("\tB-")?.0.to_owned())).collect()
}

#[test]
fn the_parts_are_the_corpus_and_the_seed_says_which() {
    let folder = folder();
    let part = |name: &str, part: &str| words(folder.path(), &format!("{name}/{part}.conll"));
    for (name, seed) in [("a", "7"), ("b", "7"), ("c", "8")] {
        let arguments = ["all.conll", "-o", name, "--ratio", "8:1:1", "--seed", seed, "--stratify"];
        let output = run(folder.path(), &arguments);
        assert!(output.status.success(), "{output:?}");
        assert!(output.stdout.is_empty());
        let mut all = [part(name, "train"), part(name, "dev"), part(name, "test")].concat();
        assert_eq!(all.len(), 20);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 19);
        // The two that are the same lie on one side.
        let holders = ["train", "dev", "test"]
            .into_iter()
            .filter(|side| part(name, side).contains(&"Word18".to_owned()));
        assert_eq!(holders.count(), 1);
    }
    assert_eq!(part("a", "test"), part("b", "test"));
    assert_ne!(part("a", "train"), part("c", "train"));
}

#[test]
fn folds_test_every_document_once() {
    let folder = folder();
    let arguments = ["all.conll", "-o", "folds", "--folds", "4", "--ignore-duplicates", "--json"];
    let output = run(folder.path(), &arguments);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["units"], 20);
    assert_eq!(json["parts"].as_array().unwrap().len(), 8);
    assert_eq!(json["parts"][1]["name"], "fold-1/test");
    assert_eq!(json["parts"][1]["documents"], 5);
    let mut tested: Vec<String> = (1..=4)
        .flat_map(|fold| words(folder.path(), &format!("folds/fold-{fold}/test.conll")))
        .collect();
    tested.sort();
    assert_eq!(tested.len(), 20);
    assert_eq!(words(folder.path(), "folds/fold-2/train.conll").len(), 15);
}

#[test]
fn no_part_of_an_earlier_split_stays_beside_the_new_ones() {
    let three = ["--ratio", "8:1:1"];
    let two = ["--ratio", "9:1"];
    let folds = ["--folds", "3"];
    for (first, second, stale) in [
        (&three[..], &two[..], Some("found dev.conll")),
        (&["--ratio", "1:1:1:1"], &two, Some("found part-1.conll and 3 more")),
        (&folds, &two, Some("found fold-1/test.conll and 5 more")),
        (&folds, &["--folds", "2"], Some("found fold-3/test.conll and 1 more")),
        (&two, &folds, Some("found test.conll and 1 more")),
        (&two, &["--ratio", "9:1", "--to", "docbin"], Some("found test.conll and 1 more")),
        (&["--ratio", "9:1", "--to", "brat"], &two, Some("found test and 1 more")),
        (&two, &two, None),
        (&two, &three, None),
        (&folds, &folds, None),
    ] {
        let folder = folder();
        let split = |how: &[&str]| {
            run(folder.path(), &[&["all.conll", "-o", "x", "--ignore-duplicates"], how].concat())
        };
        assert!(split(first).status.success());
        fs::write(folder.path().join("x/notes.conll"), "").unwrap();
        let done = split(second);
        let stderr = String::from_utf8(done.stderr).unwrap();
        let code = if stale.is_some() { 2 } else { 0 };
        assert_eq!(done.status.code(), Some(code), "{first:?} {second:?}: {stderr}");
        assert!(stderr.contains(stale.unwrap_or_default()), "{first:?} {second:?}: {stderr}");
    }
}

#[test]
fn what_cannot_be_is_one_line() {
    let folder = folder();
    fs::write(folder.path().join("file"), "").unwrap();
    fs::write(folder.path().join("o.jsonl"), r#"{"text": "a", "spans": []}"#).unwrap();
    for (arguments, code, said) in [
        (&["all.conll", "-o", "x"][..], 2, "--ratio"),
        (&["all.conll", "-o", "x", "--ratio", "8:0"], 2, "8:0"),
        (&["all.conll", "-o", "x", "--ratio", "8:1:1", "--folds", "3"], 2, "cannot be used with"),
        (&["all.conll", "-o", "x", "--folds", "1"], 2, "1"),
        (&["all.conll", "-o", "x", "--folds", "21"], 1, "21"),
        (&["all.conll", "-o", "-", "--folds", "2"], 2, "expected a folder"),
        (&["all.conll", "o.jsonl", "-o", "x", "--folds", "2"], 2, "hint: name the one"),
        (&["all.conll", "-o", "x", "--folds", "2", "--near-duplicates", "0"], 2, "--ignore-dup"),
        (&["none.conll", "-o", "x", "--folds", "2"], 1, "none.conll"),
        (&["all.conll", "-o", "file", "--folds", "2"], 3, "file"),
    ] {
        let output = run(folder.path(), arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
        assert!(!folder.path().join("x").exists(), "{arguments:?}");
    }
}
