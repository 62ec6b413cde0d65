//! Whether a model can learn where no entity is.

use std::collections::BTreeMap;

use ner_align_core::{Document, Finding, Severity};

use super::position::with_hint;
use super::{CorpusIndex, Lint, LintLog, LintOptions, Position, Statistics};

/// Fewer sentences than this say nothing.
const ENOUGH: usize = 20;

/// Finds labels that every sentence holds.
#[derive(Debug)]
pub(super) struct NegativeLint {
    enough: usize,
    /// Some document is one long sentence, since its source marks none.
    unmarked: bool,
}

impl NegativeLint {
    pub(super) const fn new(options: &LintOptions) -> Self {
        let enough = if options.few_sentences < ENOUGH { options.few_sentences } else { ENOUGH };
        Self { enough, unmarked: false }
    }
}

impl Lint for NegativeLint {
    fn document(&mut self, document: &Document, _: &Position<'_>, _: &mut LintLog) {
        self.unmarked |= !document.is_empty() && !document.sentences_marked();
    }

    fn finish(&mut self, index: &CorpusIndex, statistics: &mut Statistics, log: &mut LintLog) {
        let (sentences, _, entities) = index.inputs();
        // A whole text holds enough words outside of entities.
        if self.unmarked || sentences < self.enough || entities == 0 {
            return;
        }
        let mut push = |message: String| {
            let finding = Finding::new(Severity::Warning, "no-negative-examples", message);
            let hint = "a model that never sees text without entities finds some everywhere";
            log.push(with_hint(finding, hint));
        };
        if statistics.inputs.sentences_without_entities == 0 {
            push(format!("expected sentences without entities, found none among {sentences}"));
        }
        // For each label the number of sentences, and the last one.
        let mut labels: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
        for entity in &index.entities()[..entities] {
            let sentence = index.sentence_at(entity.start);
            let (count, last) = labels.entry(entity.label).or_insert((0, usize::MAX));
            if *last != sentence {
                *last = sentence;
                *count += 1;
            }
        }
        if labels.len() > 1 {
            for (label, _) in labels.into_iter().filter(|(_, (count, _))| *count == sentences) {
                let label = index.label_name(label);
                push(format!("expected sentences without {label}, found none among {sentences}"));
            }
        }
    }
}
