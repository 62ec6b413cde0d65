//! Broken files of the formats of lines, and broken packings: each is refused with its place, or
//! read with a finding that has it. The other formats' tests hold theirs.

use std::path::Path;

use ner_align_core::CorpusReader;
use ner_align_corpus::{ReadOptions, open, read_path};

/// The file, and what is said of it from its path on.
const REFUSED: &[(&str, &str)] = &[
    ("conll/blank.conll", ": expected at least one row with a token, found a file without tokens"),
    (
        "conll/cut-character.conll",
        ":2:5: expected UTF-8 text, found the end of the file within a character",
    ),
    ("conll/empty.conll", ": expected at least one row with a token, found an empty file"),
    ("conll/nul.conll", ":2:1: expected UTF-8 text, found a NUL byte"),
    ("conll/one-column.conll", ":1:1: expected a word and a tag, found 1 column in \"Ada;B-PER\""),
    (
        "conll/only-docstart.conll",
        ": expected at least one row with a token, found a file without tokens",
    ),
    ("conll/ragged.conll", ":2:1: expected a word and a tag, found 1 column in \"wrote\""),
    ("conll/utf8.conll", ":2:2: expected UTF-8 text, found byte 0xE9"),
    ("conllu/bad-id.conllu", ":1:1: expected a word's number, 1-2 or 1.1, found \"one\""),
    (
        "conllu/huge-id.conllu",
        ":1:1: expected a word's number, 1-2 or 1.1, found \"99999999999999999999999\"",
    ),
    ("conllu/latin1.conllu", ":1:11: expected UTF-8 text, found byte 0xE9"),
    (
        "conllu/nine-columns.conllu",
        ":1: expected 10 columns parted by tabs, found 9 in \
         \"1\\tAda\\t_\\tNOUN\\t_\\t_\\t0\\troot\\t_\"",
    ),
    ("conllu/only-comments.conllu", ": expected at least one word, found none"),
    ("conllu/reversed-range.conllu", ":1:1: expected a range such as 1-2, found \"2-1\""),
    ("iob-lines/empty.iob", ": expected at least one sentence, found blank lines"),
    ("iob-lines/latin1.iob", ":1:2: expected UTF-8 text, found byte 0xE9"),
    ("iob-lines/no-tag.iob", ":1:11: expected word|TAG or word|POS|TAG, found \"wrote\""),
    (
        "packed/checksum.conll.gz",
        ": expected readable data, found corrupt gzip stream does not have a matching checksum",
    ),
    (
        "packed/checksum.zip",
        "/a.conll: expected readable data, found an entry that does not have its checksum",
    ),
    (
        "packed/cut.conll.gz",
        ": expected readable data, found the compressed data of PATH ends early",
    ),
    ("packed/cut.zip", ": expected a zip archive, found invalid Zip archive: Could not find EOCD"),
    ("packed/empty.zip", ": expected an archive of one file, found none"),
    (
        "packed/header-only.conll.gz",
        ": expected readable data, found the compressed data of PATH ends early",
    ),
    ("packed/not-gzip.conll.gz", ":1:2: expected UTF-8 text, found byte 0x8B"),
    ("packed/packed-thrice.conll.gz", ":1:2: expected UTF-8 text, found byte 0x8B"),
];

/// The file, the code of its finding, its line and its column.
const FOUND: &[(&str, &str, u64, u64)] = &[
    ("conll/unknown-prefix.conll", "unknown-prefix", 1, 2),
    ("iob-lines/odd-tag.iob", "empty-tag", 1, 11),
];

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/broken")
}

#[test]
fn broken_files_are_refused_with_their_place() {
    for (name, expected) in REFUSED {
        let path = folder().join(name);
        let error = read_path(&path, &ReadOptions::default()).unwrap_err().to_string();
        let said = error.replacen(&path.display().to_string(), "", 1);
        let said = said.replace(&path.display().to_string(), "PATH");
        assert_eq!(said, *expected, "{name}");
    }
}

#[test]
fn odd_tags_are_found_with_their_place() {
    for &(name, code, line, column) in FOUND {
        let corpus = read_path(folder().join(name), &ReadOptions::default()).unwrap();
        let finding = &corpus.findings[0];
        let found = (&*finding.code, finding.location.line, finding.location.column);
        assert_eq!(found, (code, Some(line), Some(column)), "{name}");
    }
}

#[test]
fn no_document_comes_after_an_error() {
    let mut errors = 0;
    for format in std::fs::read_dir(folder()).unwrap() {
        let format = format.unwrap();
        let name = format.file_name().into_string().unwrap();
        for path in std::fs::read_dir(format.path()).unwrap() {
            let path = path.unwrap().path();
            let options = ReadOptions::default().with_format(name.parse().ok());
            // Some are refused when they are opened.
            let Ok(mut reader) = open(&path, &options) else { continue };
            loop {
                match reader.read_document() {
                    Ok(Some(_)) => continue,
                    Ok(None) => break,
                    Err(_) => errors += 1,
                }
                let next = reader.read_document();
                assert!(matches!(next, Ok(None)), "{}: {next:?}", path.display());
                break;
            }
        }
    }
    assert!(errors > 40, "{errors} files with an error");
}
