//! The reader and the writer of `brat`: pairs of all kinds, broken files, and there and back again.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

mod common;

use std::fs;
use std::path::Path;

use ner_align_core::{ByteSpan, CharSpan, Document, Entity, Misalignment, SourceSpan};
use ner_align_corpus::{
    Corpus, CorpusError, Encoding, ErrorKind, Format, OffsetUnit, OnSurfaceMismatch, ReadOptions,
    WriteOptions, create, read_path, words,
};
use proptest::prelude::*;

use common::{label, show};

fn write(documents: &[Document], path: &Path) -> Result<(), CorpusError> {
    let mut writer = create(path, Format::Brat, &WriteOptions::default())?;
    for document in documents {
        writer.write_document(document)?;
    }
    writer.finish()
}

fn read(path: &Path) -> Result<Corpus, CorpusError> {
    read_path(path, &ReadOptions::default().with_format(Some(Format::Brat)))
}

fn names(folder: &Path) -> Vec<String> {
    let names =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn pairs_are_read() {
    for (text, annotation, expected, findings) in [
        ("in Oslo.\n", "", "a: in|Oslo|.", ""),
        ("né à Oslo", "T1\tLOC 5 9\tOslo\n", "a: né|à|Oslo LOC(Oslo)", ""),
        // A CR is a character, and lines of annotation may end in one.
        ("a\r\nb", "T1\tX 3 4\tb\r\n\r\n", "a: a|b X(b)", ""),
        ("\u{feff}Oslo", "T1\tLOC 1 5\tOslo", "a: Oslo LOC(Oslo)", ""),
        // Pieces parted by white space are one; others are not.
        ("New\nYork is", "T1\tLOC 0 3;4 8\tNew York\n", "a: New|York|is LOC(New\nYork)", ""),
        (
            "North and South Korea",
            "T1\tLOC 0 5;16 21\tNorth Korea",
            "a: North|and|South|Korea [0..5+16..21 LOC discontinuous]",
            "span-discontinuous 1",
        ),
        (
            "Ada wrote",
            "T1\tPER 0 3\tAda\nR1\tWorks Arg1:T1 Arg2:T2\nE1\tX:T1\nA1\tNeg T1\nM1\tNeg T1\n#1\tNote T1\twhy\n*\tEquiv T1 T2\nN1\tReference T1 Q:7259\tAda\nT1\tPER 0 2\tAd",
            "a: Ada|wrote PER(Ada) [0..2 PER inside-word]",
            "duplicate-id 1, not-kept 6, span-inside-word 1",
        ),
        ("né Oslo", "T1\tLOC 4 8", "a: né|Oslo [4..8 LOC out-of-range]", "span-out-of-range 1"),
        (
            "a\tb",
            "T1\tX 0 3\ta\tb\nT2\tX 2 1\t",
            "a: a|b X(a\tb) [2..1 X reversed]",
            "span-reversed 1",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.txt"), text).unwrap();
        fs::write(folder.path().join("a.ann"), annotation).unwrap();
        for path in
            [folder.path().to_owned(), folder.path().join("a.txt"), folder.path().join("a.ann")]
        {
            let corpus = read(&path).unwrap();
            assert_eq!(corpus.documents.iter().map(show).collect::<Vec<_>>(), [expected]);
            assert_eq!(corpus.documents[0].text(), text);
            let counts: Vec<String> =
                corpus.finding_counts.iter().map(|(code, n)| format!("{code} {n}")).collect();
            assert_eq!(counts.join(", "), findings, "{annotation:?}");
        }
    }
}

#[test]
fn offsets_of_other_units_are_errors_and_are_read() {
    for (text, annotation, unit, expected) in [
        ("a b\r\nc d\r\nMara left\r\n", "T1\tPER 8 12\tMara\n", OffsetUnit::CrLfAsOne, "Mara"),
        ("😀 in Oslo", "T1\tLOC 6 10\tOslo\n", OffsetUnit::Utf16, "Oslo"),
        ("né à Oslo", "T1\tLOC 7 11\tOslo\n", OffsetUnit::Bytes, "Oslo"),
        ("😀 New\nYork is", "T1\tLOC 3 6;7 11\tNew York\n", OffsetUnit::Utf16, "New\nYork"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.txt"), text).unwrap();
        fs::write(folder.path().join("a.ann"), annotation).unwrap();
        let error = read(folder.path()).unwrap_err();
        assert_eq!((error.code(), error.line()), ("surface-mismatch", Some(1)), "{text:?}");
        let hint = error.hint().unwrap();
        assert!(hint.contains(&format!("`offsets: {unit}`")), "{text:?}: {hint}");
        let options = ReadOptions::default().with_offsets(unit);
        let corpus = read_path(folder.path(), &options).unwrap();
        let document = &corpus.documents[0];
        assert_eq!(document.surface(document.entities()[0].span), expected, "{unit}");
        // The ways on where the text was changed.
        for (policy, spans) in [(OnSurfaceMismatch::Offsets, 1), (OnSurfaceMismatch::Drop, 0)] {
            let options = ReadOptions::default().with_on_surface_mismatch(policy);
            let corpus = read_path(folder.path(), &options).unwrap();
            let document = &corpus.documents[0];
            assert_eq!(document.entities().len() + document.unaligned().len(), spans);
            assert_eq!(corpus.finding_counts["surface-mismatch"], 1);
        }
    }
}

#[test]
fn a_folder_is_a_corpus() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "10.txt",
        "10.ann",
        "9.txt",
        "9.ann",
        "b.txt",
        "b.ann",
        "README.txt",
        ".x.txt",
        "c.json",
        "0002.txt",
        "0002.ann",
    ] {
        fs::write(folder.path().join(name), if name.ends_with("txt") { name } else { "" }).unwrap();
    }
    // The second document is named by its number, and has no name.
    let corpus = read_path(folder.path(), &ReadOptions::default()).unwrap();
    let ids: Vec<Option<&str>> = corpus.documents.iter().map(Document::id).collect();
    assert_eq!(ids, [Some("0002"), Some("9"), Some("10"), Some("b")]);
    assert_eq!(corpus.finding_counts.get("missing-ann"), Some(&1));
    // Nothing in the folder is passed over without a word.
    for (code, name, message) in [
        ("missing-ann", "README.txt", "none, left out"),
        ("file-not-read", "c.json", "found spacy-json by its name, not read"),
        ("notes-not-read", "", "not read: .x.txt"),
    ] {
        let finding = corpus.findings.iter().find(|finding| finding.code == code).unwrap();
        let path = finding.location.path.as_ref().unwrap();
        assert!(path.ends_with(name) && finding.message.ends_with(message), "{finding}");
        assert_eq!(corpus.finding_counts[code], 1);
    }
    assert!(corpus.documents_marked);

    let text = folder.path().join("b.txt");
    fs::write(&text, b"n\xe9").unwrap();
    let encoding = Encoding::Latin1;
    let options = ReadOptions::default().with_format(Some(Format::Brat)).with_encoding(encoding);
    assert_eq!(read_path(&text, &options).unwrap().documents[0].text(), "né");
}

#[test]
fn broken_files_are_refused_with_their_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/broken/brat");
    let offsets = "expected two offsets, whole numbers of 0 or more, parted by a space, found";
    let cases = [
        ("no-tab.ann", "2:1: expected a tab after the number of the entity, found \"T2 PER 0 3 Ada\"".to_owned()),
        ("float.ann", format!("1:8: {offsets} \"3.0 6\"")),
        ("negative.ann", format!("1:8: {offsets} \"-1 3\"")),
        ("huge.ann", format!("1:8: {offsets} \"0 99999999999999999999999\"")),
        ("one-offset.ann", format!("1:12: {offsets} \"2\"")),
        ("no-label.ann", "1:4: expected a label and offsets, found \"\"".to_owned()),
        ("other.ann", "2:1: expected an annotation: one of the signs T, R, E, A, M, N, #, *, and a tab, found \"Ada is a person\"".to_owned()),
        ("latin1.txt", "1:2: expected UTF-8 text, found byte 0xE9".to_owned()),
        ("latin1-ann.ann", "2:13: expected UTF-8 text, found byte 0xE9".to_owned()),
        ("nul.txt", "2:2: expected UTF-8 text, found a NUL byte".to_owned()),
    ];
    let cases: Vec<(&str, &str)> =
        cases.iter().map(|(name, error)| (*name, error.as_str())).collect();
    common::check_broken(&folder, Format::Brat, &cases);
    let error = read(&folder.join("no-text.ann")).unwrap_err();
    assert!(error.path().unwrap().ends_with("no-text.txt"), "{error}");
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(read(empty.path()).unwrap_err().code(), "empty-folder");
    assert_eq!(read(&empty.path().join("no.ann")).unwrap_err().kind(), ErrorKind::Input);
}

