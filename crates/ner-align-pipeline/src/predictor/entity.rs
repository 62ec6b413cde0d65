//! Entities on their own, without the document that they were found in.

use ner_align_core::{ByteSpan, Document, Label, Mention, WordSpan};
use serde::Serialize;

use super::annotation::{Alternative, Alternatives};

/// An entity that a model found in a text.
///
/// Serialised it is `{"start", "end", "label", "score", "text"}`, as in the JSONL of `JsonlShape::Entities`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FoundEntity {
    /// First code point of the entity, counted from 0 within the text.
    pub start: usize,
    /// First code point after the entity.
    pub end: usize,
    /// The same place in UTF-8 bytes, which slices the text.
    #[serde(skip)]
    pub bytes: ByteSpan,
    /// The same place in words, as the model's splitter cuts them.
    #[serde(skip)]
    pub words: WordSpan,
    /// The type.
    pub label: Label,
    /// The probability that exactly these words are an entity of this type, 0 to 1.
    pub score: f32,
    /// The text of the entity.
    pub text: String,
    /// The most probable other readings of the words, if asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Alternative>,
}

impl FoundEntity {
    /// The entities of a document that a model annotated.
    pub(super) fn all_of(document: &Document, alternatives: Alternatives) -> Vec<Self> {
        let with = |(mention, alternatives)| Self { alternatives, ..Self::from(mention) };
        document.mentions().zip(alternatives).map(with).collect()
    }

    /// The entities of each document.
    pub(super) fn of_each(
        documents: &[Document],
        alternatives: Vec<Alternatives>,
    ) -> Vec<Vec<Self>> {
        let of = |(document, alternatives)| Self::all_of(document, alternatives);
        documents.iter().zip(alternatives).map(of).collect()
    }
}

impl From<Mention<'_>> for FoundEntity {
    /// An entity without a score has the score 0.
    fn from(mention: Mention<'_>) -> Self {
        Self {
            start: mention.start,
            end: mention.end,
            bytes: mention.bytes,
            words: mention.words,
            label: mention.label.clone(),
            score: mention.score.map_or(0.0, ner_align_core::Score::get),
            text: mention.text.to_owned(),
            alternatives: Vec::new(),
        }
    }
}
