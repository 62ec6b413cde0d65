//! What people type who know another tool, or this one not yet.
#![cfg(feature = "tch")]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;

use program::{fixtures, postings_model, run, run_on, text};
use serde_json::Value;

#[test]
fn json_lines_on_standard_input_are_known_and_keep_their_ids() {
    let model = postings_model();
    let input =
        "{\"id\": \"a-7\", \"text\": \"Python and SQL\"}\n{\"id\": \"b\", \"text\": \"a PhD\"}\n";
    for (input, lines, said) in
        [(input, 2, true), ("{Python} and SQL\n", 1, false), ("\n", 1, false)]
    {
        let output = run_on(&fixtures(), &["predict", "--model", &model], input);
        let stderr = text(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        assert_eq!(stderr.contains("note: standard input is read as jsonl"), said, "{stderr}");
        let stdout = text(&output.stdout);
        let found: Vec<Value> =
            stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(found.len(), lines, "{input:?}: {stdout}");
        if said {
            assert_eq!(found[0]["id"], "a-7", "{stdout}");
            assert_eq!(found[0]["text"], "Python and SQL", "{stdout}");
            assert_eq!(found[1]["id"], "b", "{stdout}");
        }
    }
}

#[test]
fn what_another_tool_calls_it_is_taken_or_gets_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.cfg"), "[nlp]\nlang = \"en\"\n[training]\nseed = 1\n")
        .unwrap();
    let train = ["train", "--train", "a", "--dev", "b", "--model", "c", "-o", "d"];
    for (arguments, status, said) in [
        (
            &[&train[..], &["--report_to", "wandb"]].concat()[..],
            2,
            "hint: here: metrics.jsonl and TensorBoard",
        ),
        (
            &[&train[..], &["--weight_decay", "0.1"]].concat(),
            2,
            "hint: it is a setting: --set weight_decay=VALUE",
        ),
        (&["train", "config.cfg", "--output", "o"], 2, "hint: `ner-align import-config` makes a"),
        (&[&train[..], &["--fp16"]].concat(), 2, "hint: here: precision = \"bf16\""),
        (&[&train[..], &["--num_train_epochs", "0"]].concat(), 2, "epochs: expected 1 or more"),
        (&[&train[..], &["--lr", "0"]].concat(), 2, "learning_rate"),
        (&[&train[..], &["-g", "x"]].concat(), 2, "device: expected the device auto"),
        (
            &[&train[..], &["--config", "config.cfg"]].concat(),
            2,
            "`ner-align import-config` makes a config file of it",
        ),
        (
            &["predict", "--model", "c", "Ada lives in London"],
            1,
            "hint: text comes from standard input: echo 'TEXT' |",
        ),
        (&["predict", "--model", "c", "no such file.conll"], 1, "expected a readable file, found "),
    ] {
        let output = run(folder.path(), arguments);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {stderr}");
        assert!(stderr.starts_with("error: ") && stderr.contains(said), "{arguments:?}: {stderr}");
    }
}

#[test]
fn training_settles_what_tags_cannot_hold() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("spans.jsonl");
    let lines = concat!(
        r#"{"text": "Python and SQL", "spans": [{"start": 0, "end": 6, "label": "SKILLS"}]}"#,
        "\n",
        r#"{"text": "C plus plus", "spans": [{"start": 0, "end": 11, "label": "SKILLS"}, {"start": 0, "end": 1, "label": "SKILLS"}, {"start": 2, "end": 5, "label": "PART"}]}"#,
        "\n",
    );
    fs::write(&corpus, lines).unwrap();
    let (corpus, out) = (corpus.to_str().unwrap(), folder.path().join("out"));
    let train = |more: &[&str]| {
        let mut arguments =
            vec!["train", "--train", corpus, "--dev", corpus, "--model", "tiny-bert"];
        arguments.extend(["-o", out.to_str().unwrap(), "--set", "epochs=1"]);
        arguments.extend(more);
        let output = run(&fixtures(), &arguments);
        (output.status.code(), text(&output.stderr))
    };
    let (status, stderr) = train(&[]);
    assert_eq!(status, Some(1), "{stderr}");
    let place = format!("error: {corpus}:2: expected entities that share no word, found SKILLS ");
    assert!(stderr.contains(&place), "{stderr}");
    assert!(
        stderr.contains("hint: keep one of them with --on-overlap longest or first\n"),
        "{stderr}"
    );

    let (status, stderr) = train(&["--on-overlap", "longest", "--on-misaligned", "error"]);
    assert_eq!(status, Some(1), "{stderr}");
    assert!(
        stderr.contains(&format!(
            "error: {corpus}:2: expected a span of whole words, found PART at 2..5"
        )),
        "{stderr}"
    );

    let (status, stderr) = train(&["--on-overlap", "longest", "--map", "NONE=X"]);
    assert_eq!(status, Some(0), "{stderr}");
    assert_eq!(stderr.matches("note: unused-label").count(), 1, "{stderr}");
    assert!(stderr.contains("note: --train: 1 overlapping entities dropped\n"), "{stderr}");
    assert!(stderr.contains("--on-misaligned settles them"), "{stderr}");

    let (status, stderr) =
        train(&["--on-overlap", "longest", "--on-misaligned", "drop", "--overwrite"]);
    assert_eq!(status, Some(0), "{stderr}");
    assert!(stderr.contains("note: --dev: 1 spans dropped\n"), "{stderr}");
}

#[test]
fn words_in_place_of_tags_are_told_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..1001).map(|row| format!("word\tB-x{row}\n\n")).collect();
    fs::write(folder.path().join("many.conll"), rows).unwrap();
    let many = folder.path().join("many.conll");
    let many = many.to_str().unwrap();
    // The notice comes before a model is looked for.
    let arguments =
        ["train", "--train", many, "--dev", many, "--model", "no-such-folder", "-o", "x"];
    let stderr = text(&run(&fixtures(), &arguments).stderr);
    let told = "warning: 1001 entity types make 2003 classes, which take time and memory";
    assert!(stderr.contains(told) && stderr.contains("with --tag-col"), "{stderr}");
}
