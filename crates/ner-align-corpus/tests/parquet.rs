//! The reader and the writer of `parquet`.

#![cfg(feature = "parquet")]
#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{check_broken, show, tagged};
use ner_align_core::{CorpusReader, CorpusWriter, Document, Label, Prefix, Scheme, Tag};
use ner_align_corpus::formats::parquet::{ParquetOptions, ParquetReader, ParquetWriter};
use ner_align_corpus::{
    CorpusError, Encoding, Format, ReadOptions, Source, WriteOptions, create, open_reader,
    read_path,
};
use proptest::prelude::*;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn read(
    bytes: Vec<u8>,
    options: ParquetOptions,
) -> Result<(Vec<Document>, Vec<String>), CorpusError> {
    let source = Source::from_reader(std::io::Cursor::new(bytes), "in.parquet", Encoding::Utf8)?;
    let mut reader = ParquetReader::new(source, options)?;
    let documents = reader.documents().collect::<Result<_, _>>()?;
    let findings = reader.take_findings().iter().map(ToString::to_string).collect();
    Ok((documents, findings))
}

fn write(documents: &[Document], options: &WriteOptions) -> Result<Vec<u8>, CorpusError> {
    let mut out = Vec::new();
    let mut writer = ParquetWriter::new(&mut out, "out.parquet", options);
    documents.iter().try_for_each(|document| writer.write_document(document))?;
    writer.finish()?;
    drop(writer);
    Ok(out)
}

#[test]
fn what_pyarrow_wrote_is_read() {
    const ROWS: &str =
        "Ada|Lovelace|wrote PER(Ada Lovelace) née|à|São|Paulo LOC(São Paulo) EU -(EU)";
    for (name, expected, marked, findings) in [
        ("list", ROWS, false, &[("empty-row", 1)][..]),
        (
            "sequence",
            "0: Ada|Lovelace|wrote PER(Ada Lovelace) 1: née|à|São|Paulo LOC(São Paulo) 3: EU -(EU)",
            true,
            &[("empty-row", 1)],
        ),
        ("bare-list", ROWS, false, &[("empty-row", 1)]),
        (
            "strings",
            "a: Ada|Lovelace|wrote|née|à|São|Paulo PER(Ada Lovelace) LOC(São Paulo) c: EU -(EU)",
            true,
            &[("empty-row", 1), ("not-kept", 1)],
        ),
        (
            "text",
            &ROWS.replace("Ada L", "Ada  L"),
            false,
            &[("empty-row", 1), ("text-without-tokens", 1)],
        ),
    ] {
        let path = fixtures().join(format!("parquet/{name}.parquet"));
        let corpus = read_path(&path, &ReadOptions::default()).unwrap();
        let shown: Vec<String> = corpus.documents.iter().map(show).collect();
        assert_eq!(shown.join(" "), expected, "{name}");
        assert_eq!(corpus.documents_marked, marked, "{name}");
        let found: Vec<(&str, usize)> =
            corpus.finding_counts.iter().map(|(code, count)| (code.as_str(), *count)).collect();
        assert_eq!(found, findings, "{name} {:?}", corpus.findings);
        // The same as a stream, which has no name and cannot be read from its end.
        let file = fs::File::open(&path).unwrap();
        let mut reader = open_reader(file, "-", &ReadOptions::default()).unwrap();
        let mut again = Vec::new();
        while let Some(document) = reader.read_document().unwrap() {
            again.push(document);
        }
        assert_eq!(again, corpus.documents, "{name}");
    }
    let path = fixtures().join("parquet/text.parquet");
    let documents = read_path(&path, &ReadOptions::default()).unwrap().documents;
    let texts: Vec<&str> = documents.iter().map(Document::text).collect();
    assert_eq!(texts, ["Ada  Lovelace wrote.", "née à São Paulo", "EU\n"]);
    let options = ReadOptions::default().with_sentences_per_document(0);
    let corpus = read_path(&path, &options).unwrap();
    assert_eq!((corpus.documents.len(), corpus.documents[0].sentences().len()), (1, 3));
    assert_eq!(corpus.finding_counts["not-kept"], 1);
}

