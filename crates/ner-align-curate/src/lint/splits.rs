//! Labels and entities of one side and the other.

use std::collections::BTreeMap;

use ner_align_core::{Finding, Label, Severity};
use rustc_hash::FxHashSet;

use super::position::with_hint;
use super::surfaces::by_label;
use super::{CorpusIndex, IndexedEntity, Lint, LintLog, Statistics};

/// Compares the inputs with what they are to be compared with.
#[derive(Debug)]
pub(super) struct SplitLint;

impl Lint for SplitLint {
    fn finish(&mut self, index: &CorpusIndex, statistics: &mut Statistics, log: &mut LintLog) {
        let (_, _, bound) = index.inputs();
        let (own, others) = index.entities().split_at(bound);
        if !index.has_others() || own.is_empty() || others.is_empty() {
            return;
        }
        let (own_labels, other_labels) = (by_label(index, own), by_label(index, others));
        let has = |labels: &[(u32, (usize, usize))], label: u32| {
            labels.binary_search_by_key(&label, |(label, _)| *label).is_ok()
        };
        let mut missing = |label: u32, (count, first), here: &str, severity, code, hint: &str| {
            let name = index.label_name(label);
            let message = format!("{name} is not in {here}, and ×{count} on the other side");
            let finding = index.finding(severity, code, message, first).with_text(name.to_owned());
            log.push(with_hint(finding, hint));
        };
        for &(label, place) in other_labels.iter().filter(|(l, _)| !has(&own_labels, *l)) {
            let hint = "if the inputs are what is trained on, it cannot be learned";
            let code = "label-not-in-inputs";
            missing(label, place, "the inputs", Severity::Warning, code, hint);
        }
        for &(label, place) in own_labels.iter().filter(|(l, _)| !has(&other_labels, *l)) {
            let hint = "if the other side is what is measured on, nothing is said about it";
            let code = "label-not-in-other";
            missing(label, place, "what is compared with", Severity::Info, code, hint);
        }
        let mut overlap = statistics.overlap.take().unwrap_or_default();
        let (seen, share) = shared(own, others);
        let (_, back) = shared(others, own);
        overlap.entities = share;
        overlap.entities_of_against = back;
        overlap.entities_by_label = own_labels
            .iter()
            .filter_map(|(label, (count, _))| {
                let seen = seen.get(label).copied().unwrap_or(0) as f64;
                Some((index.label(*label)?, seen / *count as f64))
            })
            .collect::<BTreeMap<Label, f64>>();
        statistics.overlap = Some(overlap);
        if let (Some(share), Some(back)) = (share, back) {
            let message = format!(
                "{:.1} % of the inputs' entities are on the other side too, by surface and label; {:.1} % the other way round",
                100.0 * share,
                100.0 * back
            );
            let finding = Finding::new(Severity::Info, "entity-overlap", message);
            log.push(with_hint(
                finding,
                "scores on entities that were trained on say little about new ones",
            ));
        }
    }
}

/// How many entities of each label have surface and label of one of the others, and their share.
fn shared(
    entities: &[IndexedEntity],
    others: &[IndexedEntity],
) -> (BTreeMap<u32, usize>, Option<f64>) {
    let known: FxHashSet<(u32, u32)> = others.iter().map(|e| (e.surface, e.label)).collect();
    let mut seen: BTreeMap<u32, usize> = BTreeMap::new();
    for entity in entities.iter().filter(|e| known.contains(&(e.surface, e.label))) {
        *seen.entry(entity.label).or_default() += 1;
    }
    let total: usize = seen.values().sum();
    let share = (!entities.is_empty()).then(|| total as f64 / entities.len() as f64);
    (seen, share)
}
