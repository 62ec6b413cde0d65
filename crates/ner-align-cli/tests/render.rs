//! `ner-align render` as a script sees it.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::Path;
use std::process::Output;

fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    program::run_on(folder, &[&["render"], arguments].concat(), input)
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    file("gold.tsv", "Ada\tB-PER\nin\tO\nOslo\tB-LOC\n\nBob\tB-PER\n");
    file("pred.tsv", "Ada\tB-PER\nin\tO\nOslo\tB-PER\n\nBob\tO\n");
    folder
}

#[test]
fn pages_pictures_and_text() {
    let folder = folder();
    let at = folder.path();
    for (arguments, file, part) in [
        (&["gold.tsv", "-o", "a.html"][..], "a.html", ">Oslo<small>LOC</small></mark>"),
        (&["gold.tsv", "-o", "a.SVG", "--width", "200"], "a.SVG", ">Oslo</text>"),
        (
            &["gold.tsv", "-o", "a.txt", "--to", "terminal"],
            "a.txt",
            "1  [Ada]PER in [Oslo]LOC\n5  [Bob]PER\n",
        ),
        (
            &["gold.tsv", "-o", "b.html", "--versus", "pred.tsv"],
            "b.html",
            "<h1>pred.tsv against gold.tsv</h1>",
        ),
        (&["gold.tsv", "-o", "c.html", "--title", "a<b"], "c.html", "<h1>a&lt;b</h1>"),
    ] {
        let output = run(at, arguments, b"");
        assert!(output.status.success() && output.stdout.is_empty(), "{arguments:?}: {output:?}");
        let text = fs::read_to_string(at.join(file)).unwrap();
        assert!(text.contains(part), "{arguments:?}: {text}");
    }
    // What is not a terminal gets no colours.
    let gold = fs::read(at.join("gold.tsv")).unwrap();
    let output = run(at, &["-"], &gold);
    assert_eq!(output.stdout, "1  [Ada]PER in [Oslo]LOC\n5  [Bob]PER\n".as_bytes());
    let output = run(at, &["gold.tsv", "--versus", "pred.tsv", "--errors", "missed"], b"");
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "5\n  gold  [Bob]PER!missed\n  pred  Bob\n"
    );
}

#[test]
fn faults_are_one_line_each() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("other.tsv"), "Ada\tO\nin\tO\nRome\tO\n\nBob\tO\n").unwrap();
    for (arguments, status, part) in [
        (&["gold.tsv", "-o", "gold.tsv"][..], 2, "gold.tsv"),
        (&["gold.tsv", "-o", "none/a.html"], 3, "none/a.html"),
        (&["gold.tsv", "-o", "a.svg", "--versus", "pred.tsv"], 2, "--versus"),
        (&["gold.tsv", "-o", "a.html", "--errors", "missed"], 2, "--versus"),
        (&["gold.tsv", "--versus", "pred.tsv", "--errors", "wrong"], 2, "boundary_and_type"),
        (&["gold.tsv", "-o", "a.html", "--versus", "other.tsv"], 1, "word 3: expected \"Oslo\""),
        (&["none.tsv"], 1, "none.tsv"),
    ] {
        let output = run(at, arguments, b"");
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {error}");
        assert!(error.contains(part) && !error.contains("panicked"), "{arguments:?}: {error}");
        assert!(!at.join("a.html").exists() && !at.join("a.svg").exists());
    }
}