#[test]
fn faults_have_their_place() {
    let column = "expected a sound column \"tokens.list.element\" at row 1, found";
    check_broken(
        &fixtures().join("broken/parquet"),
        Format::Parquet,
        &[
            ("cut.parquet", " expected a sound footer, found an end without PAR1"),
            ("short.parquet", " expected a sound footer, found a file too short to have one"),
            (
                "footer-length.parquet",
                " expected a sound footer, found one that claims more bytes than there may be",
            ),
            ("deep.parquet", " expected a sound footer, found bytes that are none"),
            (
                "no-tokens.parquet",
                " expected a column tokens, lists of strings, found the columns \"text, ner_tags\"",
            ),
            (
                "no-tags.parquet",
                " expected a column ner_tags, lists of strings or numbers, found the columns \"tokens, ner_tags\"",
            ),
            ("ragged.parquet", " expected one tag a token in row 1, found 1 tags for 2 tokens"),
            ("unnamed.parquet", " expected names of tags in row 1, found the number 0"),
            (
                "no-such-name.parquet",
                " expected a number below that of the tag names, 5, in row 1, found 5",
            ),
            ("null.parquet", " expected a token in row 1, found null"),
            ("latin1.parquet", " expected UTF-8 text as the token in row 1, found byte 0xE9"),
            ("empty.parquet", " expected at least one row with tokens, found none"),
            ("long-row.parquet", &format!(" {column} a row of more than 1048576 elements")),
        ],
    );
    let unnamed = fixtures().join("broken/parquet/unnamed.parquet");
    let error = read_path(&unnamed, &ReadOptions::default()).unwrap_err();
    assert!(error.hint().unwrap().contains("`tag_names: "));
    let names = Some(vec!["O".to_owned(), "B-X".to_owned()]);
    let options = ReadOptions::default().with_tag_names(names);
    let corpus = read_path(&unnamed, &options).unwrap();
    assert_eq!(show(&corpus.documents[0]), "a|b X(b)");
}

#[test]
fn names_mark_documents() {
    let plain = tagged(&[&[("a", "B-X")]], Scheme::Iob2);
    let two = tagged(&[&[("b", "O")], &[("c", "O")]], Scheme::Iob2);
    let mut named = two.clone();
    named.set_id(Some("n".to_owned()));
    // Without names, and a sentence a document, there is nothing to mark.
    let bytes = write(&[plain.clone(), plain.clone()], &WriteOptions::default()).unwrap();
    assert_eq!(read(bytes, ParquetOptions::default()).unwrap().0, [plain.clone(), plain.clone()]);
    let documents = [two, named.clone(), plain];
    let bytes = write(&documents, &WriteOptions::default()).unwrap();
    assert_eq!(read(bytes, ParquetOptions::default()).unwrap().0, documents);
    let unmarked = WriteOptions::default().with_mark_documents(false);
    let bytes = write(&documents, &unmarked).unwrap();
    assert_eq!(read(bytes, ParquetOptions::default()).unwrap().0.len(), 5);
    let error = write(&[named.clone(), named], &WriteOptions::default()).unwrap_err();
    assert_eq!(error.code(), "unwritable-id");
}

#[test]
fn columns_are_named() {
    let bytes = fs::read(fixtures().join("parquet/strings.parquet")).unwrap();
    let read_as = |columns: &str| {
        let columns = columns.parse().unwrap();
        read(bytes.clone(), ParquetOptions::from(&ReadOptions::default().with_columns(columns)))
    };
    let usual = read_as("words=tokens").unwrap().0;
    assert_eq!(usual, read(bytes.clone(), ParquetOptions::default()).unwrap().0);
    // Any list of strings may be the words, such as that of the tags, which holds a null.
    let name = ["tags", "ner_tags", "labels", "ner"]
        .into_iter()
        .find(|name| read_as(&format!("tags={name}")).is_ok())
        .unwrap();
    assert_eq!(read_as(&format!("words={name}")).unwrap_err().code(), "null");
    for (columns, hint) in [
        ("words=nowhere", "`columns: words="),
        ("tags=id", "`columns: words="),
        ("document=tokens", "`columns: words="),
        ("text=tokens", "`columns: words="),
        ("spans=tokens", "JSON lines"),
    ] {
        let error = read_as(columns).unwrap_err();
        assert_eq!(error.code(), "no-column", "{columns}");
        assert!(error.hint().unwrap().contains(hint), "{columns}");
    }
}

