//! What each bonus does to each document.

use std::collections::BTreeMap;

use ner_align_core::Label;
use serde::Serialize;

use super::counting::{Counting, Evidence};
use super::path::sensitivity;
use super::promise::Group;

/// The entities of some types in a document, and what became of them with each of some bonuses.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct DocumentRecall {
    /// Gold entities of the types.
    pub entities: usize,
    /// Those of them that are not found, by bonus.
    pub missed: Vec<usize>,
    /// Predicted entities of the types, by bonus.
    pub predicted: Vec<usize>,
    /// Those of them that are right, by bonus.
    pub correct: Vec<usize>,
}

/// What each bonus does to each document, by the index of the document.
pub(crate) fn table(
    evidence: Evidence<'_>,
    types: &[Label],
    bonuses: &[f64],
) -> BTreeMap<usize, DocumentRecall> {
    let groups = [Group { types: types.to_vec(), target: 1.0 }];
    let counting = Counting::new(evidence, &groups);
    let all = 0..counting.documents();
    let mut rows: BTreeMap<usize, DocumentRecall> = BTreeMap::new();
    for (entities, index) in counting.gold(all.clone()).iter().flatten().zip(counting.indices()) {
        rows.entry(*index).or_default().entities = *entities;
    }
    for (number, bonus) in bonuses.iter().enumerate() {
        let sensitivity = sensitivity(&groups, &[*bonus]);
        for (document, counts) in evidence.predicted(&groups, &sensitivity) {
            let row = rows.entry(document).or_default();
            for (predicted, correct) in counts {
                row.predicted.push(predicted);
                row.correct.push(correct);
            }
            row.missed.resize(number + 1, 0);
        }
        let missed = counting.missed(all.clone(), &sensitivity);
        for (missed, index) in missed.iter().flatten().zip(counting.indices()) {
            if let Some(own) = rows.get_mut(index).and_then(|row| row.missed.get_mut(number)) {
                *own = *missed;
            }
        }
    }
    rows
}
