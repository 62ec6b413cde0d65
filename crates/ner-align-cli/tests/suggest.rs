//! `ner-align suggest`, and `predict` for annotation tools, as a script sees them.
#![cfg(feature = "tch")]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::Path;
use std::process::Output;

use program::{fixtures, postings_model, text};
use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    program::run(&fixtures(), arguments)
}

fn suggest(model: &str, input: &str, more: &[&str]) -> Output {
    run(&[&["suggest", input, "--model", model], more].concat())
}

const POOL: &str = "postings/postings-dev.tsv";

#[test]
fn the_first_documents_of_each_shape_have_a_rank_and_the_models_annotation() {
    let (model, folder) = (postings_model(), tempfile::tempdir().unwrap());
    for (shape, place) in [("jsonl", ""), ("prodigy", "/meta"), ("doccano", "")] {
        let output = suggest(&model, POOL, &["-n", "5", "--to", shape]);
        let notes = text(&output.stderr);
        assert!(output.status.success(), "{notes}");
        assert!(notes.contains("5 of ") && notes.contains(" documents, "), "{notes}");
        let lines: Vec<Value> =
            text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let of = |key| lines.iter().map(move |line| &line.pointer(place).unwrap()[key]);
        assert_eq!(
            of("rank").map(|rank| rank.as_u64().unwrap()).collect::<Vec<_>>(),
            [1, 2, 3, 4, 5]
        );
        let scores: Vec<f64> = of("score").map(|score| score.as_f64().unwrap()).collect();
        assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]), "{shape}: {scores:?}");
        let again = suggest(&model, POOL, &["-n", "5", "--to", shape]);
        assert_eq!(again.stdout, output.stdout, "{shape}");
    }
    let tasks = folder.path().join("tasks.json");
    let path = tasks.to_str().unwrap();
    let output =
        suggest(&model, POOL, &["-n", "5", "--to", "label-studio", "-o", path, "--by", "total"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let read: Value = serde_json::from_slice(&fs::read(&tasks).unwrap()).unwrap();
    let read = read.as_array().unwrap();
    assert_eq!((read.len(), &read[0]["data"]["rank"]), (5, &Value::from(1)));
    for task in read {
        assert_eq!(task["predictions"][0]["model_version"], model.as_str());
        assert_eq!(task["annotations"], Value::Array(Vec::new()));
    }
    assert_interface(&folder.path().join("tasks.xml"));
}

/// The interface has all types of the model.
fn assert_interface(path: &Path) {
    let config = fs::read_to_string(path).unwrap();
    for label in ["DIPLOMA", "SKILLS"] {
        assert!(config.contains(&format!("<Label value=\"{label}\"/>")), "{config}");
    }
}

#[test]
fn predictions_go_to_annotation_tools() {
    let (model, folder) = (postings_model(), tempfile::tempdir().unwrap());
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let predict = |to: &str, more: &[&str]| {
        run(&[&["predict", POOL, "--model", &model, "--to", to], more].concat())
    };
    let output = predict("label-studio", &["-o", &at("tasks.json")]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let tasks: Value = serde_json::from_slice(&fs::read(at("tasks.json")).unwrap()).unwrap();
    let mut scores = tasks
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|task| task["predictions"][0]["result"][0]["score"].as_f64());
    assert!(scores.all(|score| (0.0..=1.0).contains(&score)));
    assert_interface(Path::new(&at("tasks.xml")));
    let output = predict("doccano", &[]);
    let first = text(&output.stdout).lines().next().unwrap().to_owned();
    assert!(serde_json::from_str::<Value>(&first).unwrap()["label"].is_array(), "{first}");
    for more in [&["--group"][..], &["--alternatives", "2"], &["-o", &at("x.json"), "--resume"]] {
        let output = predict("label-studio", more);
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        assert!(text(&output.stderr).contains("expected jsonl"), "{}", text(&output.stderr));
    }
}

#[test]
fn faults_are_one_line_and_leave_nothing() {
    let (model, folder) = (postings_model(), tempfile::tempdir().unwrap());
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("empty.txt"), "").unwrap();
    fs::write(at("blank.jsonl"), "{\"text\": \" \"}\n").unwrap();
    fs::write(at("tags.jsonl"), "{\"id\": 3}\n").unwrap();
    for (input, more, status, expected) in [
        (POOL, &["-n", "0"][..], 2, "-n: expected 1 or more documents to choose, found 0"),
        (POOL, &["--to", "conll"], 2, "expected jsonl, prodigy, doccano or label-studio"),
        (POOL, &["--by", "luck"], 2, "luck"),
        (&at("empty.txt"), &[], 1, "expected documents with words, found no documents"),
        (
            &at("blank.jsonl"),
            &[],
            1,
            "expected documents with words, found a document without words",
        ),
        (&at("tags.jsonl"), &[], 1, "\"text\""),
        (&at("none.txt"), &[], 1, "expected a readable file"),
    ] {
        let out = at("out.jsonl");
        let output = suggest(&model, input, &[more, &["-o", &out]].concat());
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{input}: {error}");
        let lines: Vec<&str> = error.lines().filter(|line| line.starts_with("error: ")).collect();
        assert!(lines.len() == 1 && lines[0].contains(expected), "{input}: {error}");
        assert!(!Path::new(&out).exists());
    }
}

#[test]
fn what_is_not_enough_is_all() {
    let folder = tempfile::tempdir().unwrap();
    let texts = folder.path().join("texts.txt");
    fs::write(&texts, "Python and SQL\n\nJava\n").unwrap();
    let output = suggest(&postings_model(), texts.to_str().unwrap(), &["--count", "50"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).lines().count(), 2);
}
