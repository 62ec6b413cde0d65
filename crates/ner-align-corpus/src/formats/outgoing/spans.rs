//! Entities and other spans of a document on their way out, in characters.

use ner_align_core::{CharSpan, Document, Entity, SourceSpan};

/// A span to write.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Outgoing<'a> {
    /// A run of words, and its characters.
    Entity(&'a Entity, CharSpan),
    /// A span of other characters than whole words, as it was read.
    Other(&'a SourceSpan),
}

/// All spans of a document by their start. `words` are the characters of its words.
///
/// Those that are no entities keep their order, which nothing else tells.
pub(crate) fn in_order<'a>(document: &'a Document, words: &[CharSpan]) -> Vec<Outgoing<'a>> {
    let mut spans = Vec::with_capacity(document.entities().len() + document.unaligned().len());
    let mut others = document.unaligned().iter().peekable();
    for entity in document.entities() {
        let edge = |word: usize| words.get(word).copied().unwrap_or_default();
        let last = edge(entity.span.end.saturating_sub(1));
        let span = CharSpan::new(edge(entity.span.start).start, last.end);
        let before =
            |other: &&SourceSpan| other.pieces.first().is_none_or(|p| p.start < span.start);
        while let Some(other) = others.next_if(before) {
            spans.push(Outgoing::Other(other));
        }
        spans.push(Outgoing::Entity(entity, span));
    }
    spans.extend(others.map(Outgoing::Other));
    spans
}

/// The characters of each word.
pub(crate) fn word_chars(document: &Document) -> Vec<CharSpan> {
    let text = document.text();
    let (mut byte, mut char) = (0, 0);
    // Words come in order, so that one walk through the text counts them all.
    let mut count = |to: usize| {
        char += text.get(byte..to).map_or(0, |part| part.chars().count());
        byte = to;
        char
    };
    let words = document.word_bytes().iter();
    words.map(|word| CharSpan::new(count(word.start), count(word.end))).collect()
}
