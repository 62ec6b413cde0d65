//! Entities with their offsets in the text.

use crate::{ByteSpan, Document, Entity, Label, Score, WordSpan};

/// An entity with its offsets and its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mention<'a> {
    /// Start of the entity in code points, counted from 0 within the text.
    pub start: usize,
    /// End of the entity in code points, exclusive.
    pub end: usize,
    /// The same span in UTF-8 bytes of the text.
    pub bytes: ByteSpan,
    /// The same span in words of the document.
    pub words: WordSpan,
    /// The type.
    pub label: &'a Label,
    /// The model's confidence, 0 to 1; `None` for an entity without a score.
    pub score: Option<Score>,
    /// The text from the first to the last word.
    pub text: &'a str,
}

impl Document {
    /// The entities with their offsets and texts, in the order of [`Document::entities`].
    ///
    /// ```
    /// use ner_align_core::{Document, Entity};
    /// let mut builder = Document::builder();
    /// ["Čapek", "wrote", "R.U.R."].iter().for_each(|word| builder.push_word(word));
    /// let mut document = builder.untagged();
    /// document.set_entities(vec![Entity::new(2, 3, "WORK".parse()?)])?;
    /// for entity in document.mentions() {
    ///     assert_eq!((entity.start, entity.end, entity.text), (12, 18, "R.U.R."));
    ///     assert_eq!(entity.bytes.start, 13);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn mentions(&self) -> impl Iterator<Item = Mention<'_>> {
        let text = self.text();
        let mut counted = (0, 0);
        // Entities start in order, so code points are counted once through the text, but for what
        // overlapping entities share.
        let mut code_points = move |byte: usize| {
            let (from, before) = counted;
            let characters = |range| text.get(range).map_or(0, |part: &str| part.chars().count());
            let at = if byte >= from {
                before + characters(from..byte)
            } else {
                before - characters(byte..from)
            };
            counted = (byte, at);
            at
        };
        self.entities().iter().map(move |entity| {
            let Entity { span, label, score } = entity;
            let bytes = self.bytes_of(*span);
            Mention {
                start: code_points(bytes.start),
                end: code_points(bytes.end),
                bytes,
                words: *span,
                label,
                score: *score,
                text: self.surface(*span),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_entities_have_their_places() {
        let mut builder = Document::builder();
        ["é", "ü", "x"].iter().for_each(|word| builder.push_word(word));
        let mut document = builder.untagged();
        let label: Label = "A".parse().unwrap();
        let entity = |start, end| Entity::new(start, end, label.clone());
        document.set_entities(vec![entity(0, 3), entity(1, 2), entity(2, 3)]).unwrap();
        let places: Vec<_> = document.mentions().map(|m| (m.start, m.end, m.text)).collect();
        assert_eq!(places, [(0, 5, "é ü x"), (2, 3, "ü"), (4, 5, "x")]);
    }
}
