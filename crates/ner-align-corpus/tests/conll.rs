//! The reader and the writer of `conll` on every quirk that they promise to deal with.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

use ner_align_core::{CorpusReader, CorpusWriter, Document, Finding, Label, Prefix, Scheme, Tag};
use ner_align_corpus::formats::conll::{
    ConllOptions, ConllReader, ConllWriter, ConllWriterOptions, Delimiter,
};
use ner_align_corpus::{CorpusError, ErrorKind, FormatReader, ReadOptions, Unwritable, read_path};
use proptest::prelude::*;

fn read(bytes: &[u8], options: ConllOptions) -> Result<(Vec<Document>, Vec<Finding>), CorpusError> {
    let mut reader = ConllReader::from_reader(bytes, "in.conll", options)?;
    let documents = reader.documents().collect::<Result<_, _>>()?;
    Ok((documents, reader.take_findings()))
}

/// `word/TAG` parted by spaces, sentences by ` | `, documents by ` || `; an id before `: `.
fn show(documents: &[Document]) -> String {
    let sentence = |document: &Document, words: std::ops::Range<usize>| {
        let (tags, scheme) = document.tags().unwrap();
        let row = |word| format!("{}/{}", document.word(word), tags[word].display(scheme));
        words.map(row).collect::<Vec<_>>().join(" ")
    };
    let document = |document: &Document| {
        let sentences = document.sentences().iter();
        let sentences = sentences.map(|s| sentence(document, s.words.range())).collect::<Vec<_>>();
        let id = document.id().map(|id| format!("{id}: ")).unwrap_or_default();
        id + &sentences.join(" | ")
    };
    documents.iter().map(document).collect::<Vec<_>>().join(" || ")
}

/// `LINE:FIELD code` for each finding.
fn places(findings: &[Finding]) -> String {
    let number = |number: Option<u64>| number.map(|n| n.to_string()).unwrap_or_default();
    let place = |f: &Finding| {
        format!("{}:{} {}", number(f.location.line), number(f.location.column), f.code)
    };
    findings.iter().map(place).collect::<Vec<_>>().join(", ")
}

#[test]
fn quirks_are_read_as_promised() {
    let cases: &[(&str, &str, &str)] = &[
        // Line ends, delimiters, blank lines.
        ("a\tO\r\nb\tB-X\r\n\r\nc\tO\r\n", "a/O b/B-X || c/O", ""),
        ("a O\n \t \nb  NN   O", "a/O || b/O", "3: ragged-row"),
        ("\u{feff}a\tO\n\n\n\n\tO\n", "a/O || /O", "5:1 empty-token"),
        ("two words\tO\n\u{a0}\tO\n\u{200b}\tO\n", "two words/O \u{a0}/O \u{200b}/O", ""),
        (" a O \nb O\t\n", "a/O b/O", ""),
        // Document marks.
        ("a O\n-DOCSTART- -X- -X- O\n\nb O\n\nc O\n", "a/O || b/O | c/O", ""),
        ("-DOCSTART-\n\na O\n-DOCSTART-foo\n-DOCSTART- O\nb O\n", "a/O || b/O", ""),
        (
            "-DOCSTART- (7 EU)\n\na O\n\nb O\n\n-DOCSTART- (8)\nc O\n",
            "7 EU: a/O | b/O || 8: c/O",
            "",
        ),
        (
            "# newdoc id = p\n# x\n1\ta\tO\t-\n\n1\tb\tO\t-\n\n# newdoc\n1\tc\tO\t-\n",
            "p: a/O | b/O || c/O",
            ": columns-guessed",
        ),
        // Comments, and # as a token.
        ("# one two\n# O\nb O\n", "#/O b/O", ""),
        ("#\tO\n# text = vitamin O\tO\n", "#/O # text = vitamin O/O", ""),
        ("# text = vitamin O\na\tO\n", "a/O", ""),
        ("# vitamin O\n# \n# b\tO\n", "# b/O", ""),
        ("# newdocs\na O\n\nb O\n", "a/O || b/O", ""),
        ("# a - b -\nb O\n# c d\n", "b/O", "3: other-comment"),
        ("a O\n\n# late\n", "a/O", ": trailing-comment"),
        // Columns.
        ("a NN NP O\nb B-X\n", "a/O b/B-X", "2: ragged-row"),
        ("a\tO\nb\tTIM\t\n", "a/O b/I-TIM", "2:2 tag-without-prefix"),
        ("a\tO\nb\t\tB-X\n", "a/O b/B-X", "2: ragged-row"),
        // Tags.
        (
            "a B-\nb I\nc X-P\n",
            "a/- b/- c/-",
            "1:2 tag-without-type, 2:2 tag-without-type, 3:2 unknown-prefix",
        ),
        (
            "a 0\nb o\nc -\nd b-P\n",
            "a/O b/O c/- d/B-P",
            "1:2 zero-for-o, 2:2 lower-case-tag, 4:2 lower-case-tag",
        ),
        ("a\tB-X\nb\t\nc\t_\n", "a/B-X b/- c/-", "2:2 empty-tag, 3:2 empty-tag"),
        ("a\tB-job title \n", "a/B-job title", ""),
    ];
    for (text, expected, findings) in cases {
        let (documents, found) = read(text.as_bytes(), ConllOptions::default()).unwrap();
        assert_eq!(show(&documents), *expected, "{text:?}");
        assert_eq!(places(&found), *findings, "{text:?}");
    }
}

