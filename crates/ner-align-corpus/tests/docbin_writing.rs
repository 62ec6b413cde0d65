//! The writer of `docbin`: what it writes is read back, and appears whole or not at all.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

use std::path::Path;

use ner_align_core::{
    ByteSpan, CorpusReader, CorpusWriter, Document, Entity, Finding, Label, Scheme, Tag, TextOrigin,
};
use ner_align_corpus::formats::docbin::{
    DocBinOptions, DocBinReader, DocBinWriter, DocBinWriterOptions,
};
use ner_align_corpus::{
    CorpusError, Format, ReadOptions, Unwritable, WriteOptions, create, read_path,
};
use proptest::prelude::*;

fn read(
    bytes: &[u8],
    options: DocBinOptions,
) -> Result<(Vec<Document>, Vec<Finding>), CorpusError> {
    let mut reader = DocBinReader::from_reader(bytes, "in.spacy", options)?;
    let documents = reader.documents().collect::<Result<_, _>>()?;
    Ok((documents, reader.take_findings()))
}

fn write(documents: &[Document], options: DocBinWriterOptions) -> Result<Vec<u8>, CorpusError> {
    let mut bytes = Vec::new();
    let mut writer = DocBinWriter::new(&mut bytes, "out.spacy", options);
    for document in documents {
        writer.write_document(document)?;
    }
    writer.finish()?;
    Ok(bytes)
}

fn label(name: &str) -> Label {
    Label::new(name).unwrap()
}

fn words(text: &str) -> Vec<ByteSpan> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, c.is_whitespace()) {
            (None, false) => start = Some(at),
            (Some(from), true) => {
                words.push(ByteSpan::new(from, at));
                start = None;
            }
            _ => {}
        }
    }
    words
}

prop_compose! {
    /// Texts with every kind of gap; entities that may overlap and cross sentences, or missing
    /// words.
    fn known_text()(
        text in "[ab .é\\n\\t(]{0,12}",
        starts in prop::option::of(prop::collection::vec(0..8_usize, 0..3)),
        spans in prop::collection::vec((0..8_usize, 1..4_usize, "[A-Z]{1,2}|PERSON"), 0..4),
    ) -> Document {
        let words = words(&text);
        let count = words.len();
        let mut document = Document::from_text(text, words).unwrap();
        if let Some(starts) = starts {
            document.set_sentence_starts(&starts);
        }
        let entities = spans.into_iter().filter(|(start, length, _)| start + length <= count);
        let entities = entities.map(|(start, length, name)| Entity::new(start, start + length, label(&name)));
        document.set_entities(entities.collect()).unwrap();
        document
    }
}

prop_compose! {
    fn rebuilt_text()(
        sentences in prop::collection::vec(
            prop::collection::vec(("[ab\\n]{1,3}|X|日本", 0..5_u8), 1..4), 1..4),
    ) -> Document {
        let mut builder = Document::builder();
        let mut tags = Vec::new();
        for sentence in sentences {
            for (word, tag) in sentence {
                builder.push_word(&word);
                tags.push(Tag::parse(["O", "-", "B-PER", "I-PER", "I-ORG"][usize::from(tag)]).unwrap());
            }
            builder.end_sentence();
        }
        builder.tagged(tags, Scheme::Iob2).unwrap()
    }
}

/// What both formats express.
fn assert_same(again: &Document, document: &Document) -> Result<(), TestCaseError> {
    prop_assert_eq!(again.text(), document.text());
    prop_assert_eq!(again.origin(), document.origin());
    prop_assert_eq!(again.word_bytes(), document.word_bytes());
    prop_assert_eq!(again.entities(), document.entities());
    let missing = |d: &Document| -> Vec<bool> {
        (0..d.len()).map(|i| d.tags().is_some_and(|(tags, _)| tags[i] == Tag::Missing)).collect()
    };
    prop_assert_eq!(missing(again), missing(document));
    // Of a single word nobody can say whether it starts a marked sentence.
    if document.len() > 1 {
        prop_assert_eq!(again.sentences_marked(), document.sentences_marked());
    }
    let spans = |d: &Document| -> Vec<_> { d.sentences().iter().map(|s| s.words).collect() };
    prop_assert_eq!(spans(again), spans(document));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(
        documents in prop::collection::vec(prop_oneof![known_text(), rebuilt_text()], 1..4)
    ) {
        let bytes = write(&documents, DocBinWriterOptions::default()).unwrap();
        let (kept, findings) = read(&bytes, DocBinOptions::default()).unwrap();
        prop_assert_eq!(findings, []);
        let options = DocBinOptions::default().with_fold_white_space(true);
        let (folded, _) = read(&bytes, options).unwrap();
        for ((kept, folded), document) in kept.iter().zip(&folded).zip(&documents) {
            prop_assert_eq!(kept.text(), document.text());
            assert_same(folded, document)?;
        }
        // What was read as it stands is written as it was.
        prop_assert_eq!(write(&kept, DocBinWriterOptions::default()).unwrap(), bytes);
    }
}

