//! A reader of standard output that goes away early, as `head` does.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::io::Read;
use std::process::Stdio;

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let folder = tempfile::tempdir().unwrap();
    // More than any pipe holds.
    fs::write(folder.path().join("big.conll"), "Oslo\tB-LOC\nslept\tO\n\n".repeat(50_000)).unwrap();
    fs::write(folder.path().join("list.tsv"), "Oslo\tLOC\n").unwrap();
    for command in ["convert", "annotate"] {
        for format in ["conll", "jsonl", "csv", "conllu", "spacy-json", "iob-lines"] {
            let mut arguments = vec![command, "big.conll", "-o", "-", "--to", format];
            if command == "annotate" {
                arguments.extend(["--dictionary", "list.tsv"]);
            }
            let mut child = program::command(folder.path(), &arguments)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut first = [0];
            child.stdout.take().unwrap().read_exact(&mut first).unwrap();
            let done = child.wait_with_output().unwrap();
            let stderr = program::text(&done.stderr);
            assert_eq!((done.status.code(), stderr.as_str()), (Some(0), ""), "{arguments:?}");
        }
    }
}

/// The printing macros of the standard library panic there.
#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_error_loses_no_work() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.conll"), "Oslo\tB-LOC\nslept\tX-Y\n\n").unwrap();
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    for (arguments, code) in [
        (&["convert", "a.conll", "-o", "out.jsonl"][..], 0),
        (&["convert", "none.conll", "-o", "none.jsonl"], 1),
    ] {
        let status = program::command(folder.path(), arguments).stderr(full()).status().unwrap();
        assert_eq!(status.code(), Some(code), "{arguments:?}");
    }
    assert!(folder.path().join("out.jsonl").is_file());
    // What was asked for on standard output is not there: that is an error.
    let arguments = ["convert", "a.conll", "-o", "-", "--to", "jsonl"];
    let status = program::command(folder.path(), &arguments).stdout(full()).status().unwrap();
    assert_eq!(status.code(), Some(3));
}
