//! Renames and drops the entity types of a document.

use ner_align_core::{DecodeMode, Document, DocumentError, Entity, Scheme, SourceSpan, Tag};

use super::{LabelMap, LabelTally};

impl LabelMap {
    /// Renames and drops in a document. Tags stay as they were read, faults included, unless two
    /// entities that touch have become one type and their tags would run together: then they are
    /// written anew, under IO as IOB2.
    ///
    /// # Errors
    /// None for a document that was read by this crate.
    pub fn apply(&self, document: &mut Document) -> Result<(), DocumentError> {
        self.apply_and_count(document, &mut LabelTally::default())
    }

    /// As [`LabelMap::apply`], and counts what was met and dropped.
    ///
    /// # Errors
    /// As [`LabelMap::apply`].
    pub fn apply_and_count(
        &self,
        document: &mut Document,
        tally: &mut LabelTally,
    ) -> Result<(), DocumentError> {
        if self.is_empty() {
            return Ok(());
        }
        let entities: Vec<Entity> = document
            .entities()
            .iter()
            .filter_map(|entity| {
                Some(Entity { label: tally.count(self, &entity.label)?, ..entity.clone() })
            })
            .collect();
        let unaligned = document.unaligned().iter().filter_map(|span| {
            let label = tally.count(self, &span.label)?;
            Some(SourceSpan::new(span.pieces.clone(), label, span.reason))
        });
        document.set_unaligned(unaligned.collect());
        let Some((tags, scheme)) = document.tags() else { return document.set_entities(entities) };
        let mut tags: Vec<Tag> = tags
            .iter()
            .map(|tag| match tag {
                Tag::Entity { prefix, label } => self
                    .get(label.as_str())
                    .map_or(Tag::Outside, |label| Tag::entity(*prefix, label)),
                other => other.clone(),
            })
            .collect();
        let mut scheme = scheme;
        for sentence in document.sentences() {
            let words = sentence.words;
            let inside: Vec<Entity> = entities
                .iter()
                .filter(|entity| words.contains(entity.span.start))
                .map(|e| {
                    Entity::new(
                        e.span.start - words.start,
                        e.span.end - words.start,
                        e.label.clone(),
                    )
                })
                .collect();
            let Some(own) = tags.get_mut(words.range()) else { continue };
            if scheme.decode(own, DecodeMode::Lenient).entities == inside {
                continue;
            }
            if scheme == Scheme::Io {
                scheme = Scheme::Iob2;
            }
            let Ok(mut anew) = scheme.encode(&inside, own.len()) else { continue };
            for (new, old) in anew.iter_mut().zip(own.iter()) {
                if *old == Tag::Missing {
                    *new = Tag::Missing;
                }
            }
            own.clone_from_slice(&anew);
        }
        document.set_tags(tags, scheme)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_that_touch_stay_apart() {
        for (scheme, tags, map, drop, expected) in [
            (Scheme::Iob2, "B-A I-A B-B O", "B=A", "X", "B-A I-A B-A O"),
            (Scheme::Iob1, "I-A I-A I-B O", "B=A", "X", "I-A I-A B-A O"),
            (Scheme::Io, "I-A I-A I-B O", "B=A", "X", "B-A I-A B-A O"),
            (Scheme::Ioe1, "I-A I-B - O", "B=A", "X", "E-A I-A - O"),
            // Nothing touches: faults stay.
            (Scheme::Iob2, "I-A I-A O I-B", "B=C", "X", "I-A I-A O I-C"),
            (Scheme::Iob2, "B-A B-B I-B O", "A=D", "B", "B-D O O O"),
            (Scheme::Iob2, "B-A B-B I-B O", "A=B", "B", "O O O O"),
            (Scheme::Biluo, "B-A L-A U-B -", "B=A", "X", "B-A L-A U-A -"),
        ] {
            let mut builder = Document::builder();
            let tags: Vec<Tag> = tags.split(' ').map(|tag| Tag::parse(tag).unwrap()).collect();
            tags.iter().for_each(|_| builder.push_word("w"));
            let mut document = builder.tagged(tags, scheme).unwrap();
            LabelMap::parse(&[map], &[drop]).unwrap().apply(&mut document).unwrap();
            let (tags, scheme) = document.tags().unwrap();
            let got: Vec<String> = tags.iter().map(|tag| tag.display(scheme).to_string()).collect();
            assert_eq!(got.join(" "), expected);
        }
    }
}
