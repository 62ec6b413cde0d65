//! What users of other tools bring: models with class names and schemes of their own, and arguments.
#![cfg(feature = "tch")]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::Path;

use program::{fixtures, postings_model, run, text};
use serde_json::Value;

const DEV: &str = "postings/postings-dev.tsv";

/// The model of the postings as another tool would have saved it: without what ner-align keeps
/// beside it, and with each class under the name that `rename` gives it.
fn foreign_model(rename: impl Fn(&str) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"] {
        fs::copy(Path::new(&postings_model()).join(file), folder.path().join(file)).unwrap();
    }
    let path = folder.path().join("config.json");
    let mut config: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for name in config["id2label"].as_object_mut().unwrap().values_mut() {
        *name = rename(name.as_str().unwrap()).into();
    }
    fs::write(&path, config.to_string()).unwrap();
    folder
}

/// Precision, recall and F1 of `eval` with these arguments, and what it says beside them.
fn scores(model: &Path, more: &[&str]) -> (Value, String) {
    let model = model.to_str().unwrap();
    let output = run(&fixtures(), &[&["eval", "--json", "--model", model, DEV], more].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let scores: Value = serde_json::from_slice(&output.stdout).unwrap();
    (scores["scores"]["strict"]["micro"].clone(), text(&output.stderr))
}

#[test]
fn class_names_of_other_tools_mean_the_same_tags() {
    let plain = foreign_model(str::to_owned);
    let (expected, said) = scores(plain.path(), &[]);
    assert!(expected["f1"].as_f64().unwrap() > 0.0);
    assert!(said.contains("does not say its tag scheme"), "{said}");
    let suffix = |name: &str| match name.split_once('-') {
        Some((prefix, kind)) => format!("{kind}-{prefix}"),
        None => name.to_owned(),
    };
    let outside = |other: &'static str| {
        move |name: &str| if name == "O" { other.to_owned() } else { name.to_owned() }
    };
    let models = [
        foreign_model(|name| name.replace('-', "_")),
        foreign_model(|name| name.replace('-', ":")),
        foreign_model(suffix),
        foreign_model(outside("OTHER")),
        foreign_model(outside("0")),
        foreign_model(outside("o")),
    ];
    for model in models {
        assert_eq!(scores(model.path(), &[]).0, expected);
    }
}

#[test]
fn a_scheme_that_nobody_said_constrains_nothing() {
    let model = foreign_model(str::to_owned);
    let (by_default, _) = scores(model.path(), &[]);
    assert_eq!(scores(model.path(), &["--decode", "argmax"]).0, by_default);
    let (constrained, said) = scores(model.path(), &["--decode", "constrained"]);
    assert!(!said.contains("tag scheme"), "{said}");
    let (in_scheme, said) = scores(model.path(), &["--model-scheme", "iob2"]);
    assert!(!said.contains("tag scheme"), "{said}");
    assert_eq!(in_scheme, constrained);
    let own = scores(Path::new(&postings_model()), &[]);
    assert_eq!(own.0, constrained);

    let path = model.path().to_str().unwrap();
    let output = run(&fixtures(), &["eval", "--model", path, DEV, "--model-scheme", "io"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("does not occur in io"), "{}", text(&output.stderr));
}

#[test]
fn classes_that_settle_the_scheme_decode_within_it() {
    // A type that occurs with I only cannot begin in IOB2: the model was trained on IOB1.
    let kind = |name: &str| name.split_once('-').map(|(_, kind)| kind.to_owned());
    let model = foreign_model(|name| match (name.chars().next(), kind(name)) {
        (Some('B'), Some(kind)) if kind == "DIPLOMA" => "I-DIPLOMA".to_owned(),
        (Some('I'), Some(kind)) if kind == "DIPLOMA" => "[SEP]".to_owned(),
        _ => name.to_owned(),
    });
    let (found, said) = scores(model.path(), &[]);
    assert!(!said.contains("tag scheme"), "{said}");
    assert!(found["f1"].as_f64().unwrap() > 0.0);
}

#[test]
fn the_folder_of_a_run_is_not_a_model() {
    let run_folder = Path::new(&postings_model()).parent().unwrap().to_owned();
    let path = run_folder.to_str().unwrap();
    let output = run(&fixtures(), &["predict", "--model", path, DEV]);
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    assert!(said.contains("expected a model folder, found the folder of a run"), "{said}");
    assert!(said.contains("model-best"), "{said}");
}

#[test]
fn arguments_of_other_tools_are_settings() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let train = ["train", "--train", DEV, "--dev", DEV, "--model", "tiny-bert"];
    let named = ["--epochs", "3", "--batch-size", "4", "--lr", "0.25", "-g", "-1"];
    let set = ["--set", "max_steps=1", "--set", "max_seq_length=64"];
    let output = ["-o", out.to_str().unwrap()];
    let arguments = [&train[..], &named[..], &set[..], &output[..]].concat();
    let ended = run(&fixtures(), &arguments);
    let said = text(&ended.stderr);
    assert!(ended.status.success(), "{said}");
    assert!(said.contains("the development data are the training data"), "{said}");
    let config = fs::read_to_string(out.join("config.toml")).unwrap();
    for line in [
        "epochs = 3",
        "batch_size = 4",
        "learning_rate = 0.25",
        "max_length = 64",
        "device = \"cpu\"",
    ] {
        assert!(config.lines().any(|own| own == line), "{line} in {config}");
    }

    // The run has ended: only a wish replaces it.
    let refused = run(&fixtures(), &arguments);
    assert_eq!(refused.status.code(), Some(2));
    let said = text(&refused.stderr);
    assert!(said.contains("expected a folder without a finished run"), "{said}");
    assert!(said.contains("--overwrite"), "{said}");
    assert!(run(&fixtures(), &[&arguments[..], &["--overwrite"]].concat()).status.success());
}

#[test]
fn outputs_replace_no_file_of_the_model() {
    let model = foreign_model(str::to_owned);
    let path = |name: &str| model.path().join(name).to_str().unwrap().to_owned();
    let before = fs::read(path("model.safetensors")).unwrap();
    let folder = model.path().to_str().unwrap();
    for arguments in [
        ["predict", "--model", folder, DEV, "-o", &path("model.safetensors")],
        ["predict", "--model", folder, DEV, "-o", &path("tokenizer.json")],
        ["eval", "--model", folder, DEV, "-o", &path("config.json")],
        ["eval", "--model", folder, DEV, "-o", folder],
        ["eval", "--model", folder, DEV, "--html", &path("model.safetensors")],
    ] {
        let output = run(&fixtures(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
    }
    assert_eq!(fs::read(path("model.safetensors")).unwrap(), before);
    let new = path("predicted.jsonl");
    assert!(run(&fixtures(), &["predict", "--model", folder, DEV, "-o", &new]).status.success());
}
