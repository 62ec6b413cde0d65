//! Which labels each surface has, how often, and where first.

use std::collections::BTreeMap;

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
pub(super) struct Uses(Vec<Vec<Use>>);

impl Uses {
    pub(super) fn of(index: &CorpusIndex, entities: &[IndexedEntity]) -> Self {
        let mut uses: Vec<Vec<Use>> = vec![Vec::new(); index.surfaces()];
        for entity in entities {
            let Some(own) = uses.get_mut(entity.surface as usize) else { continue };
            match own.iter_mut().find(|known| known.label == entity.label) {
                Some(known) => known.count += 1,
                None => own.push(Use { label: entity.label, count: 1, first: entity.start }),
            }
        }
        for own in &mut uses {
            own.sort_by_key(|known| (std::cmp::Reverse(known.count), known.first));
        }
        Self(uses)
    }

    /// The labels of a surface.
    pub(super) fn get(&self, surface: u32) -> &[Use] {
        self.0.get(surface as usize).map_or(&[], Vec::as_slice)
    }

    /// How often a surface has a label.
    pub(super) fn count(&self, surface: u32, label: u32) -> usize {
        self.get(surface).iter().find(|known| known.label == label).map_or(0, |known| known.count)
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

/// Entities of each label, with the first word of the first.
pub(super) fn by_label(entities: &[IndexedEntity]) -> BTreeMap<u32, (usize, usize)> {
    let mut labels = BTreeMap::new();
    for entity in entities {
        labels.entry(entity.label).or_insert((0, entity.start)).0 += 1;
    }
    labels
}
