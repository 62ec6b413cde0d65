//! The reader and the writer of `iob-lines`.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

use ner_align_core::{CorpusReader, CorpusWriter, Document, Label, Prefix, Scheme, Tag};
use ner_align_corpus::formats::iob_lines::{IobLinesReader, IobLinesWriter};
use ner_align_corpus::{
    CorpusError, FormatReader, ReadOptions, Unwritable, WriteOptions, open_reader,
};
use proptest::prelude::*;

fn read(text: &[u8], options: &ReadOptions) -> Result<(Vec<Document>, Vec<String>), CorpusError> {
    let mut reader = IobLinesReader::from_reader(text, "in.iob", options)?;
    let documents = reader.documents().collect::<Result<_, _>>()?;
    let findings = reader.take_findings().iter().map(ToString::to_string).collect();
    assert!(!reader.documents_marked());
    Ok((documents, findings))
}

fn write(documents: &[Document], options: &WriteOptions) -> Result<String, CorpusError> {
    let mut out = Vec::new();
    let mut writer = IobLinesWriter::new(&mut out, "out.iob", options);
    documents.iter().try_for_each(|document| writer.write_document(document))?;
    writer.finish()?;
    Ok(String::from_utf8(out).unwrap())
}

/// `word/TAG` parted by spaces, sentences by ` | `, documents by ` || `.
fn show(documents: &[Document]) -> String {
    let sentence = |document: &Document, words: std::ops::Range<usize>| {
        let (tags, scheme) = document.tags().unwrap();
        let row = |word| format!("{}/{}", document.word(word), tags[word].display(scheme));
        words.map(row).collect::<Vec<_>>().join(" ")
    };
    let document = |document: &Document| {
        let sentences = document.sentences().iter();
        sentences.map(|s| sentence(document, s.words.range())).collect::<Vec<_>>().join(" | ")
    };
    documents.iter().map(document).collect::<Vec<_>>().join(" || ")
}

#[test]
fn lines_are_read_as_documented() {
    for (text, expected, findings) in [
        ("a|O b|B-X\n", "a/O b/B-X", 0),
        ("a|DT|O b|NN|B-X\nc|NN|O\n", "a/O b/B-X || c/O", 1),
        ("\u{feff}a|O\r\n\r\n\r\nb|O\r\n", "a/O || b/O", 0),
        ("  a|O \t b|O  ", "a/O b/O", 0),
        // spaCy refuses a word with a bar; here the last one counts.
        ("a|b|O c|O d|O\n", "a|b/O c/O d/O", 0),
        ("||SYM|O a|DT|O b|NN|O\n", "|/O a/O b/O", 1),
        ("|O\n", "/O", 1),
        ("a|TIM b|B-\n", "a/I-TIM b/-", 2),
        ("a|U-X b|B-X c|L-X\n", "a/U-X b/B-X c/L-X", 0),
    ] {
        let (documents, found) = read(text.as_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!(
            (show(&documents).as_str(), found.len()),
            (expected, findings),
            "{text:?} {found:?}"
        );
    }
    for (group, expected) in [(0, "a/O | b/O | c/O"), (2, "a/O | b/O || c/O")] {
        let options = ReadOptions::default().with_sentences_per_document(group);
        let (documents, _) = read(b"a|O\n\nb|O\nc|O\n\n", &options).unwrap();
        assert_eq!(show(&documents), expected);
    }
}

#[test]
fn faults_have_their_place() {
    for (text, expected) in [
        (&b""[..], "in.iob: expected at least one sentence, found an empty file"),
        (b"\n \n", "in.iob: expected at least one sentence, found blank lines"),
        (b"a|O\nb|O c\n", "in.iob:2:5: expected word|TAG or word|POS|TAG, found \"c\""),
        (b"a|O\n\xFF|O\n", "in.iob:2:1: expected UTF-8 text, found byte 0xFF"),
        (b"a|O b\0|O\n", "in.iob:1:6: expected UTF-8 text, found a NUL byte"),
    ] {
        let error = read(text, &ReadOptions::default()).unwrap_err().to_string();
        assert_eq!(error, expected);
    }
    let (_, findings) = read("é|O  b|TIM\n".as_bytes(), &ReadOptions::default()).unwrap();
    assert!(findings[0].starts_with("in.iob:1:6: expected O or PREFIX-TYPE"), "{findings:?}");
}

#[test]
fn the_format_is_told_from_content_and_name() {
    let mut reader =
        open_reader("a|O b|B-X\n".as_bytes(), "x.txt", &ReadOptions::default()).unwrap();
    assert_eq!(reader.read_document().unwrap().unwrap().entities().len(), 1);
}

#[test]
fn what_items_cannot_hold_is_refused_or_replaced() {
    for (word, replaced) in [("a b", "a\u{fffd}b"), ("a\nb", "a\u{fffd}b"), ("", "\u{fffd}")] {
        let mut builder = Document::builder();
        builder.push_word(word);
        let document = [builder.tagged(vec![Tag::Outside], Scheme::Iob2).unwrap()];
        let refused = write(&document, &WriteOptions::default());
        assert_eq!(refused.is_err(), !word.is_empty(), "{word:?}");
        let options = WriteOptions::default().with_unwritable(Unwritable::Replace);
        assert_eq!(write(&document, &options).unwrap(), format!("{replaced}|O\n"));
    }
}

#[test]
fn words_that_would_pass_for_parts_of_speech_are_refused() {
    for (words, written) in [(["a|b", "c"], true), (["a|b", "c|d"], false)] {
        let mut builder = Document::builder();
        words.iter().for_each(|word| builder.push_word(word));
        let document = [builder.tagged(vec![Tag::Outside; 2], Scheme::Iob2).unwrap()];
        assert_eq!(write(&document, &WriteOptions::default()).is_ok(), written, "{words:?}");
    }
}

fn tag() -> impl Strategy<Value = Tag> {
    let prefix = prop::sample::select(&Prefix::ALL[..]);
    let label = "[A-Zé]{1,3}(-[a-z])?".prop_map(|name| Label::new(&name).unwrap());
    prop_oneof![
        3 => Just(Tag::Outside),
        1 => Just(Tag::Missing),
        3 => (prefix, label).prop_map(|(prefix, label)| Tag::entity(prefix, label)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(
        scheme in prop::sample::select(&Scheme::ALL[..]),
        sentences in prop::collection::vec(
            prop::collection::vec(("[a-zé,.\"/-]{1,5}", tag()), 1..6), 1..5),
    ) {
        let mut builder = Document::builder();
        let mut tags = Vec::new();
        for words in sentences {
            for (word, tag) in words {
                builder.push_word(&word);
                tags.push(tag);
            }
            builder.end_sentence();
        }
        let document = builder.tagged(tags, scheme).unwrap();
        let text = write(std::slice::from_ref(&document), &WriteOptions::default()).unwrap();
        let options = ReadOptions::default().with_scheme(Some(scheme)).with_sentences_per_document(0);
        let (again, _) = read(text.as_bytes(), &options).unwrap();
        prop_assert_eq!(again.len(), 1);
        prop_assert_eq!(again[0].text(), document.text());
        prop_assert_eq!(again[0].tags(), document.tags());
        prop_assert_eq!(again[0].sentences().len(), document.sentences().len());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        "(a|é|\\||B-X|O|-| |\\t|\\n|\\r){0,60}".prop_map(String::into_bytes),
    ]) {
        let _ = read(&bytes, &ReadOptions::default());
    }
}
