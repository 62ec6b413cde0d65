//! `ner-align quantize` as a script sees it.
#![cfg(feature = "tch")]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::Path;
use std::process::Output;

use program::{fixtures, postings_model, text};
use serde_json::Value;

const WEIGHTS: &str = "model.int8.safetensors";

fn run(arguments: &[&str]) -> Output {
    program::run(&fixtures(), arguments)
}

fn quantize(model: &str, output: &Path, more: &[&str]) -> Output {
    let output = output.to_str().unwrap();
    run(&[&["quantize", "--model", model, "-o", output], more].concat())
}

fn predictions(model: &str, more: &[&str]) -> String {
    let input = "postings/postings-dev.tsv";
    let arguments = [&["predict", "--model", model, input, "--to", "jsonl"], more].concat();
    let output = run(&arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn the_folder_predicts_what_the_model_does_in_int8() {
    let (model, folder) = (postings_model(), tempfile::tempdir().unwrap());
    let small = folder.path().join("int8");
    let output = quantize(&model, &small, &["--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let size = |path: &Path| fs::metadata(path).unwrap().len();
    assert_eq!(report["bytes"], size(&small.join(WEIGHTS)));
    // The file has a header besides.
    let whole = size(&Path::new(&model).join("model.safetensors"));
    let in_f32 = report["bytes_in_f32"].as_u64().unwrap();
    assert!(in_f32 < whole && whole < in_f32 + 10_000, "{in_f32} of {whole}");

    let path = small.to_str().unwrap();
    let expected = predictions(&model, &["--precision", "int8"]);
    assert!(expected.contains("\"label\""), "{expected}");
    assert_eq!(predictions(path, &[]), expected);

    // Everything but the weights comes along; the card says what the weights are.
    let mut names: Vec<_> = fs::read_dir(&model).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.iter_mut().filter(|name| *name == "model.safetensors").for_each(|n| *n = WEIGHTS.into());
    names.sort();
    let mut found: Vec<_> = fs::read_dir(&small).unwrap().map(|e| e.unwrap().file_name()).collect();
    found.sort();
    assert_eq!(found, names);
    let [before, card] =
        [Path::new(&model), &small].map(|at| fs::read_to_string(at.join("README.md")).unwrap());
    assert!(before.contains("library_name: transformers\n"));
    assert!(card.contains("library_name: ner-align\n"));
    assert!(card.contains("transformers does not open them") && !card.contains("AutoModel"));
}

#[test]
fn faults_are_one_line_with_a_status_and_leave_nothing() {
    let (model, folder) = (postings_model(), tempfile::tempdir().unwrap());
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("full/inside")).unwrap();
    // A model that could not predict.
    let damaged = at("damaged");
    fs::create_dir(&damaged).unwrap();
    for file in fs::read_dir(&model).unwrap().map(|file| file.unwrap()) {
        fs::copy(file.path(), damaged.join(file.file_name())).unwrap();
    }
    fs::write(damaged.join("meta.json"), "[]").unwrap();
    fs::write(at("file"), "here").unwrap();
    for (model, output, status, expected) in [
        (model.as_str(), "full", 2, "expected a folder that is not there yet, found one"),
        (&model, "file", 2, "expected a folder that is not there yet, found a file"),
        (&model, "no/such/place", 3, "no/such/place"),
        ("tiny-bert", "out", 3, "not fine-tuned"),
        (damaged.to_str().unwrap(), "out", 3, "meta.json"),
        ("postings", "out", 3, "postings"),
    ] {
        let result = quantize(model, &at(output), &[]);
        let error = text(&result.stderr);
        assert_eq!(result.status.code(), Some(status), "{output}: {error}");
        let lines: Vec<&str> = error.lines().filter(|line| line.starts_with("error: ")).collect();
        assert!(lines.len() == 1 && lines[0].contains(expected), "{output}: {error}");
    }
    let mut left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["damaged", "file", "full"]);

    // Nothing learns from integers, whatever their file is called.
    assert!(quantize(&model, &at("int8/."), &[]).status.success());
    fs::rename(at("int8").join(WEIGHTS), at("int8/model.safetensors")).unwrap();
    let corpus = "postings/postings-dev.tsv";
    let (small, out) = (at("int8"), at("out"));
    let [small, out] = [&small, &out].map(|path| path.to_str().unwrap());
    let output = run(&["train", "--train", corpus, "--dev", corpus, "--model", small, "-o", out]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("train the model that this one was made from"));
}