#[test]
fn fixtures_hold_what_their_table_says() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/quirks");
    let cases: &[(&str, &[usize], Scheme, &[&str])] = &[
        ("crlf", &[1, 1], Scheme::Iob2, &["MIG welding", "Three years"]),
        ("spaces", &[1, 1], Scheme::Iob2, &["Python", "Wound care"]),
        ("tab-blank", &[1, 1, 1], Scheme::Iob2, &["bachelor", "law", "Two seasons"]),
        ("bom", &[1, 1], Scheme::Iob2, &["Forklift"]),
        ("docstart-bare", &[1, 1], Scheme::Iob2, &["Go", "PhD", "soil science"]),
        (
            "iob1",
            &[1, 1],
            Scheme::Iob1,
            &["Excel", "cold calling", "German", "law", "degree", "One year"],
        ),
        ("biluo", &[1, 1], Scheme::Biluo, &["Rust", "at least two years", "bachelor's degree"]),
        ("comments", &[1, 1], Scheme::Iob2, &["Git", "SQL"]),
        ("no-final-newline", &[1, 1], Scheme::Iob2, &["Nursing", "diploma", "Knife skills"]),
    ];
    for (name, sentences, scheme, entities) in cases {
        let path = folder.join(name).with_extension("conll");
        let corpus = read_path(&path, &ReadOptions::default()).unwrap();
        let documents = &corpus.documents;
        assert!(corpus.findings.is_empty(), "{name}: {:?}", corpus.findings);
        let lengths: Vec<usize> = documents.iter().map(|d| d.sentences().len()).collect();
        assert_eq!(lengths, *sentences, "{name}");
        assert_eq!(documents[0].tags().unwrap().1, *scheme, "{name}");
        let surfaces: Vec<&str> = documents
            .iter()
            .flat_map(|d| d.entities().iter().map(|entity| d.surface(entity.span)))
            .collect();
        assert_eq!(surfaces, *entities, "{name}");
    }
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "in.conll: expected at least one row with a token, found an empty file"),
        (
            b"\n# x\n-DOCSTART-\n",
            "in.conll: expected at least one row with a token, found a file without tokens",
        ),
        (b"\nalone\n", "in.conll:2:1: expected a word and a tag, found 1 column in \"alone\""),
        (b"a O\nb\n", "in.conll:2:1: expected a word and a tag, found 1 column in \"b\""),
        (b"a O\nb \xE9 O\n", "in.conll:2:3: expected UTF-8 text, found byte 0xE9"),
        (b"\x89PNG\r\n", "in.conll:1:1: expected UTF-8 text, found byte 0x89"),
        (b"a O\rb O\r", "in.conll:1: expected lines that end in LF or CRLF, found CR alone"),
    ];
    for (bytes, expected) in cases {
        let error = read(bytes, ConllOptions::default()).unwrap_err();
        assert_eq!(error.to_string(), *expected);
        assert_eq!(error.kind(), ErrorKind::Input);
    }
    let one_column = read(b"alone\n", ConllOptions::default()).unwrap_err();
    assert!(one_column.hint().unwrap().contains("`delimiter`"), "{one_column:?}");
    let options = ConllOptions::default().with_tag_column(Some(3));
    let error = read(b"a b O\n", options).unwrap_err().to_string();
    assert!(error.contains("a word in column 1 and a tag in column 4, found 3 columns"), "{error}");
}

