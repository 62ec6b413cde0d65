//! The reader of `docbin`: on what spaCy wrote, on files made byte by byte, on broken ones.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use ner_align_core::{CorpusReader, Document, Finding, Tag};
use ner_align_corpus::formats::docbin::{DocBinOptions, DocBinReader};
use ner_align_corpus::{CorpusError, Format, ReadOptions, read_path};
use proptest::prelude::*;

fn read(
    bytes: &[u8],
    options: DocBinOptions,
) -> Result<(Vec<Document>, Vec<Finding>), CorpusError> {
    let mut reader = DocBinReader::from_reader(bytes, "in.spacy", options)?;
    let documents = reader.documents().collect::<Result<_, _>>()?;
    Ok((documents, reader.take_findings()))
}

/// Words with `^` where a sentence starts, entities as `LABEL words`.
fn show(document: &Document) -> String {
    let starts = document.sentences_marked();
    let first =
        |word| starts && document.sentences().iter().any(|sentence| sentence.words.start == word);
    let tags = document.tags().map(|(tags, _)| tags);
    let word = |(index, word): (usize, &str)| {
        let missing = tags.is_some_and(|tags| tags[index] == Tag::Missing);
        let (start, missing) =
            (if first(index) { "^" } else { "" }, if missing { "?" } else { "" });
        format!("{start}{}{missing}", word.escape_debug())
    };
    let words: Vec<String> = document.words().enumerate().map(word).collect();
    let entities: Vec<String> = document
        .entities()
        .iter()
        .map(|e| format!("{} {}..{}", e.label, e.span.start, e.span.end))
        .collect();
    format!("{} [{}]", words.join("|"), entities.join(", "))
}

fn oracles() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles")
}

#[test]
fn what_spacy_wrote_is_read() {
    // `generate.py` beside these files wrote them, and what spaCy says of them.
    let text = std::fs::read_to_string(oracles().join("expected.tsv")).unwrap();
    let mut checked = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let [file, index, origin, text, shown] =
            line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let corpus = read_path(oracles().join(file), &ReadOptions::default()).unwrap();
        let document = &corpus.documents[index.parse::<usize>().unwrap()];
        let text = text.replace("\\n", "\n").replace("\\t", "\t");
        assert_eq!(document.text(), text, "{file} {index}");
        assert_eq!(format!("{:?}", document.origin()), origin, "{file} {index}");
        assert_eq!(show(document), shown, "{file} {index}");
        checked += 1;
    }
    assert!(checked > 8);
}

/// A `.spacy` of the fields given, in msgpack.
struct Raw {
    fields: Vec<(&'static str, Vec<u8>)>,
}

fn bin(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0xC6];
    out.extend((bytes.len() as u32).to_be_bytes());
    out.extend(bytes);
    out
}

fn string(text: &str) -> Vec<u8> {
    let mut out = vec![0xD9, u8::try_from(text.len()).unwrap()];
    out.extend(text.as_bytes());
    out
}

fn array(values: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![0xDD];
    out.extend((values.len() as u32).to_be_bytes());
    out.extend(values.concat());
    out
}

fn rows(rows: &[&[u64]]) -> Vec<u8> {
    bin(&rows.concat().iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<_>>())
}

/// The ids of `a`, and of the symbols `PERSON` and `ORG`.
const A: u64 = 11_901_859_001_352_538_922;
const PERSON: u64 = 380;
const ORG: u64 = 383;

impl Raw {
    /// Two documents: `a` as a person; `a a`, without annotation.
    fn new() -> Self {
        Self {
            fields: vec![
                ("version", string("0.1")),
                ("attrs", vec![0x94, 65, 77, 78, 80]),
                ("tokens", rows(&[&[A, 3, PERSON, 1], &[A, 0, 0, 0], &[A, 0, 0, 0]])),
                ("spaces", bin(&[0, 1, 0])),
                ("lengths", bin(&[1, 0, 0, 0, 2, 0, 0, 0])),
                ("strings", array(&[string(""), string("PERSON"), string("a")])),
                ("cats", vec![0x92, 0x80, 0x80]),
                ("flags", vec![0x92, 0x80, 0x80]),
                ("span_groups", vec![0x92, 0xC4, 0, 0xC4, 1, 0x90]),
            ],
        }
    }

    fn with(mut self, field: &'static str, value: Vec<u8>) -> Self {
        self.fields.iter_mut().find(|(name, _)| *name == field).unwrap().1 = value;
        self
    }

    fn without(mut self, field: &str) -> Self {
        self.fields.retain(|(name, _)| *name != field);
        self
    }

    fn msgpack(&self) -> Vec<u8> {
        let mut out = vec![0x80 | self.fields.len() as u8];
        for (name, value) in &self.fields {
            out.extend(string(name));
            out.extend(value);
        }
        out
    }

