//! What a document may take of the memory.

use ner_align_core::Document;

/// Bytes that a reader may hold unless it is told otherwise: 2 GiB.
pub const DEFAULT_MAX_MEMORY: u64 = 2 << 30;

/// Bytes that a word takes from its reading to its writing, at most: its place, its tag, and what is made of them.
const WORD: u64 = 64;

/// How often a text is there at a time: the document's, a reader's or a writer's, and room to grow.
const TEXTS: u64 = 4;

/// Bytes that a document of so many words and bytes of text takes, at most.
pub(crate) const fn of_document(words: usize, text: usize) -> u64 {
    (words as u64).saturating_mul(WORD).saturating_add((text as u64).saturating_mul(TEXTS))
}

/// Bytes that a document takes where it is kept in memory with others.
pub(crate) fn of_kept(document: &Document) -> u64 {
    // A place and a tag a word, and the document itself.
    let words = (document.len() as u64).saturating_mul(48);
    let entities = (document.entities().len() as u64).saturating_mul(48);
    words + entities + document.text().len() as u64 + 256
}