#[test]
fn a_giant_text_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("a.txt");
    fs::write(folder.path().join("a.ann"), "").unwrap();
    fs::File::create(&text).unwrap().set_len(65 << 20).unwrap();
    let error = read(&text).unwrap_err().to_string();
    assert!(error.ends_with("expected a text of at most 64 MiB, found more"), "{error}");
}

/// Text with an entity over two lines, and one in pieces.
fn document(id: Option<&str>) -> Document {
    let text = "é New\r\n York is\n";
    let mut document = Document::from_text(text, words::split(text)).unwrap();
    document
        .set_entities(vec![Entity::new(1, 3, label("LOC")), Entity::new(1, 2, label("X"))])
        .unwrap();
    document.set_unaligned(vec![
        common::parted("P"),
        SourceSpan::new(vec![CharSpan::new(30, 40)], label("Q"), Misalignment::OutOfRange),
    ]);
    document.set_id(id.map(str::to_owned));
    document
}

#[test]
fn pairs_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let documents = [None, Some("b/c"), Some("b:c"), Some(".x"), None, Some("")].map(document);
    write(&documents, &path).unwrap();
    assert_eq!(
        names(&path),
        [
            "0001.ann",
            "0001.txt",
            "0005.ann",
            "0005.txt",
            "0006.ann",
            "0006.txt",
            "_x.ann",
            "_x.txt",
            "b_c-2.ann",
            "b_c-2.txt",
            "b_c.ann",
            "b_c.txt"
        ]
    );
    assert_eq!(fs::read_to_string(path.join("b_c.txt")).unwrap(), "é New\r\n York is\n");
    assert_eq!(
        fs::read_to_string(path.join("b_c.ann")).unwrap(),
        "T1\tP 0 1;4 5\té w\nT2\tX 2 5\tNew\nT3\tLOC 2 5;7 12\tNew  York\nT4\tQ 30 40\t\n"
    );
    let corpus = read(&path).unwrap();
    assert_eq!(corpus.documents[0], document(None));
    assert!(!corpus.finding_counts.contains_key("surface-mismatch"));

    // Again, over what is there, but not over what is another corpus's.
    let before = names(&path);
    write(&documents, &path).unwrap();
    let error = write(&documents[..1], &path).unwrap_err();
    assert_eq!((error.code(), error.kind()), ("occupied-folder", ErrorKind::Usage));
    assert!(write(&documents, &path.join("0001.txt")).unwrap_err().hint().is_some());
    assert_eq!(names(&path), before);
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    write(&documents[..1], &empty).unwrap();
    assert_eq!(names(&empty), ["0001.ann", "0001.txt"]);
    assert_eq!(names(folder.path()), ["empty", "out"]);
}