#[test]
fn a_file_that_is_not_there_is_the_environments_fault() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("none.conll"), folder.path().to_owned()] {
        let error = read_path(&path, &ReadOptions::default()).unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::Input, path.to_str()));
    }
    let unknown = folder.path().join("words");
    std::fs::write(&unknown, "one\ntwo\n").unwrap();
    let error = read_path(&unknown, &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("one of the formats conll, iob-lines"), "{error}");
}

#[test]
fn options_choose_columns_and_groups() {
    let text = b"1|a|B-X|n\n2|b|I-X|n\n\n1|c|O|n\n\n1|d|O|n\n";
    let options = ConllOptions::default()
        .with_delimiter(Delimiter::Char('|'))
        .with_token_column(Some(1))
        .with_tag_column(Some(-2))
        .with_sentences_per_document(2);
    let (documents, findings) = read(text, options.clone()).unwrap();
    assert_eq!(show(&documents), "a/B-X b/I-X | c/O || d/O");
    assert_eq!(findings, []);
    let options = options.with_sentences_per_document(0);
    assert_eq!(show(&read(text, options).unwrap().0), "a/B-X b/I-X | c/O | d/O");
}

#[test]
fn findings_have_their_place_and_are_counted_beyond_the_limit() {
    let text = b"a O\n\nb O\nc TIM\n\nd TIM\n";
    let options = ConllOptions::default().with_sentences_per_document(2).with_max_findings(1);
    let mut reader = ConllReader::from_reader(&text[..], "in.conll", options).unwrap();
    assert_eq!(reader.documents().count(), 2);
    assert_eq!(reader.finding_counts()["tag-without-prefix"], 2);
    let findings = reader.take_findings();
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!(
        (finding.location.document, finding.location.sentence, finding.location.token),
        (Some(0), Some(1), Some(1))
    );
    assert_eq!(finding.text.as_deref(), Some("TIM"));
    assert!(
        finding.to_string().starts_with("in.conll:4:2: expected O or PREFIX-TYPE"),
        "{finding}"
    );
}

#[test]
fn a_mark_behind_the_first_mebibyte_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("late.conll");
    let mut text = "word O\n\n".repeat(200_000);
    text.push_str("-DOCSTART- -X- O O\n\nlast O\n");
    std::fs::write(&path, &text).unwrap();
    let corpus = read_path(&path, &ReadOptions::default()).unwrap();
    assert_eq!((corpus.documents.len(), corpus.documents_marked), (2, true));
}

fn write(documents: &[Document], options: ConllWriterOptions) -> Result<String, CorpusError> {
    let mut writer = ConllWriter::new(Vec::new(), "out.conll", options);
    for document in documents {
        writer.write_document(document)?;
    }
    writer.finish()?;
    Ok(String::from_utf8(writer.into_inner()).unwrap())
}

#[test]
fn what_rows_cannot_hold_is_refused_or_replaced() {
    for (word, replaced) in [
        ("", "\u{fffd}"),
        ("a\tb", "a\u{fffd}b"),
        ("a\nb", "a\u{fffd}b"),
        ("-DOCSTART-", "\u{fffd}-DOCSTART-"),
    ] {
        let mut builder = Document::builder();
        builder.push_word(word);
        let document = [builder.tagged(vec![Tag::Outside], Scheme::Iob2).unwrap()];
        // An empty word can stand in a row, but other tools take the row for a ragged one.
        match write(&document, ConllWriterOptions::default()) {
            Ok(text) => assert_eq!((word, text.ends_with("\n\n\tO\n\n")), ("", true)),
            Err(error) => assert!(error.to_string().ends_with("in document 0"), "{error}"),
        }
        let options = ConllWriterOptions::default()
            .with_unwritable(Unwritable::Replace)
            .with_mark_documents(false);
        assert_eq!(write(&document, options).unwrap(), format!("{replaced}\tO\n\n"));
    }
}

