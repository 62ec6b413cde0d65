//! What the tests of several formats share.

#![allow(dead_code, reason = "each test uses a part")]
#![allow(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

pub(crate) mod json;

use std::path::Path;

use ner_align_core::{CharSpan, Document, Label, Misalignment, Scheme, SourceSpan, Tag};
use ner_align_corpus::{CharMap, Format, ReadOptions, place_spans, read_path};

pub(crate) fn label(name: &str) -> Label {
    Label::new(name).unwrap()
}

/// Words of sentences with their tags, joined by spaces.
pub(crate) fn tagged(sentences: &[&[(&str, &str)]], scheme: Scheme) -> Document {
    let mut builder = Document::builder();
    let mut tags = Vec::new();
    for sentence in sentences {
        for (word, tag) in *sentence {
            builder.push_word(word);
            tags.push(Tag::parse(tag).unwrap());
        }
        builder.end_sentence();
    }
    builder.tagged(tags, scheme).unwrap()
}

/// `ID: word|word ENTITY(surface) -(missing) [0..1+2..3 SPAN reason]`.
pub(crate) fn show(document: &Document) -> String {
    let mut shown = document.id().map_or_else(String::new, |id| format!("{id}: "));
    shown.push_str(&document.words().collect::<Vec<_>>().join("|"));
    for entity in document.entities() {
        shown.push_str(&format!(" {}({})", entity.label, document.surface(entity.span)));
    }
    for (word, tag) in document.words().zip(document.tags().map_or(&[][..], |(tags, _)| tags)) {
        if *tag == Tag::Missing {
            // Missing words come before entities where a line has both.
            let at = shown.find(" LOC(").unwrap_or(shown.len());
            shown.insert_str(at, &format!(" -({word})"));
        }
    }
    for span in document.unaligned() {
        let pieces = span.pieces.iter().map(|piece| format!("{}..{}", piece.start, piece.end));
        let pieces = pieces.collect::<Vec<_>>().join("+");
        shown.push_str(&format!(" [{pieces} {} {}]", span.label, span.reason));
    }
    shown
}

/// Each file with the error that it must give, from the line number on.
pub(crate) fn check_broken(folder: &Path, format: Format, cases: &[(&str, &str)]) {
    let mut found = Vec::new();
    for (name, _) in cases {
        let options = ReadOptions::default().with_format(Some(format));
        let error = read_path(folder.join(name), &options).unwrap_err().to_string();
        let start = format!("{}/", folder.display());
        found.push(error.replace(&start, ""));
    }
    let expected: Vec<String> = cases.iter().map(|(name, rest)| format!("{name}:{rest}")).collect();
    assert_eq!(found, expected);
}

/// Puts spans onto a document's words.
pub(crate) fn set_spans(document: &mut Document, spans: Vec<(CharSpan, Label)>) {
    let spans = spans.into_iter().map(|(span, label)| (vec![span], label));
    let placed = place_spans(document, &CharMap::new(document.text()), spans);
    document.set_entities(placed.entities).unwrap();
    document.set_unaligned(placed.unaligned);
}

/// Keeps of these spans those that are no run of words, beside the document's entities.
pub(crate) fn set_other_spans(document: &mut Document, spans: Vec<(usize, usize, String)>) {
    let spans =
        spans.into_iter().map(|(start, end, name)| (vec![CharSpan::new(start, end)], label(&name)));
    let placed = place_spans(document, &CharMap::new(document.text()), spans);
    document.set_unaligned(placed.unaligned);
}

/// A span in two pieces with a word between them.
pub(crate) fn parted(name: &str) -> SourceSpan {
    SourceSpan::new(
        vec![CharSpan::new(0, 1), CharSpan::new(4, 5)],
        label(name),
        Misalignment::Discontinuous,
    )
}
