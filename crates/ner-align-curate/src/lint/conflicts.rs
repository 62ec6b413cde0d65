//! The same surface with several labels.

use ner_align_core::Severity;

use super::position::{with_hint, with_text};
use super::surfaces::{Uses, listed};
use super::{CorpusIndex, Lint, LintLog, Quoted, Statistics};

/// A label is the usual one from so many mentions on.
const USUAL: usize = 5;

/// The usual label has at least this many times the mentions of all others.
const TIMES: usize = 9;

/// Finds surfaces whose label differs from place to place.
#[derive(Debug)]
pub(super) struct ConflictLint;

impl Lint for ConflictLint {
    fn finish(&mut self, index: &CorpusIndex, _: &mut Statistics, log: &mut LintLog) {
        let (_, _, inputs) = index.inputs();
        let uses = Uses::of(index, index.entities());
        let mut ambiguous = vec![false; index.surfaces()];
        for entity in &index.entities()[..inputs] {
            let [usual, rest @ ..] = uses.get(entity.surface) else { continue };
            if rest.is_empty() {
                continue;
            }
            let others = uses.total(entity.surface) - usual.count;
            if usual.count < USUAL || usual.count < TIMES * others {
                if let Some(seen) = ambiguous.get_mut(entity.surface as usize) {
                    *seen = true;
                }
                continue;
            }
            if entity.label == usual.label {
                continue;
            }
            let message = format!(
                "expected {} as for {} others (first at {}), found {}",
                index.label_name(usual.label),
                usual.count,
                index.place_from(entity.start, usual.first),
                index.label_name(entity.label),
            );
            let finding =
                index.finding(Severity::Warning, "conflicting-labels", message, entity.start);
            let text = index.text(index.surface(entity.surface));
            log.push(with_hint(with_text(finding, &text), "one of them may be a slip"));
        }
        let mut surfaces: Vec<u32> = (0..)
            .zip(&ambiguous)
            .filter_map(|(surface, ambiguous)| ambiguous.then_some(surface))
            .collect();
        surfaces.sort_by_key(|&surface| (std::cmp::Reverse(uses.total(surface)), surface));
        for surface in surfaces {
            let own = uses.get(surface);
            let text = index.text(index.surface(surface));
            let first = own.iter().map(|known| known.first).min().unwrap_or(0);
            let labels = listed(index, own, first);
            let message = format!("{} has several labels: {labels}", Quoted(&text));
            let finding = index.finding(Severity::Info, "ambiguous-surface", message, first);
            log.push(with_text(finding, &text));
        }
    }
}
