//! Which labels each surface has, how often, and where first.

use rustc_hash::FxHashMap;

use super::{CorpusIndex, IndexedEntity};

/// How often a surface has a label.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use {
    pub(super) label: u32,
    pub(super) count: usize,
    /// The first word of the first one.
    pub(super) first: usize,
}

/// The labels of each surface, the most frequent one first.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// By surface.
    uses: Vec<Vec<Use>>,
    /// How often each surface is annotated.
    totals: Vec<usize>,
    /// By surface and label; a surface may have as many labels as there are.
    counts: FxHashMap<(u32, u32), usize>,
}

impl Uses {
    pub(super) fn of(index: &CorpusIndex, entities: &[IndexedEntity]) -> Self {
        let mut uses: Vec<Vec<Use>> = vec![Vec::new(); index.surfaces()];
        let mut totals = vec![0; index.surfaces()];
        let mut counts: FxHashMap<(u32, u32), usize> = FxHashMap::default();
        for entity in entities {
            let surface = entity.surface as usize;
            let Some((own, total)) = uses.get_mut(surface).zip(totals.get_mut(surface)) else {
                continue;
            };
            *total += 1;
            let count = counts.entry((entity.surface, entity.label)).or_default();
            *count += 1;
            if *count == 1 {
                own.push(Use { label: entity.label, count: 1, first: entity.start });
            }
        }
        for (surface, own) in (0..).zip(&mut uses) {
            for known in own.iter_mut() {
                known.count = counts.get(&(surface, known.label)).copied().unwrap_or(0);
            }
            own.sort_by_key(|known| (std::cmp::Reverse(known.count), known.first));
        }
        Self { uses, totals, counts }
    }

    /// The labels of a surface.
    pub(super) fn get(&self, surface: u32) -> &[Use] {
        self.uses.get(surface as usize).map_or(&[], Vec::as_slice)
    }

    /// How often a surface has a label.
    pub(super) fn count(&self, surface: u32, label: u32) -> usize {
        self.counts.get(&(surface, label)).copied().unwrap_or(0)
    }

    /// How often a surface is annotated.
    pub(super) fn total(&self, surface: u32) -> usize {
        self.totals.get(surface as usize).copied().unwrap_or(0)
    }
}

/// `LOC ×3 (first at line 7), ORG ×1 (first at line 12)`, as said at the word `here`.
pub(super) fn listed(index: &CorpusIndex, uses: &[Use], here: usize) -> String {
    const MOST: usize = 4;
    let mut shown: Vec<String> = uses
        .iter()
        .take(MOST)
        .map(|known| {
            let (label, count) = (index.label_name(known.label), known.count);
            format!("{label} ×{count} (first at {})", index.place_from(here, known.first))
        })
        .collect();
    if uses.len() > MOST {
        shown.push(format!("and {} more labels", uses.len() - MOST));
    }
    shown.join(", ")
}

/// The labels of entities by number, with how many there are and the first word of the first.
pub(super) fn by_label(
    index: &CorpusIndex,
    entities: &[IndexedEntity],
) -> Vec<(u32, (usize, usize))> {
    let mut labels: Vec<(usize, usize)> = vec![(0, 0); index.labels().len()];
    for entity in entities {
        if let Some((count, first)) = labels.get_mut(entity.label as usize) {
            if *count == 0 {
                *first = entity.start;
            }
            *count += 1;
        }
    }
    (0..).zip(labels).filter(|(_, (count, _))| *count > 0).collect()
}