/// Found by fuzzing.
#[test]
fn rows_that_would_be_read_in_another_way_are_not_written() {
    // A blank tag after a space, a comment at the start of a sentence.
    for (word, spelling, expected) in
        [("New York", "", "New York\t-\n\n"), ("# one", "TIM", "# one\t-\n\n")]
    {
        let mut builder = Document::builder();
        builder.push_word(word);
        let mut row = builder.tagged(vec![Tag::Missing], Scheme::Iob2).unwrap();
        row.set_spellings(vec![(0, spelling.into())]);
        let written = write(&[row], ConllWriterOptions::default()).unwrap();
        assert!(written.ends_with(expected), "{written:?}");
    }
    let mut builder = Document::builder();
    builder.push_word("x");
    let label = Label::new("\u{b}").unwrap();
    let blank = builder.tagged(vec![Tag::entity(Prefix::Begin, label)], Scheme::Io).unwrap();
    assert!(write(&[blank], ConllWriterOptions::default()).is_err());
}

fn tag() -> impl Strategy<Value = Tag> {
    let prefix = prop::sample::select(&Prefix::ALL[..]);
    let label =
        "([A-Z]{1,3}|[a-z]-[a-z]|job title|é)".prop_filter_map("empty", |name| Label::new(&name));
    prop_oneof![
        4 => Just(Tag::Outside),
        1 => Just(Tag::Missing),
        4 => (prefix, label).prop_map(|(prefix, label)| Tag::entity(prefix, label)),
    ]
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![9 => "[^\\t\\r\\n\\x00]{0,6}", 1 => "# ?[a-z]{0,2}( O)?"]
}

prop_compose! {
    fn document(scheme: Scheme)(
        sentences in prop::collection::vec(
            (prop::collection::vec((word(), tag()), 1..5),
             prop::collection::vec("# [a-z= ]{0,6}( O)?", 0..2)),
            1..4),
        id in prop::option::of("[a-z0-9()]{1,4}"),
    ) -> Document {
        let mut builder = Document::builder();
        let mut tags = Vec::new();
        builder.set_id(id);
        for (words, comments) in sentences {
            comments.iter().for_each(|comment| builder.push_comment(comment));
            for (word, tag) in words {
                builder.push_word(&word);
                tags.push(tag);
            }
            builder.end_sentence();
        }
        builder.tagged(tags, scheme).unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(
        (scheme, documents) in prop::sample::select(&Scheme::ALL[..])
            .prop_flat_map(|scheme| (Just(scheme), prop::collection::vec(document(scheme), 1..4)))
    ) {
        let text = write(&documents, ConllWriterOptions::default()).unwrap();
        let options = ConllOptions::default().with_scheme(Some(scheme));
        let (again, findings) = read(text.as_bytes(), options).unwrap();
        prop_assert!(findings.iter().all(|finding| finding.code == "empty-token"));
        prop_assert_eq!(again.len(), documents.len());
        for (again, document) in again.iter().zip(&documents) {
            prop_assert_eq!(again.id(), document.id());
            prop_assert_eq!(again.text(), document.text());
            prop_assert_eq!(again.tags(), document.tags());
            prop_assert_eq!(again.entities(), document.entities());
            let parts = |d: &Document| -> Vec<_> {
                d.sentences().iter().map(|s| (s.words, s.comments.clone())).collect()
            };
            prop_assert_eq!(parts(again), parts(document));
        }
        prop_assert_eq!(write(&again, ConllWriterOptions::default()).unwrap(), text);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "(a|é|B-X|-DOCSTART-|# |#|O|-| |\\t|\\n|\\r|\\|){0,60}".prop_map(String::into_bytes),
        ],
        token_column in prop::option::of(-3..3_i64),
        tag_column in prop::option::of(-3..3_i64),
        delimiter in prop::sample::select(
            vec![Delimiter::Auto, Delimiter::Tab, Delimiter::Space, Delimiter::Char('é')]),
    ) {
        let options = ConllOptions::default().with_token_column(token_column).with_tag_column(tag_column).with_delimiter(delimiter);
        if let Ok((documents, _)) = read(&bytes, options) {
            prop_assert!(documents.iter().all(|document| !document.is_empty()));
        }
    }
}
