//! Reads a text as a file of a name, once with its format detected and once with it named.

#![allow(dead_code, reason = "each test uses a part")]
#![allow(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

use std::io::Cursor;

use ner_align_core::{Document, Finding};
use ner_align_corpus::{CorpusError, Format, ReadOptions, open_reader};

/// The documents of a text, and what was said of it.
pub(crate) fn read(
    name: &str,
    text: &str,
    options: &ReadOptions,
) -> Result<(Vec<Document>, Vec<Finding>), CorpusError> {
    let mut reader = open_reader(Cursor::new(text.to_owned()), name, options)?;
    let mut documents = Vec::new();
    while let Some(document) = reader.read_document()? {
        documents.push(document);
    }
    Ok((documents, reader.take_findings()))
}

/// `Mara Quill/PER Oslo/LOC`, with ` || ` between documents and `-` for a word without annotation.
pub(crate) fn entities(documents: &[Document]) -> String {
    let show = |document: &Document| {
        let entity =
            |e: &ner_align_core::Entity| format!("{}/{}", document.surface(e.span), e.label);
        let mut shown: Vec<String> = document.entities().iter().map(entity).collect();
        let tags = document.tags().map_or(&[][..], |(tags, _)| tags);
        let missing = tags.iter().filter(|tag| **tag == ner_align_core::Tag::Missing).count();
        shown.extend(std::iter::repeat_n("-".to_owned(), missing));
        shown.join(" ")
    };
    documents.iter().map(show).collect::<Vec<_>>().join(" || ")
}

/// The codes of findings.
pub(crate) fn codes(findings: &[Finding]) -> String {
    findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>().join(" ")
}

/// A name of the file, its text, the entities in it and the codes of the findings.
pub(crate) type Case = (&'static str, &'static str, &'static str, &'static str);

/// Reads each case in one document, detected and named, and compares.
pub(crate) fn check(format: Format, cases: &[Case]) {
    for (name, text, expected, findings) in cases {
        for named in [None, Some(format)] {
            let options = ReadOptions::default().with_format(named).with_sentences_per_document(0);
            let (documents, found) = read(name, text, &options).unwrap();
            assert_eq!(entities(&documents), *expected, "{name} {text:?} {named:?}");
            assert_eq!(codes(&found), *findings, "{name} {text:?} {named:?}");
        }
    }
}
