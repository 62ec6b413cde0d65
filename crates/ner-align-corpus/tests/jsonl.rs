//! The reader of `jsonl`: every shape, and broken files.

mod common;

use std::io::{self, Read};
use std::path::Path;

use ner_align_core::{CorpusReader, Document};
use ner_align_corpus::formats::jsonl::{JsonlOptions, JsonlReader};
use ner_align_corpus::{
    CorpusError, Format, FormatReader, OnSurfaceMismatch, ReadOptions, open_reader,
};
use proptest::prelude::*;

use common::show;

/// Documents, how often each finding was made, and the findings with their hints.
type Outcome = (Vec<Document>, Vec<(String, usize)>, Vec<String>);

fn read(text: &str, options: JsonlOptions) -> Result<Outcome, CorpusError> {
    let mut reader = JsonlReader::from_reader(text.as_bytes(), "in.jsonl", options)?;
    let documents = reader.documents().collect::<Result<_, _>>()?;
    let counts = reader.finding_counts().iter().map(|(code, n)| (code.clone(), *n)).collect();
    let findings = reader.take_findings();
    let lines = findings.iter().map(|f| format!("{f} | {}", f.hint.as_deref().unwrap_or_default()));
    Ok((documents, counts, lines.collect()))
}

#[test]
fn every_shape_is_read() {
    for (line, expected, findings) in [
        // Prodigy.
        (
            r#"{"text": "né à  Oslo!", "tokens": [{"text": "né", "start": 0, "end": 2, "id": 0, "ws": true}, {"text": "à", "start": 3, "end": 4, "id": 1, "ws": true}, {"text": "Oslo!", "start": 6, "end": 11, "id": 2, "ws": false}], "spans": [{"start": 6, "end": 11, "label": "LOC", "token_start": 2, "token_end": 2, "source": "x"}], "answer": "accept", "_task_hash": -5}"#,
            "né|à|Oslo! LOC(Oslo!)",
            "not-kept 2",
        ),
        (
            r#"{"text": "a b", "tokens": [{"text": "a", "start": 0, "end": 1}, {"text": "c", "start": 2, "end": 3}], "spans": [{"start": 0, "end": 1, "label": "X", "token_start": 1, "token_end": 1}]}"#,
            "a|b X(a)",
            "token-differs 1, token-span-differs 1",
        ),
        (
            r#"{"text": "a b", "tokens": [{"text": "a", "start": 0, "end": 2}, {"text": "b", "start": 1, "end": 3}], "spans": []}"#,
            "a|b",
            "tokens-misfit 1",
        ),
        (r#"{"text": "ab", "tokens": [{"text": "a"}, {"text": "b"}], "spans": []}"#, "a|b", ""),
        (r#"{"text": "Oslo.", "answer": "accept"}"#, "Oslo|.", ""),
        // Nobody looked at it.
        (
            r#"{"text": "Oslo.", "meta": {"text": "x"}}"#,
            "Oslo|. -(Oslo) -(.)",
            "not-annotated 1, not-kept 1",
        ),
        // doccano, old and new.
        (r#"{"id": 7, "text": "in Oslo", "label": [[3, 7, "LOC"]]}"#, "7: in|Oslo LOC(Oslo)", ""),
        (
            r#"{"id": 7, "data": "in Oslo", "labels": [[3, 7, "LOC"], [0, 7, "P"]]}"#,
            "7: in|Oslo P(in Oslo) LOC(Oslo)",
            "",
        ),
        (
            r#"{"text": "in Oslo", "entities": [{"id": 1, "start_offset": 3, "end_offset": 7, "label": "LOC"}], "relations": [], "Comments": []}"#,
            "in|Oslo LOC(Oslo)",
            "not-kept 2",
        ),
        (r#"{"text": "in Oslo", "data": [[3, 7, "LOC"]]}"#, "in|Oslo LOC(Oslo)", ""),
        // spaCy.
        (r#"["in Oslo", {"entities": [[3, 7, "LOC"]]}]"#, "in|Oslo LOC(Oslo)", ""),
        (
            r#"["in Oslo", {"entities": [[3, 7, "LOC"]], "cats": {}}, {"n": 1}]"#,
            "in|Oslo LOC(Oslo)",
            "not-kept 2",
        ),
        (r#"["Oslo", null]"#, "Oslo -(Oslo)", "not-annotated 1"),
        // Label Studio, whole and short.
        (
            r#"{"id": 3, "data": {"text": "in Oslo", "source": "x"}, "annotations": [{"was_cancelled": true, "result": []}, {"result": [{"type": "labels", "value": {"start": 3, "end": 7, "text": "Oslo", "labels": ["LOC", "CITY"]}}, {"type": "relation"}]}, {"result": []}]}"#,
            "3: in|Oslo CITY(Oslo) LOC(Oslo)",
            "not-kept 3, several-annotators 1",
        ),
        (
            r#"{"data": {"body": "in Oslo"}, "annotations": []}"#,
            "in|Oslo -(in) -(Oslo)",
            "not-annotated 1",
        ),
        (
            r#"{"text": "in Oslo", "label": [{"start": 3, "end": 7, "text": "Oslo", "labels": ["LOC"]}]}"#,
            "in|Oslo LOC(Oslo)",
            "",
        ),
        // DataTurks, with inclusive ends.
        (
            r#"{"content": "in Oslo", "annotation": [{"label": ["LOC"], "points": [{"start": 3, "end": 6, "text": "Oslo"}]}, {"label": [], "points": [{"start": 0, "end": 1}]}], "extras": null}"#,
            "in|Oslo LOC(Oslo)",
            "not-kept 1, span-without-label 1",
        ),
        (
            r#"{"content": "in Oslo", "annotation": null}"#,
            "in|Oslo -(in) -(Oslo)",
            "not-annotated 1",
        ),
        // Hugging Face.
        (
            r#"{"id": "0", "tokens": ["in", "Oslo", "B"], "ner_tags": ["O", "B-LOC", "TIM"]}"#,
            "0: in|Oslo|B LOC(Oslo) TIM(B)",
            "tag-without-prefix 1",
        ),
        (r#"{"tokens": ["in", "Oslo"], "ner_tags": [-100, 1]}"#, "in|Oslo -(in) LOC(Oslo)", ""),
        (
            r#"{"tokens": ["in", "Oslo"], "tags": ["O", "U-LOC"], "text": "in  Oslo"}"#,
            "in|Oslo LOC(Oslo)",
            "",
        ),
        (
            r#"{"tokens": ["in", "Oslo"], "text": "in Rome"}"#,
            "in|Oslo -(in) -(Oslo)",
            "not-annotated 1, text-without-tokens 1",
        ),
        (r#"{"tokens": []}"#, "", ""),
        // Our predictions, and pieces of text with spans under other names.
        (
            r#"{"text": "in Oslo", "entities": [{"start": 3, "end": 7, "label": "LOC", "score": 0.5, "text": "Oslo"}]}"#,
            "in|Oslo LOC(Oslo)",
            "",
        ),
        (
            r#"{"text": "in Oslo", "entities": [{"start": 3, "end": 7, "type": "LOC"}, {"start": 3, "end": 6, "entity_group": "X"}]}"#,
            "in|Oslo LOC(Oslo) [3..6 X inside-word]",
            "span-inside-word 1",
        ),
        (
            r#"{"text": "in Oslo", "annotations": [{"start": 3, "end": 7, "label": "LOC"}]}"#,
            "in|Oslo LOC(Oslo)",
            "",
        ),
        // Spans that are no run of words.
        (
            r#"{"text": "a b", "label": [[1, 2, "A"], [2, 1, "B"], [1, 1, "C"], [0, 9, "D"], [0, 2, ""]]}"#,
            "a|b [1..2 A whitespace-edge] [2..1 B reversed] [1..1 C empty] [0..9 D out-of-range]",
            "span-empty 1, span-out-of-range 1, span-reversed 1, span-whitespace-edge 1, span-without-label 1",
        ),
        // A byte order mark, and what JSON may hold.
        (
            "\u{feff}{\"text\": \"\\ud83d\\ude00 O\\u0000s\", \"label\": [[2, 5, \"X\"]]}",
            "😀|O\0s X(O\0s)",
            "",
        ),
        (r#"[[ "Oslo", {"entities": [[0, 4, "LOC"]]} ]]"#, "Oslo LOC(Oslo)", ""),
    ] {
        let names = ["O", "B-LOC"].map(str::to_owned).to_vec();
        let options = JsonlOptions::default().with_tag_names(Some(names));
        let (documents, counts, _) = read(line, options).unwrap();
        let shown: Vec<String> = documents.iter().map(show).collect();
        assert_eq!(shown, [expected], "{line}");
        let counts: Vec<String> = counts.iter().map(|(code, n)| format!("{code} {n}")).collect();
        assert_eq!(counts.join(", "), findings, "{line}");
    }
}

#[test]
fn answers_and_shapes_are_counted() {
    let text = concat!(
        "{\"text\": \"a\", \"spans\": [], \"answer\": \"reject\"}\n",
        "\n",
        "{\"text\": \"b\", \"spans\": [], \"answer\": \"accept\"}\r\n",
        "{\"text\": \"c\", \"spans\": [], \"answer\": \"ignore\"}\n",
        "[\"d\", {\"entities\": []}]\n",
        "{\"text\": \"e\", \"x\": 1}\n",
        "{\"text\": \"f\", \"x\": 2, \"y\": 2}",
    );
    let (documents, counts, findings) = read(text, JsonlOptions::default()).unwrap();
    let texts: Vec<&str> = documents.iter().map(Document::text).collect();
    assert_eq!(texts, ["b", "d", "e", "f"]);
    assert_eq!(counts.iter().map(|(_, n)| n).sum::<usize>(), 7);
    assert_eq!(
        findings,
        [
            "in.jsonl:1: expected an accepted document, found \"reject\", left out | ",
            "in.jsonl:4: expected an accepted document, found \"ignore\", left out | ",
            "in.jsonl:5: expected the shape of the first document, Prodigy's (\"spans\"), found \
             spaCy's (text and \"entities\"), read as that | ",
            "in.jsonl:6: expected spans or tags, found none; all words are read as missing | ",
            "in.jsonl:7: expected spans or tags, found none; all words are read as missing | ",
            "in.jsonl: expected text, words and spans, found \"x\" ×2, not kept | ",
            "in.jsonl: expected text, words and spans, found \"y\" ×1, not kept | ",
        ]
    );
}

#[test]
fn offsets_of_other_units_are_told() {
    for (line, hint) in [
        (
            r#"{"text": "né à Oslo", "entities": [{"start": 7, "end": 11, "label": "L", "text": "Oslo"}]}"#,
            "bytes of UTF-8",
        ),
        (
            r#"{"text": "😀 Oslo", "spans": [{"start": 3, "end": 7, "label": "L", "text": "Oslo"}]}"#,
            "units of UTF-16",
        ),
        (
            r#"{"text": "in Oslo", "spans": [{"start": 3, "end": 6, "label": "L", "text": "Oslo"}]}"#,
            "inclusive end",
        ),
    ] {
        let error = read(line, JsonlOptions::default()).unwrap_err();
        assert_eq!((error.code(), error.line()), ("surface-mismatch", Some(1)), "{line}");
        assert!(error.hint().unwrap().contains(hint), "{error:?}");
        // The ways on: as they are, or left out.
        for (policy, count) in [(OnSurfaceMismatch::Offsets, 1), (OnSurfaceMismatch::Drop, 0)] {
            let options = JsonlOptions::default().with_on_surface_mismatch(policy);
            let (documents, counts, findings) = read(line, options).unwrap();
            let spans = documents[0].entities().len() + documents[0].unaligned().len();
            assert_eq!(spans, count, "{line}");
            assert!(counts.contains(&("surface-mismatch".to_owned(), 1)), "{line}");
            assert!(findings[0].contains(hint), "{findings:?}");
        }
    }
}

#[test]
fn a_label_studio_export_of_many_lines_is_read() {
    let text = "\u{feff}[\n  {\n    \"id\": 1,\n    \"annotations\": [],\n    \"data\": {\"text\": \"a\"}\n  },\n  {\"data\": {\"text\": \"né\"},\n \"annotations\": [{\"result\": [{\"value\":\n {\"start\": 0, \"end\": 9, \"labels\": [\"X\"]}}]}]}\n]\n";
    let mut reader = open_reader(text.as_bytes(), "tasks.json", &ReadOptions::default()).unwrap();
    let mut documents = Vec::new();
    while let Some(document) = reader.read_document().unwrap() {
        documents.push(show(&document));
    }
    assert_eq!(documents, ["1: a -(a)", "né [0..9 X out-of-range]"]);
    let lines: Vec<_> = reader.take_findings().iter().map(|f| f.location.line).collect();
    assert_eq!(lines, [Some(2), Some(7)]);
}

#[test]
fn broken_files_are_refused_with_their_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/broken/jsonl");
    let cases = [
        (
            "negative.jsonl",
            "2:39: expected an offset, a whole number of 0 or more, found integer `-1`",
        ),
        (
            "float.jsonl",
            "1:34: expected an offset, a whole number of 0 or more, found floating point `3.5`",
        ),
        (
            "huge.jsonl",
            "1:54: expected an offset, a whole number of 0 or more, found floating point `1e+23`",
        ),
        ("surrogate.jsonl", "3:22: expected well-formed JSON, found unexpected end of hex escape"),
        ("cut.jsonl", "1:41: expected well-formed JSON, found EOF while parsing an object"),
        ("twice.jsonl", "1:23: expected each key once, found a second \"text\""),
        ("two-a-line.jsonl", "1:18: expected well-formed JSON, found trailing characters"),
        ("latin1.jsonl", "2:15: expected UTF-8 text, found byte 0xE9"),
        ("nul.jsonl", "2:12: expected UTF-8 text, found a NUL byte"),
        ("numbers.jsonl", "1:1: expected names of tags, found the number 5"),
        ("ragged.jsonl", "1:1: expected one tag a token, found 1 tags for 2 tokens"),
        (
            "no-text.jsonl",
            "1:1: expected a document with a \"text\", or with \"tokens\", found neither; the keys are \"id\", \"spans\"",
        ),
        ("short.jsonl", "1:33: expected an array of start, end and label, found length 2"),
        ("no-offsets.jsonl", "1:1: expected a span with start and end, found one without"),
        ("words.jsonl", "1:1: expected a span, [start, end, label] or an object, found a string"),
        (
            "number.jsonl",
            "1:1: expected a document: an object, or an array of a text and its annotation, found integer `3`",
        ),
        ("empty.jsonl", " expected at least one document, found none"),
        (
            "rejected.jsonl",
            " expected at least one document, found none; 1 were rejected or ignored",
        ),
        ("deep.jsonl", "1:783: expected well-formed JSON, found recursion limit exceeded"),
        ("array.json", "2:35: expected an offset, a whole number of 0 or more, found string \"4\""),
        ("comma.json", "2:2: expected a comma or ], found '{'"),
    ];
    common::check_broken(&folder, Format::Jsonl, &cases);
}

/// A document of one endless text.
struct Endless(bool);

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        buffer.fill(b'a');
        if !std::mem::replace(&mut self.0, true) {
            buffer[..1].copy_from_slice(b"[");
            buffer[1..10].copy_from_slice(b"{\"text\":\"");
        }
        Ok(buffer.len())
    }
}

#[test]
fn a_giant_document_is_refused() {
    let line = io::Cursor::new(b"{\"text\": \"").chain(io::repeat(b'a').take(100 << 20));
    for (source, expected) in [
        (
            Box::new(line) as Box<dyn Read>,
            "f:1: expected lines of at most 16 MiB, found a longer one",
        ),
        (Box::new(Endless(false)), "f:1:2: expected a document of at most 16 MiB, found more"),
    ] {
        let mut reader = JsonlReader::from_reader(source, "f", JsonlOptions::default()).unwrap();
        assert_eq!(reader.read_document().unwrap_err().to_string(), expected);
        assert!(reader.read_document().unwrap().is_none());
    }
}

proptest! {
    #[test]
    fn garbage_is_an_error_or_documents(
        text in "([\\[\\]{},:\"]|\"(text|spans|label|tokens|ner_tags|start|end|data|value|result|points)\":|[0-9-]{1,3}|\\\\u[d0][8c0]00|é|\n|\"a b\"){0,40}",
    ) {
        let _ = read(&text, JsonlOptions::default());
    }
}
