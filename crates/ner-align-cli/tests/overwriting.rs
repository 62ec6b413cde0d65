//! No command replaces what it reads, or a folder that holds something else.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;

#[test]
fn an_output_that_is_an_input_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir_all(folder.path().join("data/brat")).unwrap();
    file("a.conll", "Oslo\tB-LOC\n\nBergen\tO\n");
    file("data/b.conll", "Oslo\tB-LOC\n");
    file("data/brat/c.txt", "Oslo");
    file("data/brat/c.ann", "T1\tLOC 0 4\tOslo\n");
    file("list.tsv", "Oslo\tLOC\n");
    file("train.conll", "Oslo\tB-LOC\n\nBergen\tO\n");
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let names = [
        "a.conll",
        "data/b.conll",
        "data/brat/c.txt",
        "data/brat/c.ann",
        "list.tsv",
        "train.conll",
    ];
    let before = names.map(read);
    let brat = ["--to", "brat"];
    let list = ["--dictionary", "list.tsv"];
    let ratio = ["--ratio", "1:1"];
    for (command, input, output, more, said) in [
        ("convert", "a.conll", "a.conll", &[][..], "the input a.conll"),
        ("convert", "a.conll", "./data/../a.conll", &[], "the input a.conll"),
        ("convert", "data/b.conll", "data", &brat, "a folder that holds the input data/b.conll"),
        ("convert", "data", "data", &["--to", "jsonl"], "the input data"),
        ("convert", "data/brat", "data/brat", &brat, "the input data/brat"),
        ("convert", "data/brat", "data/brat/c.txt", &["--to", "conll"], "a file of the input"),
        (
            "convert",
            "a.conll",
            "data/brat",
            &brat,
            "a folder without other files than are written, found c.",
        ),
        ("annotate", "a.conll", "a.conll", &list, "the input a.conll"),
        ("annotate", "a.conll", "list.tsv", &list, "the input list.tsv"),
        ("split", "train.conll", ".", &ratio, "the input train.conll"),
        ("score", "a.conll", "a.conll", &["--html", "a.conll"], "the input a.conll"),
    ] {
        let output = if command == "score" { vec![output] } else { vec!["-o", output] };
        let arguments = [&[command, input], &output[..], more].concat();
        let done = program::run(folder.path(), &arguments);
        let stderr = program::text(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said) && stderr.contains("\nhint: "), "{arguments:?}: {stderr}");
        assert_eq!(names.map(read), before, "{arguments:?}");
    }
    // An empty folder, and a file that was written before, are free.
    fs::create_dir(folder.path().join("empty")).unwrap();
    for (command, output, more) in [
        ("convert", "empty", &brat[..]),
        ("convert", "empty", &brat),
        ("convert", "o.jsonl", &[]),
        ("convert", "o.jsonl", &[]),
        ("split", "data", &ratio),
    ] {
        let done =
            program::run(folder.path(), &[&[command, "a.conll", "-o", output], more].concat());
        assert!(done.status.success(), "{command} {output}: {}", program::text(&done.stderr));
    }
}
