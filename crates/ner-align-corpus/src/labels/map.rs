//! Renaming and dropping of entity types, so that corpora can be joined.

use std::collections::{BTreeMap, BTreeSet};

use ner_align_core::{
    DecodeMode, Document, DocumentError, Entity, Label, Scheme, SourceSpan, Tag, TagScheme,
};

use super::LabelTally;
use crate::{CorpusError, ErrorKind};

/// What becomes of each entity type: first renamed, then dropped by its new name.
///
/// ```
/// use ner_align_corpus::LabelMap;
/// let labels = LabelMap::parse(&["PERSON=PER", "GPE=LOC"], &["MISC"])?;
/// assert_eq!(labels.get("GPE").unwrap().as_str(), "LOC");
/// assert_eq!(labels.get("MISC"), None);
/// assert!(LabelMap::parse(&["PER"], &[]).is_err());
/// # Ok::<(), ner_align_corpus::CorpusError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelMap {
    names: BTreeMap<String, Label>,
    dropped: BTreeSet<String>,
}

impl LabelMap {
    /// Reads `FROM=TO` pairs and names to drop. A name that stands for several is named several
    /// times on the right, and once on the left.
    ///
    /// # Errors
    /// A pair without `=`, with an empty side, or a left side that was given another name before.
    pub fn parse<S: AsRef<str>>(map: &[S], drop: &[S]) -> Result<Self, CorpusError> {
        let mut names: BTreeMap<String, Label> = BTreeMap::new();
        for pair in map {
            let pair = pair.as_ref();
            let parts = pair.split_once('=').filter(|(from, _)| !from.is_empty());
            let Some((from, to)) = parts.and_then(|(from, to)| Some((from, Label::new(to)?)))
            else {
                return Err(usage("FROM=TO", format!("{pair:?}"))
                    .with_hint("to take a label away, drop it with --drop LABEL"));
            };
            match names.get(from) {
                Some(before) if *before != to => {
                    let found = format!("{before} and {to} for {from}");
                    return Err(usage("one new name for each label", found));
                }
                _ => names.insert(from.to_owned(), to),
            };
        }
        Ok(Self { names, dropped: drop.iter().map(|name| name.as_ref().to_owned()).collect() })
    }

    /// True if nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.dropped.is_empty()
    }

    /// The new name of a label; `None` if it is dropped.
    #[must_use]
    pub fn get(&self, label: &str) -> Option<Label> {
        let new = self.names.get(label).cloned().or_else(|| Label::new(label))?;
        (!self.dropped.contains(new.as_str())).then_some(new)
    }

    /// The new name of a label, dropped or not.
    pub(crate) fn renamed(&self, label: &Label) -> Label {
        self.names.get(label.as_str()).unwrap_or(label).clone()
    }

    /// The labels that get another name.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// The labels that are dropped.
    pub(crate) fn dropped(&self) -> impl Iterator<Item = &str> {
        self.dropped.iter().map(String::as_str)
    }

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
            Some(SourceSpan { label, ..span.clone() })
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

fn usage(expected: &str, found: String) -> CorpusError {
    CorpusError::new(ErrorKind::Usage, "label-map", expected, found)
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
