//! JSON in documents, as text.

use ner_align_core::Document;
use ner_align_corpus::{CorpusError, ReadOptions, open_reader};

use super::show;

/// The documents of a text under a name.
pub(crate) fn read(
    name: &str,
    text: &str,
    options: &ReadOptions,
) -> Result<Vec<Document>, CorpusError> {
    let mut reader = open_reader(std::io::Cursor::new(text.to_owned()), name, options)?;
    let mut documents = Vec::new();
    while let Some(document) = reader.read_document()? {
        documents.push(document);
    }
    Ok(documents)
}

/// Reads each text under names that say nothing of the shape, and as standard input.
pub(crate) fn check(cases: &[(&str, &[&str])], options: &ReadOptions) {
    for (text, expected) in cases {
        for name in ["a.json", "a.jsonl", "-"] {
            let documents = read(name, text, options).unwrap_or_else(|e| panic!("{text}: {e}"));
            let shown: Vec<String> = documents.iter().map(show).collect();
            assert_eq!(shown, *expected, "{name} {text}");
        }
    }
}
