//! A CRF head from `train` to `predict`, as a script sees it.
#![cfg(feature = "tch")]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

const TRAIN: &str = "postings/postings-train.tsv";
const DEV: &str = "postings/postings-dev.tsv";

fn run(arguments: &[&str]) -> Output {
    program::run(&program::fixtures(), arguments)
}

fn done(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A run of `epochs` with these settings more.
fn train(out: &Path, more: &[&str]) -> Output {
    let mut arguments = vec!["train", "--train", TRAIN, "--dev", DEV, "--test", DEV];
    arguments.extend(["--model", "tiny-bert", "-o", out.to_str().unwrap(), "--json"]);
    arguments.extend(["--set", "epochs=3", "--set", "learning_rate=0.01", "--set", "crf_rate=3"]);
    arguments.extend(more);
    run(&arguments)
}

/// The numbers of a tensor in a model folder, and back what `change` makes of them.
fn tensor(folder: &Path, name: &str, change: impl FnOnce(&mut [f32])) -> Vec<f32> {
    let path = folder.join("model.safetensors");
    let mut bytes = fs::read(&path).unwrap();
    let (length, rest) = bytes.split_at(8);
    let length = usize::try_from(u64::from_le_bytes(length.try_into().unwrap())).unwrap();
    let header: Value = serde_json::from_slice(&rest[..length]).unwrap();
    let at = |i: usize| usize::try_from(header[name]["data_offsets"][i].as_u64().unwrap()).unwrap();
    let data = &mut bytes[8 + length..][at(0)..at(1)];
    let chunks = data.chunks_exact(4);
    let mut values: Vec<f32> =
        chunks.map(|chunk| f32::from_le_bytes(chunk.try_into().unwrap())).collect();
    change(&mut values);
    let changed: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    data.copy_from_slice(&changed);
    fs::write(&path, &bytes).unwrap();
    values
}

#[test]
fn a_crf_is_trained_saved_resumed_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    let short = train(out, &["--set", "head=crf", "--set", "max_steps=5"]);
    assert!(short.status.success(), "{}", String::from_utf8_lossy(&short.stderr));
    // The chain is part of the run that is taken up, and of what it must agree on.
    let other = train(out, &["--set", "head=linear", "--set", "max_steps=5", "--resume"]);
    let stderr = String::from_utf8(other.stderr).unwrap();
    assert_eq!(other.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("expected the settings of before, head = \"crf\", found \"linear\""),
        "{stderr}"
    );

    let output = train(out, &["--set", "head=crf", "--overwrite"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    assert!(!stderr.contains("without its transitions"), "{stderr}");
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let best = out.join("model-best");
    let config: Value =
        serde_json::from_slice(&fs::read(best.join("config.json")).unwrap()).unwrap();
    assert_eq!(config["ner_align_head"], "crf");
    let card = fs::read_to_string(best.join("README.md")).unwrap();
    assert!(card.contains("transformers alone decodes without the CRF"), "{card}");

    // What was scored with the transitions in training is so in evaluation, and only there.
    let model = best.to_str().unwrap();
    let scored: Value =
        serde_json::from_str(&done(&["eval", "--model", model, DEV, "--json"])).unwrap();
    assert_eq!(scored["scores"], summary["test"]["scores"]);
    let learned = |name: &str| tensor(&best, name, |_| {});
    assert_eq!(learned("crf.transitions").len(), learned("crf.start_transitions").len().pow(2));
    assert_eq!(learned("crf.start_transitions").len(), learned("crf.end_transitions").len());
    assert!(learned("crf.transitions").iter().any(|score| *score != 0.0));
    // O after O made dear, which no word by itself can tell.
    tensor(&best, "crf.transitions", |scores| scores[0] = -100.0);
    let dev = out.join("dev.conll");
    let tags = |decode: &str| {
        let to = dev.to_str().unwrap();
        done(&["eval", "--model", model, DEV, "--json", "--decode", decode, "-o", to]);
        fs::read_to_string(&dev).unwrap()
    };
    let (chained, alone) = (tags("constrained"), tags("argmax"));
    assert!(alone.contains("\tO\nnurse\tO\n"), "{alone}");
    assert!(!chained.contains("\tO\nnurse\tO\n"), "{chained}");

    let text = out.join("in.txt");
    fs::write(&text, "We need welders with Python and a PhD in physics.\n\n").unwrap();
    for line in done(&["predict", "--model", model, text.to_str().unwrap()]).lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        for entity in line["entities"].as_array().unwrap() {
            assert!((0.0..=1.0).contains(&entity["score"].as_f64().unwrap()));
        }
    }
}

#[test]
fn what_a_crf_cannot_be_trained_with_is_said_before() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let output = train(&out, &["--set", "head=crf", "--set", "strategy=mark-x"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("strategy: expected first beside head = crf, found mark-x"),
        "{stderr}"
    );
    assert!(!out.exists());
    let output =
        train(&out, &["--set", "head=crf", "--set", "max_steps=1", "--set", "decode=argmax"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && stderr.contains("without its transitions"), "{stderr}");
}
