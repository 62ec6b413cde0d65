//! `--map` and `--drop`: what they took away, and names that never occur.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;

use serde_json::{Value, json};

#[test]
fn dropped_entities_are_counted_and_names_that_never_occur_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let columns = "Ada\tB-person\n\nOslo\tB-location\nBergen\tB-GPE\n\nRome\tB-location\n\n";
    fs::create_dir(folder.path().join("in")).unwrap();
    for name in ["a.conll", "in/a.conll"] {
        fs::write(folder.path().join(name), columns).unwrap();
    }
    // A name that occurs in one file of several occurs.
    fs::write(folder.path().join("in/b.conll"), "Ada\tB-PER\n").unwrap();
    let used = ["--drop", "location", "--map", "person=PER", "--map", "GPE=location"];
    let slip = ["--drop", "loc", "--map", "Person=PER"];
    let named = "found \"Person\" of --map, \"loc\" of --drop; they have GPE";
    for (arguments, dropped) in [
        (&["convert", "a.conll", "-o", "o.conll"][..], "/dropped/labels"),
        (&["convert", "in", "-o", "o", "--to", "conll"], "/dropped/labels"),
        (&["split", "a.conll", "-o", "parts", "--ratio", "1:1"], "/dropped_labels"),
    ] {
        let run = |more: &[&str]| program::run(folder.path(), &[arguments, more].concat());
        let stderr = program::text(&run(&used).stderr);
        let said = "3 entities dropped by their label (location 3)";
        assert!(stderr.contains(said) && !stderr.contains("unused"), "{arguments:?}: {stderr}");
        let json: Value =
            serde_json::from_slice(&run(&[&used[..], &["--json"]].concat()).stdout).unwrap();
        assert_eq!(json.pointer(dropped), Some(&json!({"location": 3})), "{arguments:?}");

        let stderr = program::text(&run(&slip).stderr);
        assert!(stderr.contains("note: unused-label ×1"), "{arguments:?}: {stderr}");
        assert!(stderr.contains(named) && !stderr.contains("dropped"), "{arguments:?}: {stderr}");
    }
    fs::write(folder.path().join("list.tsv"), "Oslo\tX\n").unwrap();
    let annotate = ["annotate", "a.conll", "-o", "o.jsonl", "--dictionary", "list.tsv"];
    let done = program::run(folder.path(), &[&annotate[..], &slip].concat());
    assert!(program::text(&done.stderr).contains(named), "{done:?}");
    let done = program::run(folder.path(), &[&["check", "a.conll"], &slip[..]].concat());
    assert!(program::text(&done.stdout).contains(named), "{done:?}");
}
