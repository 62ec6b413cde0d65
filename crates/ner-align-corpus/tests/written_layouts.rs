//! What is written in a layout is read back as that layout, whatever its words and tags look like.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

use ner_align_core::{Document, Label, Prefix, Scheme, Tag};
use ner_align_corpus::{
    CorpusError, Format, ReadOptions, Unwritable, WriteOptions, create, read_path,
};
use proptest::prelude::*;

const FORMATS: [Format; 4] = [Format::Conll, Format::IobLines, Format::Conllu, Format::Csv];

/// Words that mean something else in some layout, or may be taken for a tag, an index or a header.
const WORDS: [&str; 36] = [
    "#",
    "##",
    "#1",
    "#begin",
    "#end",
    "1",
    "2",
    "3",
    "0",
    "Token",
    "word",
    "Tag",
    "NER",
    "O",
    "o",
    "-",
    "_",
    "B-PER",
    "I-PER",
    "B_PER",
    "PER-B",
    "-DOCSTART",
    "DOCSTART-",
    "nan",
    "NaN",
    "NULL",
    "(PER*",
    "*",
    "*)",
    "['a']",
    "[",
    "{",
    "NOUN",
    "Sentence:",
    "é",
    "\"",
];

/// Words of several parts, which not every format holds.
const SPACED: [&str; 6] = ["# newdoc", "#begin document", "# text = a", "New York", "a O", "1 2 3"];

/// Tags as people spell them.
const TAGS: [&str; 24] = [
    "O", "B-PER", "I-PER", "B-LOC", "-", "_", "", "TIM", "B_PER", "I_PER", "PER-B", "PER-I", "M-X",
    "W-X", "b-x", "0", "o", "5", "7", "(PER*", "*", "B-", "nan", "Tag",
];

fn tag() -> impl Strategy<Value = Tag> {
    let prefix = prop::sample::select(&Prefix::ALL[..]);
    let label = prop::sample::select(vec!["PER", "B", "a-b", "a_B", "NP", "x/y", "5", "Tag"]);
    prop_oneof![
        4 => Just(Tag::Outside),
        1 => Just(Tag::Missing),
        4 => (prefix, label).prop_map(|(prefix, name)| Tag::entity(prefix, Label::new(name).unwrap())),
    ]
}

fn word() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => prop::sample::select(&WORDS[..]), 1 => prop::sample::select(&SPACED[..])]
}

type Sentences<T> = Vec<Vec<(&'static str, T)>>;

fn sentences<T: std::fmt::Debug>(
    tag: impl Strategy<Value = T>,
) -> impl Strategy<Value = Sentences<T>> {
    prop::collection::vec(prop::collection::vec((word(), tag), 1..6), 1..5)
}

fn document(sentences: &Sentences<Tag>, scheme: Scheme) -> Document {
    let mut builder = Document::builder();
    let mut tags = Vec::new();
    for sentence in sentences {
        for (word, tag) in sentence {
            builder.push_word(word);
            tags.push(tag.clone());
        }
        builder.end_sentence();
    }
    builder.tagged(tags, scheme).unwrap()
}

fn write(
    path: &std::path::Path,
    format: Format,
    documents: &[Document],
    mark: bool,
) -> Result<(), CorpusError> {
    let options =
        WriteOptions::default().with_unwritable(Unwritable::Error).with_mark_documents(mark);
    let mut writer = create(path, format, &options)?;
    documents.iter().try_for_each(|document| writer.write_document(document))?;
    writer.finish()
}

/// Words and tags, sentence by sentence.
fn shown(documents: &[Document]) -> Vec<Vec<(String, Tag)>> {
    let mut shown = Vec::new();
    for document in documents {
        let (tags, _) = document.tags().unwrap();
        for sentence in document.sentences() {
            let words = sentence.words.range();
            shown.push(
                words.map(|word| (document.word(word).to_owned(), tags[word].clone())).collect(),
            );
        }
    }
    shown
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_as_that(
        format in prop::sample::select(&FORMATS[..]),
        scheme in prop::sample::select(&Scheme::ALL[..]),
        sentences in sentences(tag()),
        mark in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("written").with_extension(format.extension());
        let document = document(&sentences, scheme);
        // Some words do not fit into some formats, which say so.
        if write(&path, format, std::slice::from_ref(&document), mark).is_ok() {
            let again = read_path(&path, &ReadOptions::default()).unwrap();
            prop_assert_eq!(shown(&again.documents), shown(&[document]));
        }
    }

    #[test]
    fn what_was_read_is_the_same_after_it_was_written(
        format in prop::sample::select(&FORMATS[..]),
        sentences in sentences(prop::sample::select(&TAGS[..])),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("first.tsv"), folder.path().join("second").with_extension(format.extension()));
        let rows = |sentence: &Vec<(&str, &str)>| {
            sentence.iter().map(|(word, tag)| format!("{word}\t{tag}\n")).collect::<String>() + "\n"
        };
        std::fs::write(&first, sentences.iter().map(rows).collect::<String>()).unwrap();
        let Ok(read) = read_path(&first, &ReadOptions::default()) else { return Ok(()) };
        if read.documents.iter().any(|document| document.tags().is_none()) {
            return Ok(());
        }
        if write(&second, format, &read.documents, true).is_ok() {
            let again = read_path(&second, &ReadOptions::default()).unwrap();
            prop_assert_eq!(shown(&again.documents), shown(&read.documents));
        }
    }
}