#[test]
fn what_spacy_does_not_open_is_refused_or_replaced() {
    let mut builder = Document::builder();
    builder.push_word("a");
    builder.push_word("");
    let document = [builder.untagged()];
    let error = write(&document, DocBinWriterOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "out.spacy: expected words of one character or more, found none for word 1 in document 0"
    );
    let options = DocBinWriterOptions::default().with_unwritable(Unwritable::Replace);
    let bytes = write(&document, options).unwrap();
    let (again, _) = read(&bytes, DocBinOptions::default()).unwrap();
    assert_eq!(again[0].words().collect::<Vec<_>>(), ["a", "\u{fffd}"]);
}

fn corpus(documents: usize) -> Vec<Document> {
    let document = |index: usize| {
        let mut builder = Document::builder();
        builder.push_word(&format!("word{index}"));
        builder.push_word("Oslo");
        builder.tagged(vec![Tag::Outside, Tag::parse("B-LOC").unwrap()], Scheme::Iob2).unwrap()
    };
    (0..documents).map(document).collect()
}

fn write_path(path: &Path, documents: &[Document], shard_size: u64) -> Result<(), CorpusError> {
    let options = WriteOptions::default().with_shard_size(shard_size);
    let mut writer = create(path, Format::DocBin, &options)?;
    for document in documents {
        writer.write_document(document)?;
    }
    writer.finish()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_large_corpus_becomes_a_folder_and_is_read_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.spacy");
    let documents = corpus(50);
    // About 110 bytes a document: 5 of them fill a shard.
    for (shard_size, files) in [(1 << 30, 0), (500, 10), (1, 50), (1 << 30, 1)] {
        write_path(&path, &documents, shard_size).unwrap();
        assert_eq!(names(folder.path()), ["out.spacy"], "{shard_size}");
        if files == 0 {
            assert!(path.is_file());
        } else {
            let expected: Vec<String> = (1..=files).map(|n| format!("{n:04}.spacy")).collect();
            assert_eq!(names(&path), expected, "{shard_size}");
        }
        let again = read_path(&path, &ReadOptions::default()).unwrap();
        assert_eq!(again.documents.len(), documents.len());
        let texts = |documents: &[Document]| -> Vec<String> {
            documents.iter().map(|document| document.text().to_owned()).collect()
        };
        assert_eq!(texts(&again.documents), texts(&documents));
        assert_eq!(again.documents[7].entities(), documents[7].entities());
    }
}

#[test]
fn nothing_appears_or_goes_unless_all_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.spacy");
    let options = WriteOptions::default().with_shard_size(1);
    let mut writer = create(&path, Format::DocBin, &options).unwrap();
    for document in corpus(3) {
        writer.write_document(&document).unwrap();
    }
    drop(writer);
    assert!(names(folder.path()).is_empty());
    // A file gives way to a folder; a folder of other things does not give way.
    std::fs::write(&path, "old").unwrap();
    write_path(&path, &corpus(3), 1).unwrap();
    assert_eq!(names(&path).len(), 3);
    std::fs::write(path.join("notes.txt"), "mine").unwrap();
    let error = write_path(&path, &corpus(3), 1).unwrap_err().to_string();
    assert!(error.contains("expected a file, or a folder of nothing but .spacy files"), "{error}");
    assert_eq!(names(&path).len(), 4);
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let options = ReadOptions::default().with_format(Some(Format::DocBin));
    let error = read_path(&empty, &options).unwrap_err().to_string();
    assert!(error.ends_with("expected a folder of .spacy files, found none in it"), "{error}");
}

#[test]
fn a_stream_is_one_file() {
    let options = DocBinWriterOptions::default().with_shard_size(1);
    let error = write(&corpus(2), options).unwrap_err();
    assert!(error.hint().unwrap().contains("`shard_size`"), "{error}");
    // Its format is told from its content.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("unnamed");
    std::fs::write(&path, write(&corpus(2), DocBinWriterOptions::default()).unwrap()).unwrap();
    let corpus = read_path(&path, &ReadOptions::default()).unwrap();
    assert_eq!(corpus.documents[1].origin(), TextOrigin::Rebuilt);
}
