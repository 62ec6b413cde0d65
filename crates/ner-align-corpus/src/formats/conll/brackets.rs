//! Entities as brackets around words: `(PER*`, `*`, `*)`, `(LOC)`.

use std::iter;

use ner_align_core::{
    Document, DocumentError, Entity, Finding, Label, Prefix, Scheme, Severity, Tag,
};

use crate::text::shorten;

/// The first column that may hold the entities in CoNLL-2012; the speaker before it may have
/// spaces.
const FIRST: usize = 10;

/// What a field opens and how much it closes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parsed<'a> {
    pub(super) opens: Vec<&'a str>,
    pub(super) closes: usize,
}

/// Reads a field; `None` if it is none of brackets.
pub(super) fn parse(text: &str) -> Option<Parsed<'_>> {
    let open = text.trim_end_matches(')');
    let closes = text.len() - open.len();
    let (opening, star) = match open.strip_suffix('*') {
        Some(opening) => (opening, true),
        None => (open, false),
    };
    let opens: Vec<&str> = match opening.strip_prefix('(') {
        Some(names) => names.split('(').collect(),
        None if opening.is_empty() && star => Vec::new(),
        None => return None,
    };
    let named = |name: &&str| !name.is_empty() && !name.contains([')', '*']);
    // Without a star what opens closes too.
    (opens.iter().all(named) && (star || closes >= 1)).then_some(Parsed { opens, closes })
}

/// The column of the entities in a row of CoNLL-2012.
pub(super) fn column_of_entities<'a>(fields: impl Iterator<Item = &'a str>) -> Option<usize> {
    fields.enumerate().skip(FIRST).find(|(_, field)| parse(field).is_some()).map(|(at, _)| at)
}

/// The brackets of a document, word by word.
#[derive(Debug, Default)]
pub(super) struct Brackets {
    entities: Vec<Entity>,
    open: Vec<(usize, Label)>,
}

impl Brackets {
    /// Takes the field of a word. Returns what is wrong with it.
    pub(super) fn push(&mut self, word: usize, text: &str) -> Option<Finding> {
        let Some(Parsed { opens, closes }) = parse(text) else {
            let expected = "brackets such as (PER*, *) or *";
            let message =
                format!("expected {expected}, found {:?}, read as missing", shorten(text));
            return Some(Finding::new(Severity::Error, "bracket", message));
        };
        self.open.extend(opens.into_iter().filter_map(Label::new).map(|label| (word, label)));
        for _ in 0..closes {
            let Some((start, label)) = self.open.pop() else {
                let message =
                    "expected a bracket that closes one before it, found one that does not";
                let finding = Finding::new(Severity::Error, "bracket", message);
                return Some(finding.with_text(shorten(text)));
            };
            self.entities.push(Entity::new(start, word + 1, label));
        }
        None
    }

    /// Ends a sentence in front of a word, and with it what is still open.
    pub(super) fn end_sentence(&mut self, end: usize) -> Option<Finding> {
        let open = std::mem::take(&mut self.open);
        let finding = open.first().map(|(_, label)| {
            let message = format!(
                "expected a bracket that closes {label}, found the end of the sentence, where it ends"
            );
            Finding::new(Severity::Error, "bracket", message)
        });
        self.entities.extend(open.into_iter().map(|(start, label)| Entity::new(start, end, label)));
        finding
    }

    /// Gives the entities to the document, as tags where they share no word.
    pub(super) fn set_on(mut self, document: &mut Document) -> Result<(), DocumentError> {
        self.entities.sort();
        if self.entities.windows(2).any(|pair| pair[1].span.start < pair[0].span.end) {
            return document.set_entities(self.entities);
        }
        let Some((tags, _)) = document.tags() else { return Ok(()) };
        let mut tags = tags.to_vec();
        for entity in self.entities {
            let prefixes = iter::once(Prefix::Begin).chain(iter::repeat(Prefix::Inside));
            let words = tags.get_mut(entity.span.range()).unwrap_or_default();
            for (tag, prefix) in words.iter_mut().zip(prefixes) {
                *tag = Tag::entity(prefix, entity.label.clone());
            }
        }
        document.set_tags(tags, Scheme::Iob2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_open_and_close() {
        for (text, expected) in [
            ("*", Some((vec![], 0))),
            ("(PER*", Some((vec!["PER"], 0))),
            ("*)", Some((vec![], 1))),
            ("(GPE)", Some((vec!["GPE"], 1))),
            ("(ORG(GPE*)", Some((vec!["ORG", "GPE"], 1))),
            ("(ORG(GPE)", Some((vec!["ORG", "GPE"], 1))),
            ("*))", Some((vec![], 2))),
            ("(", None),
            (")", None),
            ("-", None),
            ("(1", None),
            ("O", None),
            ("B-PER", None),
            ("()", None),
            ("**", None),
            ("", None),
        ] {
            let parsed = parse(text).map(|parsed| (parsed.opens, parsed.closes));
            assert_eq!(parsed, expected, "{text:?}");
        }
    }
}