#[test]
fn what_pairs_cannot_hold_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let of = |text: &str, words: Vec<ByteSpan>, name: &str| {
        let mut document = Document::from_text(text, words).unwrap();
        document.set_entities(vec![Entity::new(0, 1, label(name))]).unwrap();
        document
    };
    for (document, expected) in [
        (of("a", vec![ByteSpan::new(0, 1)], "A B"), "a label without white space, found \"A B\""),
        (of("a\0", vec![ByteSpan::new(0, 1)], "A"), "a text without NUL, found one"),
        (
            of("\n", vec![ByteSpan::new(0, 1)], "A"),
            "entities with something else than line ends, found A over none",
        ),
    ] {
        let error = write(&[document], &path).unwrap_err().to_string();
        assert_eq!(error, format!("{}: expected {expected} in document 0", path.display()));
        assert_eq!(names(folder.path()), [""; 0]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pairs_give_documents_back(
        texts in prop::collection::vec("(\\PC{0,4}|[ \t\r\n\u{feff}é😀]|ab){0,12}", 1..3),
        spans in prop::collection::vec((0_usize..9, 1_usize..4, "[A-C]"), 0..5),
        others in prop::collection::vec((0_usize..40, 0_usize..40, "[A-C]"), 0..4),
        named: bool,
    ) {
        let documents: Vec<Document> = texts.iter().enumerate().map(|(index, text)| {
            // A byte order mark is no part of a word.
            let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
            let cut = words::split(&text[mark..]).into_iter();
            let cut = cut.map(|word| ByteSpan::new(word.start + mark, word.end + mark)).collect();
            let mut document = Document::from_text(text.as_str(), cut).unwrap();
            let count = document.len();
            let entities = spans.iter().filter(|(start, ..)| *start < count);
            let entities = entities
                .map(|(start, length, name)| Entity::new(*start, (start + length).min(count), label(name)));
            document.set_entities(entities.collect()).unwrap();
            common::set_other_spans(&mut document, others.clone());
            document.set_id(named.then(|| format!("d {index}é")));
            document
        }).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        write(&documents, &path).unwrap();
        prop_assert_eq!(read(&path).unwrap().documents, documents);
    }

    #[test]
    fn garbage_is_an_error_or_documents(
        text in "\\PC{0,9}",
        annotation in "([TREAMN#*][0-9]?|\t|[0-9;]{1,3}| |LOC|\n|é|\\PC){0,30}",
    ) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.txt"), text).unwrap();
        fs::write(folder.path().join("a.ann"), annotation).unwrap();
        let _ = read(folder.path());
    }
}
