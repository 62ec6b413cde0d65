//! `ner-align convert` as a script sees it.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::Path;
use std::process::Output;

use program::text;
use serde_json::Value;

fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    program::run_on(folder, &[&["convert"], arguments].concat(), input)
}

/// A folder with a small corpus in columns.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let columns = "-DOCSTART- (one)\n\nAda\tB-PER\nLovelace\tI-PER\nwrote\tO\n\nOslo\tB-LOC\n\n";
    fs::write(folder.path().join("in.conll"), columns).unwrap();
    folder
}

#[test]
fn a_corpus_goes_there_and_back() {
    let folder = folder();
    let original = fs::read(folder.path().join("in.conll")).unwrap();
    for target in ["x.conllu", "x.spacy", "x.jsonl", "x.json", "x.conll.gz", "brat"] {
        let to: &[&str] = if target == "brat" { &["--to", "brat"] } else { &[] };
        let there = run(folder.path(), &[&["in.conll", "-o", target], to].concat(), b"");
        assert!(there.status.success(), "{target}: {}", text(&there.stderr));
        assert!(text(&there.stderr).contains("1 documents, 2 sentences, 4 tokens, 2 entities"));
        let back = run(folder.path(), &[target, "-o", "back.conll", "--scheme", "iob2"], b"");
        assert!(back.status.success(), "{target}: {}", text(&back.stderr));
        if matches!(target, "x.json" | "x.conll.gz") {
            assert_eq!(fs::read(folder.path().join("back.conll")).unwrap(), original, "{target}");
        }
    }
}

#[test]
fn what_is_lost_repaired_or_settled_is_counted() {
    let folder = folder();
    let spans = r#"{"text": "in Oslo-city  now", "spans": [{"start": 3, "end": 7, "label": "LOC"}, {"start": 3, "end": 12, "label": "GPE"}, {"start": 3, "end": 17, "label": "X"}]}"#;
    fs::write(folder.path().join("spans.jsonl"), spans).unwrap();
    let words = ["--words", "whitespace"];
    let refused =
        run(folder.path(), &[&["spans.jsonl", "-o", "x.conll"][..], &words].concat(), b"");
    assert_eq!(refused.status.code(), Some(1));
    let stderr = text(&refused.stderr);
    let line = "expected a span of whole words, found LOC at 3..7";
    assert!(stderr.starts_with("error: spans.jsonl:1:"), "{stderr}");
    assert!(
        stderr.contains(line) && stderr.contains("hint: choose a policy with --on-misaligned"),
        "{stderr}"
    );
    assert!(!folder.path().join("x.conll").exists());

    let arguments = [
        "spans.jsonl",
        "-o",
        "x.conll",
        "--on-misaligned",
        "drop",
        "--on-overlap",
        "longest",
        "--json",
        "--words",
        "whitespace",
    ];
    let settled = run(folder.path(), &arguments, b"");
    let json: Value = serde_json::from_slice(&settled.stdout).unwrap();
    assert_eq!(json["dropped"]["spans"], 1);
    assert_eq!(json["dropped"]["overlaps"], 1);
    assert_eq!(json["lost"]["text between words"], 1);
    assert_eq!(json["entities_by_label"], serde_json::json!({"X": 1}));

    let columns = b"a\tI-X\nb\tB-X\n\n";
    let repaired = run(
        folder.path(),
        &["-", "--from", "conll", "--from-scheme", "iob2", "-o", "-", "--to", "conll", "--repair"],
        columns,
    );
    assert_eq!(text(&repaired.stdout), "a\tB-X\nb\tB-X\n\n");
    assert!(text(&repaired.stderr).contains("1 tags written anew"));
    // Without it, tags stay as they are spelled.
    let kept = run(folder.path(), &["-", "-o", "-", "--to", "conll"], b"x\tO\na\tTIM\nb\tB-\n\n");
    assert_eq!(text(&kept.stdout), "x\tO\na\tTIM\nb\tB-\n\n");
}

#[test]
fn overlaps_in_a_docbin_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let lines = concat!(
        r#"{"text": "Bank of Oslo", "spans": [{"start": 0, "end": 12, "label": "ORG"}, {"start": 8, "end": 12, "label": "LOC"}]}"#,
        "\n",
        r#"{"text": "in Oslo", "spans": [{"start": 3, "end": 7, "label": "LOC"}]}"#,
        "\n",
    );
    std::fs::write(folder.path().join("in.jsonl"), lines).unwrap();
    let told = "warning: expected entities that share no word, found overlaps in 1 documents: their 2 entities are in \
                span groups, outside doc.ents, and spaCy's ner does not learn from them; --on-overlap longest or \
                first keeps entities";
    for (more, warned, spans) in [
        (&[][..], true, 2),
        (&["--on-overlap", "groups"], true, 2),
        (&["--on-overlap", "longest"], false, 0),
    ] {
        let arguments = [&["in.jsonl", "-o", "out.spacy"], more].concat();
        let output = run(folder.path(), &arguments, b"");
        assert_eq!(
            text(&output.stderr).contains(told),
            warned,
            "{more:?}: {}",
            text(&output.stderr)
        );
        let output = run(folder.path(), &[&arguments[..], &["--json"]].concat(), b"");
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["span_groups"]["spans"], spans, "{more:?}");
        assert_eq!(json["span_groups"]["documents"], usize::from(warned), "{more:?}");
    }
}

