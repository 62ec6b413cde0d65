//! Entities that share words or continue in the next sentence.

use ner_align_core::{Document, Severity};

use ner_align_corpus::text::shorten;

use super::position::{with_hint, with_text};
use super::{Lint, LintLog, Position, Quoted};

/// Finds entities that tags cannot write.
#[derive(Debug)]
pub(super) struct SpanLint;

impl Lint for SpanLint {
    fn document(&mut self, document: &Document, at: &Position<'_>, log: &mut LintLog) {
        let entities = document.entities();
        // The entity that reaches furthest of those before.
        let mut furthest = entities.first();
        for entity in entities.iter().skip(1) {
            let Some(before) = furthest else { break };
            if entity.span.start < before.span.end {
                let surface = document.surface(entity.span);
                let other = document.surface(before.span);
                let (label, other_label) = (&entity.label, &before.label);
                let message = if entity == before {
                    format!("expected each entity once, found {label} twice on the same words")
                } else if entity.span == before.span {
                    format!("expected one label, found {other_label} and {label} on the same words")
                } else {
                    format!(
                        "expected entities that share no words, found {label} {} over {other_label} {}",
                        Quoted(&shorten(surface)),
                        Quoted(&shorten(other))
                    )
                };
                let word = entity.span.start;
                let severity = Severity::Warning;
                let finding = at.of_word(severity, "overlapping-entities", message, document, word);
                let hint = "tags cannot hold both; choose with `on_overlap` when converting";
                log.push(with_hint(with_text(finding, surface), hint));
            }
            if entity.span.end > before.span.end {
                furthest = Some(entity);
            }
        }
        if document.sentences().len() < 2 {
            return;
        }
        for entity in entities {
            let sentences = document.sentences();
            let index = sentences.partition_point(|s| s.words.end <= entity.span.start);
            if sentences.get(index).is_some_and(|s| s.words.end < entity.span.end) {
                let message = format!(
                    "expected an entity within one sentence, found {} that continues in the next",
                    entity.label
                );
                let word = entity.span.start;
                let code = "entity-crosses-sentence";
                let finding = at.of_word(Severity::Warning, code, message, document, word);
                let hint = "the sentence end or the entity is wrong";
                log.push(with_hint(with_text(finding, document.surface(entity.span)), hint));
            }
        }
    }
}
