//! Spans that the output cannot hold: the message says where they are.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;

#[test]
fn a_span_that_cannot_be_written_is_named_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    // Both are of two documents, of which the second has the fault.
    for end in ["txt", "tokens", "spans", "objects"] {
        file(&format!("fact/a.{end}"), if end == "txt" { "Oslo" } else { "" });
    }
    file("fact/b.txt", "Oslo and Bergen");
    file("fact/b.tokens", "1 0 4 Oslo\n2 5 3 and\n3 9 6 Bergen\n");
    file("fact/b.spans", "7 x 0 4 1 1\n8 x 9 6 3 1\n9 x 0 15 1 3\n");
    file("fact/b.objects", "1 Org 7\n2 Org 7 8\n");
    file("brat/a.txt", "Oslo");
    file("brat/a.ann", "");
    file("brat/b.txt", "Oslo and Bergen");
    file("brat/b.ann", "T1\tLOC 0 4\tOslo\nT2\tLOC 0 3\tOsl\n");
    file("over/b.txt", "Oslo and Bergen");
    file("over/b.ann", "T1\tLOC 0 4\tOslo\nT2\tORG 0 15\tOslo and Bergen\n");
    let spans = r#"{"text": "a", "spans": []}
{"text": "a b", "spans": [{"start": 0, "end": 1, "label": "X"}, {"start": 0, "end": 3, "label": "Y"}]}"#;
    file("over.jsonl", spans);
    let inside = "expected a span of whole words, found LOC at 0..3";
    let overlap = "expected entities that share no word, found";
    for (arguments, place, said) in [
        (
            &["fact"][..],
            "fact/b.objects:2: ",
            "expected a span of one piece, found Org at 0..4 and",
        ),
        (&["fact", "--map", "Org=O"], "fact/b.objects:2: ", "found O at 0..4 and 9..15"),
        (&["brat"], "brat/b.ann:2: ", inside),
        (&["over"], "over: ", "\"Oslo and Bergen\", in document \"b\""),
        (&["over.jsonl"], "over.jsonl:2: ", overlap),
    ] {
        let arguments = [&["convert", "-o", "o.conll"], arguments].concat();
        let done = program::run(folder.path(), &arguments);
        let stderr = program::text(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{arguments:?}: {stderr}");
        let line = stderr.lines().find(|line| line.starts_with("error: ")).unwrap();
        assert!(line.starts_with(&format!("error: {place}")), "{arguments:?}: {line}");
        assert!(line.contains(said), "{arguments:?}: {line}");
        assert!(!folder.path().join("o.conll").exists());
    }
    // Parts of a split have no place of their own, but documents with names.
    let arguments = ["split", "brat", "-o", "o", "--ratio", "1:1", "--to", "conll"];
    let stderr = program::text(&program::run(folder.path(), &arguments).stderr);
    assert!(stderr.contains(inside) && stderr.contains(", in document \"b\""), "{stderr}");
}
