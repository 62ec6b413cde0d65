//! Texts in scripts that put no spaces between words.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

use std::fs;
use std::path::Path;

use ner_align_core::{CorpusReader, Document};
use ner_align_corpus::{Format, ReadOptions, WriteOptions, create, open};
use serde_json::Value;

fn read(path: &Path, options: &ReadOptions) -> Vec<Document> {
    open(path, options).unwrap().documents().collect::<Result<_, _>>().unwrap()
}

/// The label and the text of each entity, document by document.
fn entities(documents: &[Document]) -> Vec<Vec<(String, String)>> {
    let of = |document: &Document| {
        let mentions = document.mentions();
        mentions.map(|m| (m.label.to_string(), m.text.to_owned())).collect()
    };
    documents.iter().map(of).collect()
}

#[test]
fn every_entity_is_reached() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("fixtures/no-spaces/sentences.jsonl");
    let expected: Vec<Vec<(String, String)>> = fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(|line| {
            let record: Value = serde_json::from_str(line).unwrap();
            let text = |span: &Value, key: &str| span[key].as_str().unwrap().to_owned();
            let spans = record["spans"].as_array().unwrap();
            spans.iter().map(|span| (text(span, "label"), text(span, "text"))).collect()
        })
        .collect();
    for words in ["char", "unicode"] {
        let options = ReadOptions::default().with_words(words.parse().unwrap());
        let documents = read(&path, &options);
        assert_eq!(entities(&documents), expected, "{words}");
        assert!(documents.iter().all(|document| document.unaligned().is_empty()), "{words}");
        as_columns(&documents, &expected);
    }
}

/// Written as columns and read again, nothing is lost.
fn as_columns(documents: &[Document], expected: &[Vec<(String, String)>]) {
    let folder = tempfile::tempdir().unwrap();
    let columns = folder.path().join("out.conll");
    let mut writer = create(&columns, Format::Conll, &WriteOptions::default()).unwrap();
    for document in documents {
        writer.write_document(document).unwrap();
    }
    writer.finish().unwrap();
    let joined = |all: &[Vec<(String, String)>]| -> Vec<(String, String)> {
        // Columns hold a space before each word.
        all.iter().flatten().map(|(label, text)| (label.clone(), text.replace(' ', ""))).collect()
    };
    let again = read(&columns, &ReadOptions::default());
    assert_eq!(joined(&entities(&again)), joined(expected));
}
