//! Folders as inputs: every file in them is read, or named.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

const COLUMNS: &str = "Oslo\tB-LOC\n";

fn file(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A folder with columns, and a `.spacy` and pairs of brat beside other files.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    file(path, "a.conll", COLUMNS);
    fs::create_dir(path.join("mix")).unwrap();
    assert!(program::run(path, &["convert", "a.conll", "-o", "mix/b.spacy"]).status.success());
    for name in ["mix/a.txt", "mix/deep/c.conll", "brat/dev.conll"] {
        file(path, name, COLUMNS);
    }
    for name in ["mix/README.md", "mix/.hidden", "brat/LICENSE", "brat/annotation.conf"] {
        file(path, name, "some words\n");
    }
    file(path, "brat/d.txt", "Oslo");
    file(path, "brat/d.ann", "T1\tLOC 0 4\tOslo\n");
    folder
}

#[test]
fn what_a_folder_of_one_format_leaves_out_is_named() {
    let folder = folder();
    for (input, left_out, notes) in [
        (
            "mix",
            &["mix/a.txt", "mix/deep"][..],
            "notes or hidden files, not read: .hidden, README.md",
        ),
        ("brat", &["brat/dev.conll"], "notes or hidden files, not read: LICENSE, annotation.conf"),
    ] {
        let count = format!("warning: file-not-read ×{}; first: {}: ", left_out.len(), left_out[0]);
        for arguments in [
            &["convert", input, "-o", "o.conll"][..],
            &["annotate", input, "-o", "o.conll", "--regex", "rules.tsv"],
        ] {
            file(folder.path(), "rules.tsv", "X\tx\n");
            let done = program::run(folder.path(), arguments);
            let stderr = program::text(&done.stderr);
            assert!(done.status.success(), "{arguments:?}: {stderr}");
            assert!(stderr.contains(&count), "{arguments:?}: {stderr}");
            assert!(stderr.contains(notes), "{arguments:?}: {stderr}");
            assert!(left_out.iter().all(|name| stderr.contains(name)), "{arguments:?}: {stderr}");
            let done = program::run(folder.path(), &[arguments, &["--json"]].concat());
            let json: Value = serde_json::from_slice(&done.stdout).unwrap();
            assert_eq!(json["not_read"], json!(left_out), "{arguments:?}");
            assert_eq!(json["documents"], 1, "{arguments:?}");
        }
        let done = program::run(folder.path(), &["check", input, "--json"]);
        let json: Value = serde_json::from_slice(&done.stdout).unwrap();
        let found: Vec<&str> = json["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| finding["code"] == "file-not-read")
            .filter_map(|finding| finding["path"].as_str())
            .collect();
        assert_eq!(found, left_out);
        assert_eq!(json["finding_counts"]["notes-not-read"], 1);
    }
}

#[test]
fn a_folder_of_shards_becomes_a_file_or_a_folder_as_it_is_named() {
    let folder = folder();
    let done = program::run(folder.path(), &["convert", "mix", "-o", "out", "--to", "conll"]);
    assert!(done.status.success(), "{done:?}");
    // Read file by file, nothing is left out but the notes.
    for name in ["out/b.conll", "out/deep/c.conll"] {
        assert_eq!(
            fs::read_to_string(folder.path().join(name)).unwrap().matches(COLUMNS).count(),
            1
        );
    }
    let stderr = program::text(&done.stderr);
    assert!(stderr.contains("notes-not-read") && !stderr.contains("file-not-read"), "{stderr}");
}

#[test]
fn folders_are_converted_with_the_folders_in_them_and_licences_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for name in ["in/train.conll", "in/x/train.conll", "in/x.y/z/dev.tsv"] {
        file(path, name, COLUMNS);
    }
    file(path, "in/pairs/a.txt", "Oslo");
    file(path, "in/pairs/a.ann", "T1\tLOC 0 4\tOslo\n");
    file(path, "in/LICENSE_NDT.txt", "Some rights\n\nreserved.\n");
    file(path, "in/odd.bin", "word\n");
    fs::create_dir(path.join("in/empty")).unwrap();
    let convert = ["convert", "in", "-o", "in/out/deep", "--to", "jsonl", "--json"];
    for round in ["first", "second, with the output beside the inputs"] {
        let done = program::run(path, &convert);
        let stderr = program::text(&done.stderr);
        assert!(done.status.success(), "{round}: {stderr}");
        let json: Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(json["documents"], 4, "{round}");
        assert!(stderr.contains("LICENSE_NDT.txt"), "{round}: {stderr}");
        let not_read: Vec<&str> =
            json["not_read"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(not_read.contains(&"in/odd.bin"), "{round}: {not_read:?}");
        for name in ["train", "x/train", "x.y/z/dev", "pairs"] {
            let name = format!("in/out/deep/{name}.jsonl");
            assert!(path.join(&name).is_file(), "{round}: {name}");
            assert_eq!(not_read.contains(&name.as_str()), round != "first", "{round}: {name}");
        }
        assert!(!path.join("in/out/deep/empty").exists());
    }
    let done = program::run(path, &["check", "in", "--json"]);
    let json: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(json["finding_counts"]["file-not-read"], 1);
    assert_eq!(json["finding_counts"]["notes-not-read"], 1);
}

#[test]
fn a_conversion_that_fails_leaves_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    file(path, "in/a/bad.conll", "one\n");
    file(path, "notes/README.md", "words\n");
    for (input, said) in [("in", "in/a/bad.conll:1:1: "), ("notes", "notes: expected a folder of")]
    {
        let done = program::run(path, &["convert", input, "-o", "new/out", "--to", "conll"]);
        let stderr = program::text(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains(said), "{stderr}");
        assert!(!path.join("new").exists(), "{input}");
    }
}