#[test]
fn rows_go_into_groups_of_a_size() {
    let documents: Vec<Document> = (0..10_001)
        .map(|number| tagged(&[&[(&*format!("w{number}"), "O"), ("x", "U-É")]], Scheme::Biluo))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.parquet");
    let mut writer = create(&path, Format::Parquet, &WriteOptions::default()).unwrap();
    documents.iter().for_each(|document| writer.write_document(document).unwrap());
    assert!(!path.exists());
    writer.finish().unwrap();
    let corpus = read_path(&path, &ReadOptions::default()).unwrap();
    assert!(corpus.documents == documents);
    let bytes = fs::read(&path).unwrap();
    let names = r#"{"names":["O","B-É","I-É","L-É","U-É"],"_type":"ClassLabel"}"#;
    assert!(bytes.windows(names.len()).any(|window| window == names.as_bytes()));
}

fn document() -> impl Strategy<Value = Document> {
    let prefix = prop::sample::select(&Prefix::ALL[..]);
    let label = "[^-]{1,3}".prop_filter_map("no label", |name| Label::new(&name));
    let tag = prop_oneof![
        Just(Tag::Outside),
        Just(Tag::Missing),
        (prefix, label).prop_map(|(prefix, label)| Tag::entity(prefix, label)),
    ];
    let sentence = prop::collection::vec((any::<String>(), tag), 1..6);
    let id = prop::option::of("[a-z]{3}");
    (id, prop::collection::vec(sentence, 1..4)).prop_map(|(id, sentences)| {
        let mut builder = Document::builder();
        builder.set_id(id);
        let mut tags = Vec::new();
        for sentence in sentences {
            for (word, tag) in sentence {
                builder.push_word(&word);
                tags.push(tag);
            }
            builder.end_sentence();
        }
        builder.tagged(tags, Scheme::Biluo).unwrap()
    })
}

/// The bytes of all sound fixtures.
fn sound() -> Vec<Vec<u8>> {
    ["list", "sequence", "bare-list", "strings", "text"]
        .map(|name| fs::read(fixtures().join(format!("parquet/{name}.parquet"))).unwrap())
        .to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(documents in prop::collection::vec(document(), 1..4)) {
        if documents.windows(2).all(|pair| pair[0].id() != pair[1].id() || pair[0].id().is_none()) {
            let bytes = write(&documents, &WriteOptions::default()).unwrap();
            let options = ParquetOptions::default().with_scheme(Some(Scheme::Biluo));
            prop_assert_eq!(read(bytes, options).unwrap().0, documents);
        }
    }

    #[test]
    fn damage_is_no_panic(
        which in 0_usize..5,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = sound().swap_remove(which);
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Some(cut) = cut {
            let place = cut.index(bytes.len());
            bytes.remove(place);
        }
        let _ = read(bytes, ParquetOptions::default());
    }
}

#[test]
fn a_page_has_a_limit_that_the_memory_sets() {
    // One row whose text makes a page of more than a megabyte, and less than two.
    let word = "x".repeat(1_500_000);
    let document = tagged(&[&[(word.as_str(), "O")]], Scheme::Iob2);
    let bytes = write(&[document], &WriteOptions::default()).unwrap();
    for (max_memory, fits) in [(64 << 20, true), (16 << 20, false)] {
        let mut options = ParquetOptions::default();
        options.max_memory = max_memory;
        let read = read(bytes.clone(), options);
        assert_eq!(read.is_ok(), fits);
        if let Err(error) = read {
            assert_eq!(error.code(), "page-too-large", "{error}");
            let expected = "in.parquet: expected pages of at most 1 MiB, found one of 2 MiB";
            assert_eq!(error.to_string(), expected);
            assert!(error.hint().unwrap().contains("`max_memory`"));
        }
    }
}
