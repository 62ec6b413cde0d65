//! The reader and the writer of `conllu`.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

#[path = "../../../tests/published/mod.rs"]
mod published;

use ner_align_core::{CorpusReader, CorpusWriter, Document, Label, Prefix, Scheme, Tag};
use ner_align_corpus::formats::conllu::{ConlluReader, ConlluWriter};
use ner_align_corpus::{CorpusError, FormatReader, ReadOptions, WriteOptions, read_path};
use proptest::prelude::*;
use published::data;

fn read(text: &[u8], options: &ReadOptions) -> Result<(Vec<Document>, Vec<String>), CorpusError> {
    let mut reader = ConlluReader::from_reader(text, "in.conllu", options)?;
    let documents = reader.documents().collect::<Result<_, _>>()?;
    let findings = reader.take_findings();
    assert_eq!(reader.finding_counts().values().sum::<usize>(), findings.len());
    Ok((documents, findings.iter().map(ToString::to_string).collect()))
}

fn write(documents: &[Document]) -> Result<String, CorpusError> {
    let mut out = Vec::new();
    let mut writer = ConlluWriter::new(&mut out, "out.conllu", &WriteOptions::default());
    documents.iter().try_for_each(|document| writer.write_document(document))?;
    writer.finish()?;
    Ok(String::from_utf8(out).unwrap())
}

/// Rows from `ID FORM MISC` with the other columns empty.
fn rows(text: &str) -> String {
    let row = |line: &str| match line.split(' ').collect::<Vec<_>>().as_slice() {
        [id, form, misc] if !line.starts_with('#') => {
            format!("{id}\t{form}\t_\t_\t_\t_\t_\t_\t_\t{misc}\n")
        }
        _ => format!("{line}\n"),
    };
    text.split('/').map(row).collect()
}

fn show(documents: &[Document]) -> String {
    let document = |document: &Document| {
        let (tags, scheme) = document.tags().unwrap();
        let tags: Vec<String> = tags.iter().map(|tag| tag.display(scheme).to_string()).collect();
        let id = document.id().unwrap_or("-");
        format!("{id} {:?} {} s{}", document.text(), tags.join(" "), document.sentences().len())
    };
    documents.iter().map(document).collect::<Vec<_>>().join("; ")
}

