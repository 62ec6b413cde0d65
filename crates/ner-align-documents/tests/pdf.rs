//! The PDFs of `fixtures/pdf`, each made by another program, give the text that went in.

#![cfg(feature = "pdf")]

use std::fs;
use std::path::{Path, PathBuf};

use ner_align_documents::{DocumentsError, ExtractOptions, ExtractedText, read};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/pdf")
}

fn text_of(name: &str) -> Result<ExtractedText, DocumentsError> {
    read(folder().join(format!("{name}.pdf")), &ExtractOptions::default())
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Names of the fixtures with text.
fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let texts = entries.filter(|path| path.extension().is_some_and(|end| end == "txt"));
    let full = texts.filter(|path| !fs::read_to_string(path).unwrap().trim().is_empty());
    let mut names: Vec<String> =
        full.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn every_producer_gives_its_text() {
    let names = names();
    assert!(names.len() >= 15, "{names:?}");
    let mut wrong = Vec::new();
    for name in names {
        let expected = fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap();
        match text_of(&name) {
            Ok(found) if words(&found.text) == words(&expected) => {}
            Ok(found) => wrong.push(format!("== {name}\n{}", found.text)),
            Err(error) => wrong.push(format!("== {name}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
