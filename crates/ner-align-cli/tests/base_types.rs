//! Types that a fine-tuned model keeps when others are added, as a script sees it.
#![cfg(feature = "tch")]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use program::{fixtures, postings_model, text};
use serde_json::Value;

/// A part of the postings in which only words that begin with a capital are marked, as TITLE.
fn titles(folder: &Path, part: &str) -> String {
    let corpus =
        fs::read_to_string(fixtures().join(format!("postings/postings-{part}.tsv"))).unwrap();
    let line = |line: &str| match line.split('\t').next() {
        Some(word) if line.contains('\t') => {
            let tag = if word.starts_with(char::is_uppercase) { "B-TITLE" } else { "O" };
            format!("{word}\t{tag}\n")
        }
        _ => "\n".to_owned(),
    };
    let path = folder.join(format!("titles-{part}.conll"));
    fs::write(&path, corpus.lines().map(line).collect::<String>()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn train(
    folder: &Path,
    model: &str,
    corpora: &[&str],
    more: &[&str],
) -> (Output, BTreeSet<String>) {
    let out = folder.join("out");
    let dev = titles(folder, "dev");
    let mut arguments = vec!["train", "--model", model, "--dev", &dev, "--overwrite"];
    arguments.extend([
        "-o",
        out.to_str().unwrap(),
        "--set",
        "epochs=2",
        "--set",
        "learning_rate=0.002",
    ]);
    corpora.iter().for_each(|corpus| arguments.extend(["--train", corpus]));
    arguments.extend(more);
    let output = program::run(&fixtures(), &arguments);
    let config = fs::read_to_string(out.join("model-best/config.json")).unwrap_or("{}".to_owned());
    let config: Value = serde_json::from_str(&config).unwrap();
    let names = config["id2label"].as_object().into_iter().flatten();
    let types = names.filter_map(|(_, name)| Some(name.as_str()?.split_once('-')?.1.to_owned()));
    (output, types.collect())
}

#[test]
fn types_that_new_data_lack_are_kept_or_dropped() {
    let (model, folder) = (postings_model(), tempfile::tempdir().unwrap());
    let corpus = titles(folder.path(), "train");
    let old = ["DIPLOMA", "DIPLOMA_MAJOR", "EXPERIENCE", "SKILLS"];
    let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();

    let (output, types) = train(folder.path(), &model, &[&corpus], &[]);
    let said = text(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("the model also finds DIPLOMA"), "{said}");
    assert_eq!(types, of(&[&old[..], &["TITLE"]].concat()));
    // What dev does not mark is not counted as wrong.
    let metrics = fs::read_to_string(folder.path().join("out/metrics.jsonl")).unwrap();
    let scores: Vec<Value> =
        metrics.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let spurious =
        scores.iter().rev().find_map(|row| row.pointer("/scores/strict/per_type")).unwrap();
    assert_eq!(spurious.as_object().unwrap().keys().collect::<Vec<_>>(), ["TITLE"], "{spurious}");
    // The old types are still found where they were.
    let dev = "postings/postings-dev.tsv";
    let kept = folder.path().join("out/model-best");
    let right = |model: &str| {
        let output = program::run(&fixtures(), &["eval", "--model", model, dev, "--json"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let scores: Value = serde_json::from_slice(&output.stdout).unwrap();
        scores["scores"]["strict"]["micro"]["correct"].as_u64().unwrap()
    };
    let (before, after) = (right(&model), right(kept.to_str().unwrap()));
    assert!(before > 10 && after > before / 2, "{before} {after}");

    let (output, types) = train(folder.path(), &model, &[&corpus], &["--set", "base_types=drop"]);
    assert!(text(&output.stderr).contains("a new head is trained"), "{}", text(&output.stderr));
    assert_eq!(types, of(&["TITLE"]));

    let (output, _) = train(folder.path(), &model, &[&corpus], &["--set", "scheme=biluo"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("scheme: expected iob2, that of the base model's classes"), "{said}");
}

#[test]
fn corpora_with_types_of_their_own_are_joined() {
    let folder = tempfile::tempdir().unwrap();
    let corpora = [titles(folder.path(), "train"), "postings/postings-train.tsv".to_owned()];
    let corpora: Vec<&str> = corpora.iter().map(String::as_str).collect();
    let (output, types) = train(folder.path(), "tiny-bert", &corpora, &["--set", "marks=own"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(types.len(), 5, "{types:?}");
    // A word without a label may have one of the other corpus's types: a chain cannot learn that.
    let more = ["--set", "marks=own", "--set", "head=crf"];
    let (output, _) = train(folder.path(), "tiny-bert", &corpora, &more);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("without a CRF"), "{}", text(&output.stderr));
}
