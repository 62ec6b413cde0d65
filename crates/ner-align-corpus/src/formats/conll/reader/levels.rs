//! Further columns of tags, whose entities may overlap those of the first one.

use ner_align_core::{DecodeMode, Document, DocumentError, Entity, Finding, Scheme, Severity, Tag};

use crate::formats::tagged::{TagFault, TagTable, TagTexts};

/// The tags of the words so far in the further columns.
#[derive(Debug)]
pub(super) struct Levels {
    /// Where the tags stand; negative columns count from the end.
    pub(super) columns: Vec<i64>,
    tags: Vec<TagTexts>,
}

impl Levels {
    pub(super) fn new(columns: Vec<i64>) -> Self {
        Self { tags: columns.iter().map(|_| TagTexts::default()).collect(), columns }
    }

    /// Adds the tag that the next word has in a further column. Returns what is wrong with its text.
    pub(super) fn push(
        &mut self,
        level: usize,
        table: &mut TagTable,
        text: &str,
    ) -> Option<TagFault> {
        self.tags.get_mut(level)?.push(table, text)
    }

    /// Gives the entities of all levels to the document, whose tags are those of the first one. Where
    /// the others have none, the document keeps its tags.
    ///
    /// Returns how many words count as annotated from now on, because a document with entities that
    /// overlap has no tags that could say otherwise.
    pub(super) fn set_on(
        &mut self,
        document: &mut Document,
        scheme: Scheme,
    ) -> Result<usize, DocumentError> {
        let mut further: Vec<Entity> = Vec::new();
        for level in self.tags.iter_mut().map(std::mem::take) {
            for sentence in document.sentences() {
                let start = sentence.words.start;
                let tags = level.tags().get(sentence.words.range()).unwrap_or_default();
                let decoded = scheme.decode(tags, DecodeMode::Lenient).entities;
                let placed =
                    |e: Entity| Entity::new(start + e.span.start, start + e.span.end, e.label);
                further.extend(decoded.into_iter().map(placed));
            }
        }
        if further.is_empty() {
            return Ok(0);
        }
        let tags = document.tags().map_or(&[][..], |(tags, _)| tags);
        let missing = tags.iter().filter(|tag| **tag == Tag::Missing).count();
        further.extend_from_slice(document.entities());
        document.set_entities(further)?;
        Ok(missing)
    }
}

/// The finding of words that nobody annotated, in a document whose entities may overlap.
pub(super) fn missing_with_levels(words: usize) -> Finding {
    let message = format!(
        "expected annotated words beside entities of several levels, found {words} that nobody annotated \
         on the first level, which count as annotated"
    );
    Finding::new(Severity::Warning, "missing-with-levels", message)
}