#[test]
fn labels_schemes_groups_and_encodings_are_asked_for() {
    let folder = folder();
    let out = |arguments: &[&str], input: &[u8]| {
        let output =
            run(folder.path(), &[&["-", "-o", "-", "--to", "conll"], arguments].concat(), input);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    let input = b"a\tB-X\nb\tI-X\n\nc\tB-Y\n\n";
    assert_eq!(out(&["--scheme", "biluo"], input), "a\tB-X\nb\tL-X\n\nc\tU-Y\n\n");
    assert_eq!(out(&["--map", "X=Z", "--drop", "Y"], input), "a\tB-Z\nb\tI-Z\n\nc\tO\n\n");
    assert_eq!(out(&["-n", "0"], input).matches("-DOCSTART-").count(), 1);
    assert_eq!(out(&["--encoding", "latin-1"], b"caf\xE9\tO\n"), "café\tO\n\n");
    assert_eq!(out(&["--encoding", "cp1252"], b"\x80\tO\n"), "€\tO\n\n");
    let table = b"ID;Form;NE\n1;\x80;B-X\n";
    let columns =
        ["--from", "csv", "--encoding", "cp1252", "--columns", "sentence=ID,word=Form,tag=NE"];
    let output = out(&columns, table);
    assert_eq!(output, "€\tB-X\n\n");
    let shape =
        run(folder.path(), &["in.conll", "-o", "-", "--to", "jsonl", "--shape", "entities"], b"");
    let line: Value = serde_json::from_slice(&shape.stdout).unwrap();
    assert_eq!(line["entities"][0]["label"], "PER");
}

#[test]
fn a_folder_is_converted_file_by_file() {
    let folder = folder();
    let parts = folder.path().join("parts");
    fs::create_dir(&parts).unwrap();
    for name in ["train.conll", "dev.conll"] {
        fs::copy(folder.path().join("in.conll"), parts.join(name)).unwrap();
    }
    let output = run(folder.path(), &["parts", "-o", "out", "--to", "docbin"], b"");
    assert!(output.status.success(), "{}", text(&output.stderr));
    for name in ["train.spacy", "dev.spacy"] {
        assert!(folder.path().join("out").join(name).is_file(), "{name}");
    }
}

#[test]
fn faults_are_one_line_with_a_status_and_leave_nothing() {
    let folder = folder();
    fs::write(folder.path().join("bad.conll"), b"a\tO\n\xFF\tO\n").unwrap();
    fs::write(folder.path().join("empty.conll"), b"").unwrap();
    for (arguments, code, part) in [
        (&["no.conll", "-o", "x.conll"][..], 1, "no.conll: expected a readable file"),
        (&["bad.conll", "-o", "x.conll"], 1, "bad.conll:2:1: expected UTF-8 text"),
        (&["empty.conll", "-o", "x.conll"], 1, "found an empty file"),
        (&["in.conll", "-o", "x.nothing"], 2, "expected a name with an extension of a format"),
        (&["in.conll", "-o", "x", "--to", "conl"], 2, "conll, iob-lines"),
        (
            &["in.conll", "-o", "x.conll", "--on-overlap", "maybe"],
            2,
            "error, longest, first, groups",
        ),
        (&["in.conll", "-o", "x.conll", "--scheme", "bio3"], 2, "bio3"),
        (&["in.conll", "-o", "x.objects"], 2, "a format that can be written"),
        (&["in.conll", "-o", "no/such/folder/x.conll"], 3, "expected a writable file"),
        (&["in.conll", "-o", "-", "--to", "conll", "--json"], 2, "expected --json or the corpus"),
    ] {
        let output = run(folder.path(), arguments, b"");
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert_eq!(
            stderr.lines().filter(|line| line.starts_with("error: ")).count(),
            1,
            "{stderr}"
        );
        assert!(stderr.contains(part), "{arguments:?}: {stderr}");
        assert!(!folder.path().join("x.conll").exists(), "{arguments:?}");
    }
}

#[test]
fn tasks_of_label_studio_come_with_their_interface() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    for (arguments, file) in [
        (&["in.conll", "--to", "label-studio", "-o", "tasks.json"][..], "tasks"),
        (&["in.conll", "--to", "jsonl", "--shape", "label-studio", "-o", "other.json.gz"], "other"),
    ] {
        let output = run(folder.path(), arguments, b"");
        let notes = text(&output.stderr);
        assert!(output.status.success(), "{notes}");
        assert!(notes.contains(&format!("{file}.xml: the labelling configuration")), "{notes}");
        let config = fs::read_to_string(at(&format!("{file}.xml"))).unwrap();
        assert!(config.contains("<Label value=\"LOC\"/>\n    <Label value=\"PER\"/>"), "{config}");
        let source = arguments.last().unwrap();
        let back = run(folder.path(), &[source, "--from", "jsonl", "-o", "back.jsonl"], b"");
        assert!(text(&back.stderr).contains("4 tokens, 2 entities"), "{}", text(&back.stderr));
    }
    // Standard output has the tasks alone, and no input is replaced by the interface.
    let output = run(folder.path(), &["in.conll", "--to", "label-studio", "-o", "-"], b"");
    assert!(serde_json::from_slice::<Value>(&output.stdout).unwrap()[0]["data"].is_object());
    fs::rename(at("tasks.json"), at("both.xml")).unwrap();
    for (arguments, expected) in [
        (
            &["both.xml", "--from", "jsonl", "--to", "label-studio", "-o", "both.json"][..],
            "the input both.xml",
        ),
        (
            &["in.conll", "--to", "label-studio", "--shape", "doccano", "-o", "x.json"],
            "--shape: expected label-studio",
        ),
        (&["in.conll", "--to", "label-studios", "-o", "x.json"], "expected one of the formats"),
    ] {
        let output = run(folder.path(), arguments, b"");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(expected), "{}", text(&output.stderr));
        assert!(!at("both.json").exists() && !at("x.json").exists());
    }
}
