//! The reader of `factrueval`: documents of all kinds, and broken files.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

mod common;

use std::fs;
use std::path::Path;

use ner_align_corpus::{Corpus, CorpusError, Format, ReadOptions, WriteOptions, create, read_path};
use proptest::prelude::*;

use common::show;

fn read(files: [&str; 4]) -> Result<Corpus, CorpusError> {
    let folder = tempfile::tempdir().unwrap();
    for (end, content) in ["txt", "tokens", "spans", "objects"].iter().zip(files) {
        fs::write(folder.path().join(format!("a.{end}")), content).unwrap();
    }
    fs::write(folder.path().join("README.txt"), "").unwrap();
    fs::write(folder.path().join("a.coref"), "").unwrap();
    let corpus = read_path(folder.path(), &ReadOptions::default())?;
    for end in ["tokens", "spans", "objects"] {
        let path = folder.path().join(format!("a.{end}"));
        let one = read_path(&path, &ReadOptions::default()).unwrap();
        assert_eq!(one.documents, corpus.documents);
    }
    Ok(corpus)
}

const TEXT: &str = "Совет при мэрии Москвы.\n\nОн решил.";
const TOKENS: &str = "1 0 5 Совет\n2 6 3 при\n3 10 5 мэрии\n4 16 6 Москвы\n5 22 1 .\n\n\n6 25 2 Он\n7 28 5 решил\n8 33 1 .\n";

#[test]
fn objects_are_read() {
    let spans = concat!(
        "10 org_name 0 5 1 1  # 1 Совет\n",
        "11 org_descr 10 12 3 2  # 3 4 мэрии Москвы\n",
        "12 loc_name 16 6 4 1  # 4 Москвы\n",
        "12 org_name 16 6 4 1\n",
        "12 org_name 16 5 4 1\n",
        "13 job 10 4 3 1\n",
    );
    let objects = concat!(
        "1 Org 12 11 # Москвы мэрии Москвы\n",
        "2 LocOrg 12\n",
        "\n",
        "3 Org 10 11 # Совет мэрии Москвы\r\n",
        "4 Person 13\n",
        "5 Person # \n",
    );
    let corpus = read([TEXT, TOKENS, spans, objects]).unwrap();
    let document = &corpus.documents[0];
    assert_eq!(
        show(document),
        "a: Совет|при|мэрии|Москвы|.|Он|решил|. Org(мэрии Москвы) LocOrg(Москвы) \
         [0..5+10..22 Org discontinuous] [10..14 Person inside-word]"
    );
    assert_eq!(document.text(), TEXT);
    let sentences: Vec<usize> = document.sentences().iter().map(|s| s.words.start).collect();
    assert_eq!((sentences, document.sentences_marked()), (vec![0, 5], true));
    let counts: Vec<String> =
        corpus.finding_counts.iter().map(|(code, n)| format!("{code} {n}")).collect();
    assert_eq!(
        counts.join(", "),
        "duplicate-id 1, empty-object 1, not-kept 2, notes-not-read 1, span-discontinuous 1, \
         span-inside-word 1"
    );
}

#[test]
fn tokens_are_compared_with_the_text() {
    let corpus = read(["\u{feff}a b", "1 1 1 a\n2 3 1 c d\n", "", ""]).unwrap();
    assert_eq!(show(&corpus.documents[0]), "a: a|b");
    assert_eq!(corpus.finding_counts.get("token-differs"), Some(&1));
    let finding = corpus.findings.iter().find(|finding| finding.code == "token-differs");
    assert_eq!(finding.unwrap().location.line, Some(2));
}

#[test]
fn broken_files_are_refused_with_their_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/broken/factrueval");
    let cases = [
        (
            "token-past.tokens",
            "2: expected a token after the one before it and in the text of 3 characters, found 3..7",
        ),
        (
            "token-back.tokens",
            "2: expected a token after the one before it and in the text of 8 characters, found 0..3",
        ),
        (
            "token-short.tokens",
            "1:4: expected the length of the token, a whole number, found the end of the row",
        ),
        ("token-word.tokens", "1:3: expected the start of the token, a whole number, found \"a\""),
        (
            "span-negative.spans",
            "1:8: expected the start of the span, a whole number, found \"-1\"",
        ),
        (
            "span-short.spans",
            "1:9: expected the length of the span, a whole number, found the end of the row",
        ),
        ("no-such-span.objects", "1:12: expected the number of a span, found \"8\""),
        ("latin1.txt", "1:2: expected UTF-8 text, found byte 0xE9"),
        (
            "no-objects.objects",
            " expected a .txt, .tokens, .spans and .objects of the same name, found no such file",
        ),
    ];
    common::check_broken(&folder, Format::FactRuEval, &cases[..8]);
    let options = ReadOptions::default().with_format(Some(Format::FactRuEval));
    let error = read_path(folder.join("no-objects.txt"), &options).unwrap_err().to_string();
    assert!(error.ends_with(&format!("{}:{}", cases[8].0, cases[8].1)), "{error}");
}

#[test]
fn it_is_only_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let error = create(&path, Format::FactRuEval, &WriteOptions::default()).map(drop).unwrap_err();
    assert_eq!(error.code(), "unwritten-format");
    assert!(!path.exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn garbage_is_an_error_or_documents(
        text in "[ab é\n]{0,9}",
        tokens in "([0-9]{1,2}| |\n|a|é){0,20}",
        spans in "([0-9]{1,2}| |\n|a|#){0,20}",
        objects in "([0-9]{1,2}| |\n|a|#){0,20}",
    ) {
        let _ = read([&text, &tokens, &spans, &objects]);
    }
}