    fn packed(&self) -> Vec<u8> {
        zlib(&self.msgpack())
    }
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn columns_mean_what_they_mean_in_spacy() {
    let one =
        |token: &[u64]| Raw::new().with("tokens", rows(&[token, &[A, 0, 0, 0], &[A, 0, 0, 0]]));
    let two = |first: &[u64], second: &[u64]| {
        Raw::new().with("tokens", rows(&[&[A, 2, 0, 1], first, second]))
    };
    let minus = u64::MAX;
    for (raw, expected, codes) in [
        (Raw::new(), "^a [PERSON 0..1] a?|a? []", ""),
        // Inside after nothing, a type that changes, a first word without type, an orphan type.
        (two(&[A, 2, 0, 0], &[A, 1, ORG, 0]), "^a [] a|a [ORG 1..2]", "inside-without-start"),
        (two(&[A, 3, ORG, 0], &[A, 1, PERSON, 0]), "^a [] a|a [ORG 0..2]", "type-changes"),
        (two(&[A, 3, 0, 0], &[A, 2, PERSON, 0]), "^a [] a|a []", ""),
        (two(&[A, 0, 0, 1], &[A, 2, 0, minus]), "^a [] ^a?|a []", ""),
        (two(&[A, 2, 0, 0], &[A, 2, 0, 1]), "^a [] ^a|^a []", ""),
        // The empty word, which spaCy itself does not open.
        (one(&[0, 2, 0, 1]), "^ [] a?|a? []", "empty-token"),
        // A symbol's string need not be in the file.
        (one(&[A, 3, ORG, 1]), "^a [ORG 0..1] a?|a? []", ""),
        // Fields that a reader can do without.
        (Raw::new().without("version").without("cats"), "^a [PERSON 0..1] a?|a? []", ""),
        (Raw::new().without("flags").without("span_groups"), "^a [PERSON 0..1] a?|a? []", ""),
        (
            Raw::new()
                .with("cats", vec![0x92, 0x80, 0x81, 0xA1, b'x', 0xCB, 0, 0, 0, 0, 0, 0, 0, 0]),
            "^a [PERSON 0..1] a?|a? []",
            "not-kept",
        ),
    ] {
        let (documents, findings) = read(&raw.packed(), DocBinOptions::default()).unwrap();
        let shown: Vec<String> = documents.iter().map(show).collect();
        assert_eq!(shown.join(" "), expected);
        let found: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(found.join(" "), codes, "{expected}");
    }
}

/// Label, first token, token after the last.
type Spans<'a> = &'a [(u64, i32, i32)];

fn group(name: &str, spans: Spans<'_>) -> Vec<u8> {
    let span = |(label, start, end): &(u64, i32, i32)| {
        let mut bytes = vec![0; 16];
        bytes.extend(label.to_be_bytes());
        for number in [*start, *end, 2 * start, 2 * end - 1] {
            bytes.extend(number.to_be_bytes());
        }
        bin(&bytes)
    };
    let spans: Vec<Vec<u8>> = spans.iter().map(span).collect();
    [
        vec![0x83],
        string("name"),
        string(name),
        string("attrs"),
        vec![0x80],
        string("spans"),
        array(&spans),
    ]
    .concat()
}

#[test]
fn spans_of_groups_become_entities() {
    let map = |groups: &[(&str, Spans<'_>)]| {
        let mut out = vec![0x80 | groups.len() as u8];
        for (name, spans) in groups {
            out.extend(bin(&group(name, spans)));
            out.extend(array(&[string(name)]));
        }
        bin(&out)
    };
    let list = |spans: Spans<'_>| bin(&array(&[bin(&group("sc", spans))]));
    let second =
        |groups: Vec<u8>| Raw::new().with("span_groups", [vec![0x92, 0xC4, 0], groups].concat());
    let first = |groups: Vec<u8>| {
        Raw::new().with("span_groups", [vec![0x92], groups, vec![0xC4, 0]].concat())
    };
    for (raw, expected, codes) in [
        // Nested and repeated spans; without any mark of `doc.ents` nothing is missing.
        (
            second(map(&[("sc", &[(PERSON, 0, 2), (ORG, 0, 1), (ORG, 0, 1)])])),
            "^a [PERSON 0..1] a|a [ORG 0..1, ORG 0..1, PERSON 0..2]",
            "",
        ),
        (second(list(&[(PERSON, 1, 2)])), "^a [PERSON 0..1] a|a [PERSON 1..2]", ""),
        // What `doc.ents` or another group has is there once.
        (
            first(map(&[("sc", &[(PERSON, 0, 1)]), ("x", &[(ORG, 0, 1), (PERSON, 0, 1)])])),
            "^a [ORG 0..1, PERSON 0..1] a?|a? []",
            "span-groups",
        ),
        // Without a type, and at no words.
        (first(map(&[("sc", &[(0, 0, 1)])])), "^a [PERSON 0..1] a?|a? []", "not-kept"),
        (first(map(&[("sc", &[(ORG, 0, 7)])])), "^a [PERSON 0..1] a?|a? []", "span-out-of-range"),
        (first(map(&[("sc", &[(ORG, 1, 0)])])), "^a [PERSON 0..1] a?|a? []", "span-reversed"),
    ] {
        let (documents, findings) = read(&raw.packed(), DocBinOptions::default()).unwrap();
        let shown: Vec<String> = documents.iter().map(show).collect();
        assert_eq!(shown.join(" "), expected);
        let found: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(found.join(" "), codes, "{expected}");
    }
}

#[test]
fn what_is_broken_is_said_with_its_field() {
    let bad = |field, value| Raw::new().with(field, value).packed();
    let mut cut = Raw::new().msgpack();
    cut.truncate(cut.len() / 2);
    let mut sum = Raw::new().packed();
    *sum.last_mut().unwrap() ^= 1;
    let mut more = Raw::new().msgpack();
    more.push(0xC0);
    let token = |token: &[u64]| bad("tokens", rows(&[&[A, 3, PERSON, 1], token, &[A, 0, 0, 0]]));
    let cases: &[(Vec<u8>, &str)] = &[
        (Vec::new(), "expected a .spacy file, compressed by zlib, found an empty file"),
        (
            b"{}".to_vec(),
            "expected a .spacy file, compressed by zlib, found one that starts with the bytes [7B, 7D]",
        ),
        (
            zlib(&cut),
            "expected a whole .spacy file, found an end after 40 unpacked bytes in field \"tokens\"",
        ),
        (sum, "expected a whole .spacy file, found damaged data after 0 unpacked bytes"),
        (zlib(&more), "expected the end of the data, found more"),
        (zlib(&[0x93]), "expected a map, found an array"),
        (zlib(&[0x80]), "expected the field \"attrs\", found an empty map"),
        (zlib(&[0xC1]), "expected a msgpack value, found byte 0xC1"),
        (zlib(&[0x81, 0xC0]), "expected a string, found nil"),
        (
            Raw::new().without("strings").packed(),
            "expected the field \"strings\", found [\"version\", \"attrs\", \"tokens\", \"spaces\", \"lengths\", \"cats\", \"flags\", \"span_groups\"]",
        ),
        (
            Raw::new().without("attrs").packed(),
            "expected attrs before tokens, found tokens first in field \"tokens\"",
        ),
        (bad("attrs", vec![0x90]), "expected 1 to 1024 attributes, found 0 in field \"attrs\""),
        (
            bad("attrs", vec![0x92, 77, 78]),
            "expected the attribute 65 (ORTH) among others, found [77, 78] in field \"attrs\"",
        ),
        (
            bad("attrs", vec![0x91, 0xA1, b'x']),
            "expected a number that is not negative, found a string in field \"attrs\"",
        ),
        (
            bad("tokens", bin(&[0; 33])),
            "expected rows of 4 numbers of 8 bytes, found 33 bytes in field \"tokens\"",
        ),
        (bad("tokens", string("x")), "expected bytes, found a string in field \"tokens\""),
        (
            bad("tokens", vec![0xC6, 255, 255, 255, 224]),
            "expected a whole .spacy file, found an end after 40 unpacked bytes in field \"tokens\"",
        ),
        (bad("spaces", bin(&[0])), "expected 3 spaces, one a token, found 1"),
        (
            bad("lengths", bin(&[1, 0, 0, 0])),
            "expected documents of 3 tokens together, as in tokens, found 1 in field \"lengths\"",
        ),
        (
            bad("lengths", bin(&[1, 0])),
            "expected numbers of 4 bytes, found 2 bytes in field \"lengths\"",
        ),
        (
            bad("lengths", bin(&[255; 8])),
            "expected a number of tokens, found -1 for document 0 in field \"lengths\"",
        ),
        (
            bad("flags", vec![0x91, 0x80]),
            "expected 2 entries, one a document, found 1 in field \"flags\"",
        ),
        (
            bad("strings", array(&[string("")])),
            "expected a word in field \"strings\", found none of id 11901859001352538922 for word 0 of document 0",
        ),
        (
            bad("strings", vec![0x91, 0xA1, 0xFF]),
            "expected a string in UTF-8, found \"\u{fffd}\" in field \"strings\"",
        ),
        (token(&[A, 4, 0, 0]), "expected 0 to 3 as ENT_IOB, found 4 for word 0 of document 1"),
        (
            token(&[A, 3, 7_000, 0]),
            "expected an entity type in field \"strings\", found none of id 7000 for word 0 of document 1",
        ),
        (
            bad("span_groups", vec![0x91, 0xC4, 1, 0x01]),
            "expected a map of span groups, found something else in field \"span_groups\"",
        ),
        (
            bad(
                "span_groups",
                [
                    vec![0x91],
                    bin(&array(&[bin(&[
                        0x81, 0xA5, b's', b'p', b'a', b'n', b's', 0x91, 0xC4, 1, 0,
                    ])])),
                ]
                .concat(),
            ),
            "expected spans of 40 bytes, found one of 1 bytes in field \"span_groups\"",
        ),
        (
            zlib(&[
                0x86, 0xA5, b'a', b't', b't', b'r', b's', 0x91, 65, 0xA6, b't', b'o', b'k', b'e',
                b'n', b's', 0xC4, 0, 0xA6, b's', b'p', b'a', b'c', b'e', b's', 0xC4, 0, 0xA7, b'l',
                b'e', b'n', b'g', b't', b'h', b's', 0xC4, 0, 0xA7, b's', b't', b'r', b'i', b'n',
                b'g', b's', 0x90, 0xA4, b'c', b'a', b't', b's', 0x90,
            ]),
            "expected at least one document, found none",
        ),
    ];
    let errors: Vec<String> = cases
        .iter()
        .map(|(bytes, _)| read(bytes, DocBinOptions::default()).unwrap_err().to_string())
        .collect();
    let expected: Vec<String> =
        cases.iter().map(|(_, expected)| format!("in.spacy: {expected}")).collect();
    assert_eq!(errors.join("\n"), expected.join("\n"));
}

#[test]
fn broken_files_are_told_by_their_error() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/broken/docbin");
    let cases: &[(&str, &str)] = &[
        ("sound", "1 documents"),
        ("empty", "expected a .spacy file, compressed by zlib, found an empty file"),
        (
            "not-zlib",
            "expected a .spacy file, compressed by zlib, found one that starts with the bytes [89, D9]",
        ),
        (
            "cut",
            "expected a whole .spacy file, found an end after 37 unpacked bytes in field \"tokens\"",
        ),
        (
            "no-strings",
            "expected the field \"strings\", found [\"version\", \"attrs\", \"tokens\", \"spaces\", \"lengths\", \"cats\", \"flags\", \"span_groups\"]",
        ),
        (
            "narrow-numbers",
            "expected rows of 4 numbers of 8 bytes, found 24 bytes in field \"tokens\"",
        ),
        (
            "missing-string",
            "expected a word in field \"strings\", found none of id 11901859001352538922 for word 0 of document 0",
        ),
        ("iob-of-9", "expected 0 to 3 as ENT_IOB, found 9 for word 1 of document 0"),
        (
            "lengths",
            "expected documents of 2 tokens together, as in tokens, found 7 in field \"lengths\"",
        ),
        ("no-documents", "expected at least one document, found none"),
    ];
    let mut found = Vec::new();
    for (name, _) in cases {
        let path = folder.join(name).with_extension("spacy");
        let options = ReadOptions::default().with_format(Some(Format::DocBin));
        found.push(match read_path(&path, &options) {
            Ok(corpus) => format!("{} documents", corpus.documents.len()),
            Err(error) => {
                let error = error.to_string();
                error.strip_prefix(&format!("{}: ", path.display())).unwrap().to_owned()
            }
        });
    }
    let expected: Vec<&str> = cases.iter().map(|(_, expected)| *expected).collect();
    assert_eq!(found.join("\n"), expected.join("\n"));
}

#[test]
fn a_file_that_unpacks_without_end_is_stopped() {
    // An array nested as deep as it is long, a field of zeros, and strings of nothing: some MiB
    // packed, and no memory to speak of.
    let mut nested = vec![0x81, 0xA1, b'x'];
    nested.resize(32 << 20, 0x91);
    let error = read(&zlib(&nested), DocBinOptions::default()).unwrap_err().to_string();
    assert!(error.contains("found an end after 33554432 unpacked bytes"), "{error}");
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(&[0x81, 0xA7]).unwrap();
    packer.write_all(b"strings").unwrap();
    packer.write_all(&[0xDD, 255, 255, 255, 255]).unwrap();
    for _ in 0..512 {
        packer.write_all(&vec![0xA0; 1 << 16]).unwrap();
    }
    let error = read(&packer.finish().unwrap(), DocBinOptions::default()).unwrap_err().to_string();
    assert!(
        error.contains("expected words, strings and spans of at most 1024 MiB, found more"),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_reader_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        at in 0..300_usize,
        flip in 1..=255_u8,
    ) {
        let _ = read(&bytes, DocBinOptions::default());
        let _ = read(&zlib(&bytes), DocBinOptions::default());
        let mut raw = Raw::new().msgpack();
        if let Some(byte) = raw.get_mut(at) {
            *byte ^= flip;
        }
        let _ = read(&zlib(&raw), DocBinOptions::default());
    }
}