#[test]
fn rows_are_read_as_documented() {
    for (text, expected) in [
        ("1 Oslo SpaceAfter=No|name=B-LOC/2 ! name=O/", "- \"Oslo!\" B-LOC O s1"),
        ("1 a NE=B-X/2 b ne=I-X/", "- \"a b\" B-X I-X s1"),
        ("1 a _/2 b SpacesAfter=\\s\\s\\n/3 c name=-/", "- \"a b  \\nc\" O O - s1"),
        ("1 a SpacesBefore=\\t/2 b SpacesAfter=\\n/", "- \"\\ta b\\n\" - - s1"),
        // A multi-word token is one word, with the tag of its parts where it has none.
        ("1-2 du _/1 de name=O/2 le name=B-X/3 roi name=O/", "- \"du roi\" B-X O s1"),
        ("1-2 du name=B-Y/1 de name=O/2 le name=B-X/", "- \"du\" B-Y s1"),
        ("1 a name=O/1.1 b _/2 c _/", "- \"a c\" O O s1"),
        (
            "# newdoc id = d1/1 a _//1 b _//# newdoc id = d2/1 c _/",
            "d1 \"a b\" - - s2; d2 \"c\" - s1",
        ),
        ("1 a _//1 b _/", "- \"a\" - s1; - \"b\" - s1"),
        ("1 a SpaceAfter=No//1 b _/", "- \"a\" - s1; - \"b\" - s1"),
        ("# text = a/1 # name=B-X/2 # name=L-X/", "- \"# #\" B-X L-X s1"),
    ] {
        let (documents, _) = read(rows(text).as_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!(show(&documents), expected, "{text}");
    }
    let text = rows("1 a SpaceAfter=No//1 b _//1 c _/");
    let options = ReadOptions::default().with_sentences_per_document(0);
    assert_eq!(show(&read(text.as_bytes(), &options).unwrap().0), "- \"ab c\" - - - s3");
}

#[test]
fn what_is_not_kept_and_what_differs_is_said() {
    let text = rows("# text = a b/1-2 a SpaceAfter=No/1 x _/2 y _/2.1 z _/3 b name=TIM/");
    let (documents, findings) =
        read(text.replace("\tx\t_", "\tx\tlemma").as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(documents[0].sentences()[0].comments, ["# text = a b"]);
    assert_eq!(documents[0].spelling(1), Some("TIM"));
    let expected = [
        "in.conllu:6:10: expected O or PREFIX-TYPE, found \"TIM\", read as \"I-TIM\"",
        "in.conllu:7: expected the text of the comment, \"a b\", found \"ab\" in the rows",
        "in.conllu: expected words and tags, found the columns of grammar, 2 words within multi-word \
         tokens, 1 empty nodes too, not kept",
    ];
    assert_eq!(findings, expected);
}

#[test]
fn faults_have_their_place() {
    for (text, expected) in [
        (String::new(), "in.conllu: expected at least one word, found an empty file"),
        ("# newdoc\n\n".to_owned(), "in.conllu: expected at least one word, found none"),
        (
            "1\ta\t_\n".to_owned(),
            "in.conllu:1: expected 10 columns parted by tabs, found 3 in \"1\\ta\\t_\"",
        ),
        (
            "word\n".to_owned(),
            "in.conllu:1: expected 10 columns parted by tabs, found 1 in \"word\"",
        ),
        (rows("1 a _/x b _/"), "in.conllu:2:1: expected a word's number, 1-2 or 1.1, found \"x\""),
        (rows("2-1 a _/"), "in.conllu:1:1: expected a range such as 1-2, found \"2-1\""),
        (rows("0 a _/"), "in.conllu:1:1: expected a word's number, 1-2 or 1.1, found \"0\""),
        (rows("1  _/"), "in.conllu:1:2: expected a word, found an empty field"),
    ] {
        let error = read(text.as_bytes(), &ReadOptions::default()).unwrap_err().to_string();
        assert_eq!(error, expected, "{text:?}");
    }
}

/// Sentences, words and entities as an independent count of the file's lines has them.
#[test]
#[ignore = "reads published corpora: set NER_ALIGN_DATA to their folder"]
fn norne_is_read_whole() {
    let folder = data("norne");
    for name in ["no_bokmaal-ud-dev.conllu", "no_bokmaal-ud-test.conllu"] {
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        let rows = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
        let words =
            rows.clone().filter(|row| !row.split('\t').next().unwrap().contains(['-', '.']));
        let begins = rows.filter(|row| row.contains("name=B-")).count();
        let corpus = read_path(&path, &ReadOptions::default()).unwrap();
        let sum = |count: fn(&Document) -> usize| corpus.documents.iter().map(count).sum::<usize>();
        assert_eq!(sum(Document::len), words.count());
        assert_eq!(sum(|d| d.entities().len()), begins);
        assert_eq!(sum(|d| d.sentences().len()), text.matches("# sent_id").count());
        assert_eq!(
            corpus.finding_counts.get("text-differs"),
            None,
            "{:?}",
            corpus.findings.first()
        );
    }
}

/// Found by fuzzing: the tag came from a word within the multi-word token, its spelling did not.
#[test]
fn a_multi_word_token_is_spelled_as_the_word_that_tags_it() {
    for (within, spelling) in [("B-X", None), ("b-X", Some("b-X"))] {
        let text = rows(&format!("1-2 du name=o/1 de name=O/2 le name={within}/"));
        let (documents, _) = read(text.as_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!(documents[0].spelling(0), spelling, "{within}");
        assert_eq!(documents[0].entities().len(), 1, "{within}");
    }
}

fn tag() -> impl Strategy<Value = Tag> {
    let prefix = prop::sample::select(&Prefix::ALL[..]);
    let label = "[A-Zé]{1,3}(_[a-z])?".prop_map(|name| Label::new(&name).unwrap());
    prop_oneof![
        3 => Just(Tag::Outside),
        1 => Just(Tag::Missing),
        3 => (prefix, label).prop_map(|(prefix, label)| Tag::entity(prefix, label)),
    ]
}

prop_compose! {
    fn document(scheme: Scheme)(
        sentences in prop::collection::vec(
            (prop::collection::vec(("[^\\t\\r\\n\\x00]{1,5}", "[ \\t\\n|é\\\\]{0,3}", tag()), 1..5),
             prop::collection::vec("# [a-z= ]{0,8}", 0..2)), 1..4),
        id in prop::option::of("[a-z0-9]{1,4}"),
        before in "[ \\n]{0,2}",
    ) -> Document {
        let mut builder = Document::builder();
        let mut tags = Vec::new();
        builder.set_id(id);
        builder.set_space_after(&before);
        for (words, comments) in sentences {
            comments.iter().filter(|c| !c.starts_with("# text")).for_each(|c| builder.push_comment(c));
            for (word, space, tag) in words {
                builder.push_word(&word);
                builder.set_space_after(&space);
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
        let text = write(&documents).unwrap();
        let options = ReadOptions::default().with_scheme(Some(scheme));
        let (again, findings) = read(text.as_bytes(), &options).unwrap();
        prop_assert!(findings.is_empty(), "{:?}", findings);
        prop_assert_eq!(again.len(), documents.len());
        for (again, document) in again.iter().zip(&documents) {
            prop_assert_eq!(again.id(), document.id());
            prop_assert_eq!(again.text(), document.text());
            prop_assert_eq!(again.tags(), document.tags());
            prop_assert_eq!(again.word_bytes(), document.word_bytes());
            prop_assert_eq!(again.sentences().len(), document.sentences().len());
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        "(1|2|-|\\.|a|é|name=B-X|SpacesAfter=\\\\|_|\\t_|\\t|\\n|\\r|# newdoc|# text = ){0,60}"
            .prop_map(String::into_bytes),
    ]) {
        let _ = read(&bytes, &ReadOptions::default());
    }
}
