//! `ner-align align` as a script sees it.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::Path;
use std::process::Output;

use program::fixtures;
use serde_json::{Value, json};

fn align(arguments: &[&str], input: Option<&str>) -> Output {
    let arguments = [&["align", "--tokenizer", "tiny-bert"], arguments].concat();
    program::run_on(&fixtures(), &arguments, input.unwrap_or_default())
}

fn lines(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Letters that the tiny vocabulary knows only one by one, and a word that leaves no subtoken.
const INPUT: &str = "q\tB-SKILLS\nxyz\tI-SKILLS\n\u{200b}\tO\nz\tO\n";

#[test]
fn strategies_label_the_subtokens_of_a_word() {
    let (b, i, o) = (Some("B-SKILLS"), Some("I-SKILLS"), Some("O"));
    for (strategy, continuation) in [("first", None), ("propagate", i), ("mark-x", Some("X"))] {
        let line = &lines(&align(&["--strategy", strategy, "-"], Some(INPUT)))[0];
        let tags = [None, b, i, continuation, continuation, o, None];
        assert_eq!(line["tags"], json!(tags), "{strategy}: {line}");
        assert_eq!(line["tokens"], json!(["[CLS]", "q", "x", "##y", "##z", "z", "[SEP]"]));
        assert_eq!(line["word_ids"], json!([null, 0, 1, 1, 1, 3, null]));
        assert_eq!((&line["labels"][0], &line["labels"][1]), (&json!(-100), &json!(1)));
        for index in ["document", "sentence", "window"] {
            assert_eq!(line[index], 0, "{index}");
        }
    }
    let biluo = ["--scheme", "biluo", "--strategy", "propagate-inside", "-"];
    let line = &lines(&align(&biluo, Some("xyz\tB-SKILLS\n")))[0];
    assert_eq!(line["tags"], json!([null, "B-SKILLS", "I-SKILLS", "L-SKILLS", null]));
}

#[test]
fn windows_of_a_long_sentence_own_every_word_once() {
    let words = 100;
    let input: String = (0..words).map(|_| "nurse\tO\n").collect();
    let output = align(&["--max-length", "32", "--stride", "8", "-"], Some(&input));
    let lines = lines(&output);
    assert!(lines.len() > 3);
    let mut owned = vec![0; words];
    for (index, line) in lines.iter().enumerate() {
        assert_eq!(line["window"], index);
        assert!(line["input_ids"].as_array().unwrap().len() <= 32);
        let labels = line["labels"].as_array().unwrap().iter();
        for (label, word) in labels.zip(line["word_ids"].as_array().unwrap()) {
            if *label != json!(-100) {
                owned[usize::try_from(word.as_u64().unwrap()).unwrap()] += 1;
            }
        }
    }
    assert_eq!(owned, vec![1; words]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("1 sentences or documents were longer than max_length"), "{error}");
}

#[test]
fn files_and_pipes_give_the_same_and_labels_may_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (labels, corpus) = (folder.path().join("labels.txt"), "postings/postings-dev.tsv");
    let text = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(corpus),
    );
    let from_file = align(&[corpus], None);
    let from_pipe = align(&["-"], Some(&text.unwrap()));
    assert_eq!(lines(&from_file).len(), 93);
    assert_eq!(from_file.stdout, from_pipe.stdout);

    fs::write(&labels, "O\nI-SKILLS\nB-SKILLS\n").unwrap();
    let output = align(&["--labels", labels.to_str().unwrap(), "-"], Some(INPUT));
    assert_eq!(lines(&output)[0]["labels"][1], 2);
}

#[test]
fn what_was_lost_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let labels = folder.path().join("labels.txt");
    fs::write(&labels, "\u{feff}O\nB-DIPLOMA\nI-DIPLOMA\n").unwrap();
    let long = format!("{}\tO\n", "@".repeat(600));
    for (arguments, input, expected) in [
        (vec!["-"], INPUT, "-: 1 sentences, 4 words, 5 subtokens, 1 windows; 1 words became no"),
        (vec!["-"], INPUT, "1 words became no subtoken: never trained on, always predicted O"),
        (vec!["--labels", labels.to_str().unwrap(), "-"], INPUT, "no class for B-SKILLS, I-SKILLS"),
        (vec!["-"], long.as_str(), "1 words have more subtokens than a window"),
    ] {
        let output = align(&arguments, Some(input));
        lines(&output);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

#[test]
fn what_stands_before_a_fault_is_written() {
    let input = "q\tB-SKILLS\n\nxyz\n";
    let folder = tempfile::tempdir().unwrap();
    let labels = folder.path().join("labels.txt");
    fs::write(&labels, "O\nB-SKILLS\nI-SKILLS\n").unwrap();
    let output = align(&["--labels", labels.to_str().unwrap(), "-"], Some(input));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1);
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: "));
}

#[test]
fn faults_are_one_line_with_a_status() {
    for (arguments, status) in [
        (vec!["none.tsv"], 1),
        (vec!["--labels", "none.txt", "-"], 2),
        (vec!["--strategy", "last", "-"], 2),
        (vec!["--max-length", "2", "-"], 2),
        (vec!["--max-length", "10", "--stride", "8", "-"], 2),
        (vec!["--labels", ".", "-"], 2),
        (vec!["--strategy", "mark-x", "--labels", "/dev/null", "-"], 2),
        (vec!["/dev/null"], 1),
    ] {
        let output = align(&arguments, Some(INPUT));
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {error}");
        assert!(error.lines().any(|line| line.starts_with("error: ")), "{error}");
        assert!(!error.contains("panicked"), "{error}");
    }
    for input in ["", "\n\n  \n", "a\u{0}b\tO\n"] {
        let output = align(&["-"], Some(input));
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{input:?}: {error}");
        assert!(error.starts_with("error: "), "{input:?}: {error}");
    }
}
