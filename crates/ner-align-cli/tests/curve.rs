//! `ner-align curve` as a script sees it.
#![cfg(feature = "tch")]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::process::Output;

use program::{fixtures, text};
use serde_json::Value;

fn curve(more: &[&str]) -> Output {
    let [train, dev] = ["postings/postings-train.tsv", "postings/postings-dev.tsv"];
    let mut arguments = vec!["curve", train, "--dev", dev, "--model", "tiny-bert"];
    arguments.extend(["--recipe", "trainer", "--set", "epochs=2", "--set", "learning_rate=0.005"]);
    arguments.extend(more);
    program::run(&fixtures(), &arguments)
}

#[test]
fn parts_grow_and_twice_the_data_has_an_interval() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("curve.svg");
    let path = picture.to_str().unwrap();
    let output = curve(&["--seeds", "1", "--shares", "1/4,0.5,3/4,1", "--json", "-o", path]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let runs = json["runs"].as_array().unwrap();
    let shares: Vec<f64> = runs.iter().map(|run| run["share"].as_f64().unwrap()).collect();
    assert_eq!(shares, [0.25, 0.5, 0.75, 1.0]);
    let sizes: Vec<u64> = runs.iter().map(|run| run["sentences"].as_u64().unwrap()).collect();
    assert!(sizes.windows(2).all(|pair| pair[0] < pair[1]), "{sizes:?}");
    let twice = &json["twice"];
    assert_eq!(twice["size"].as_f64().unwrap(), 2.0 * sizes[3] as f64);
    let [low, value, high] =
        ["low", "value", "high"].map(|key| twice["score"][key].as_f64().unwrap());
    assert!(low <= value && value <= high && high <= 1.0, "{twice}");
    let drawn = fs::read_to_string(&picture).unwrap();
    assert_eq!(drawn.matches("class=\"learning-run\"").count(), 4);
    for run in runs {
        let line = format!("{} sentences, seed 1: strict F1 ", run["sentences"]);
        assert!(text(&output.stderr).contains(&line), "{}", text(&output.stderr));
    }
}

#[test]
fn a_plan_that_makes_no_curve_is_refused_at_once() {
    for (more, expected) in [
        (&["--seeds", "1", "--shares", "1/2,1"][..], "found 2 runs of 2 sizes"),
        (&["--seeds", "0"], "found 0 runs of 0 sizes"),
        (&["--shares", "0,1/2,1"], "expected a share such as 1/4 or 0.25"),
        (&["--shares", "1/2,1,2"], "expected a share such as 1/4 or 0.25"),
        (&["-o", "postings/postings-dev.tsv"], "the input postings/postings-dev.tsv"),
    ] {
        let output = curve(more);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{more:?}: {error}");
        assert!(error.contains(expected), "{more:?}: {error}");
        assert!(!error.contains(" sentences, seed "), "nothing was trained: {error}");
    }
}
