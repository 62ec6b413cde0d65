//! Tags that break their scheme.

use ner_align_core::{Document, Scheme, Severity, Tag};

use super::position::{with_hint, with_text};
use super::{Lint, LintLog, Position};

/// Finds tags that cannot follow the one before them.
#[derive(Debug)]
pub(super) struct SchemeLint;

impl Lint for SchemeLint {
    fn document(&mut self, document: &Document, at: &Position<'_>, log: &mut LintLog) {
        let Some((tags, scheme)) = document.tags() else { return };
        // Every neighbourhood of inside and outside is lawful.
        if scheme == Scheme::Io && tags.iter().all(|tag| tag.prefix().is_none_or(is_inside)) {
            return;
        }
        for sentence in document.sentences() {
            let Some(tags) = tags.get(sentence.words.range()) else { continue };
            for word in 0..=tags.len() {
                let before = word.checked_sub(1).and_then(|before| tags.get(before));
                let tag = tags.get(word);
                // What the source's tag was is not known.
                let unknown = |tag: Option<&Tag>| matches!(tag, Some(Tag::Missing));
                // What the reader has said about the spelling is not said twice.
                let misspelled = document.spelling(sentence.words.start + word).is_some();
                if misspelled || unknown(before) || unknown(tag) || scheme.is_legal(before, tag) {
                    continue;
                }
                let shown = |tag: Option<&Tag>, edge: &str| {
                    tag.map_or_else(|| edge.to_owned(), |tag| tag.display(scheme).to_string())
                };
                let message = format!(
                    "expected a tag that {scheme} allows after {}, found {}",
                    shown(before, "the start of the sentence"),
                    shown(tag, "the end of the sentence"),
                );
                // A sentence that must not end yet is shown at its last word.
                let place = sentence.words.start + word.min(tags.len().saturating_sub(1));
                let finding =
                    at.of_word(Severity::Error, "scheme-violation", message, document, place);
                log.push(with_hint(with_text(finding, document.word(place)), HINT));
            }
        }
    }
}

const HINT: &str = "lenient reading starts an entity there; a conversion with `repair` writes the tags anew; `read.scheme` names another scheme";

const fn is_inside(prefix: ner_align_core::Prefix) -> bool {
    matches!(prefix, ner_align_core::Prefix::Inside)
}
