//! What became of each entity.

use ner_align_core::Entity;
use serde::{Deserialize, Serialize};

use crate::matching::{Edge, Rule, match_flat, match_general, overlaps, reach, weight_of};

/// What became of an entity: right, or one kind of error.
///
/// The kinds are those of [`crate::ErrorCounts`], counted in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Span and type are right.
    Correct,
    /// The type is right, the boundaries are not.
    Boundary,
    /// The boundaries are right, the type is not.
    Type,
    /// Both are wrong, but words are shared.
    BoundaryAndType,
    /// A gold entity that no prediction touches.
    Missed,
    /// A prediction that touches no gold entity.
    Spurious,
    /// A gold entity swallowed by a prediction that is paired with another one.
    Merged,
    /// A surplus piece of a gold entity that is paired with another prediction.
    Split,
}

impl Outcome {
    /// The kinds of errors, in the order of the enumeration.
    pub const ERRORS: [Self; 7] = [
        Self::Boundary,
        Self::Type,
        Self::BoundaryAndType,
        Self::Missed,
        Self::Spurious,
        Self::Merged,
        Self::Split,
    ];

    /// In words, as in `boundary and type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Boundary => "boundary",
            Self::Type => "type",
            Self::BoundaryAndType => "boundary and type",
            Self::Missed => "missed",
            Self::Spurious => "spurious",
            Self::Merged => "merged",
            Self::Split => "split",
        }
    }
}

/// A gold entity, a prediction, or two that belong together, as indices into what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pair {
    /// The gold entity.
    pub gold: Option<usize>,
    /// The prediction.
    pub predicted: Option<usize>,
    /// What became of it.
    pub outcome: Outcome,
}

/// Pairs gold and predicted entities as the strict measure does: as many right ones as possible,
/// then as many overlapping pairs as possible. Every entity is in exactly one of the pairs, which
/// come by position.
///
/// Equal entities given twice on one side are two here; [`crate::Scorer`] counts them once.
///
/// ```
/// use ner_align_core::{Entity, Label};
/// use ner_align_metrics::analysis::{Outcome, pair_entities};
/// let per = Label::new("PER").unwrap();
/// let gold = [Entity::new(0, 2, per.clone()), Entity::new(4, 5, per.clone())];
/// let predicted = [Entity::new(0, 1, per)];
/// let outcomes: Vec<Outcome> =
///     pair_entities(&gold, &predicted).iter().map(|pair| pair.outcome).collect();
/// assert_eq!(outcomes, [Outcome::Boundary, Outcome::Missed]);
/// ```
#[must_use]
pub fn pair_entities(gold: &[Entity], predicted: &[Entity]) -> Vec<Pair> {
    pair_overlapping(gold, predicted, 0.0)
}

/// As [`pair_entities`], of entities that share enough words.
pub(super) fn pair_overlapping(
    gold: &[Entity],
    predicted: &[Entity],
    min_overlap: f64,
) -> Vec<Pair> {
    let order = |entities: &[Entity]| {
        let mut order: Vec<usize> = (0..entities.len()).collect();
        order.sort_by_key(|&i| &entities[i]);
        order
    };
    let (gold_order, predicted_order) = (order(gold), order(predicted));
    let span = |p: usize| predicted_order.get(p).map_or(0..0, |&b| predicted[b].span.range());
    let ends = reach((0..predicted_order.len()).map(|p| span(p).end));
    let mut edges = Vec::new();
    let mut touched = (vec![false; gold.len()], vec![false; predicted.len()]);
    for (g, &a) in gold_order.iter().enumerate() {
        let a = gold[a].span;
        let first = ends.partition_point(|&end| end <= a.start);
        for p in (first..predicted.len()).take_while(|&p| span(p).start < a.end) {
            let b = predicted[predicted_order[p]].span;
            if overlaps(a.overlap(&b), (a.len(), b.len()), min_overlap) {
                edges.push(Edge { gold: g as u32, predicted: p as u32 });
                (touched.0[g], touched.1[p]) = (true, true);
            }
        }
    }
    let weight = |edge: Edge| {
        let a = &gold[gold_order[edge.gold as usize]];
        let b = &predicted[predicted_order[edge.predicted as usize]];
        weight_of(Rule::Strict, a.span == b.span, a.label == b.label, a.span.overlap(&b.span))
    };
    let flat = |order: &[usize], entities: &[Entity]| {
        order.windows(2).all(|pair| entities[pair[0]].span.end <= entities[pair[1]].span.start)
    };
    let mut chosen = Vec::new();
    if flat(&gold_order, gold) && flat(&predicted_order, predicted) {
        match_flat(&edges, weight, &mut Vec::new(), &mut chosen);
    } else {
        match_general(&edges, gold.len(), predicted.len(), weight, &mut chosen);
    }
    let mut partner = vec![None; gold.len()];
    let mut taken = vec![false; predicted.len()];
    for edge in chosen {
        partner[edge.gold as usize] = Some(edge.predicted as usize);
        taken[edge.predicted as usize] = true;
    }
    let mut pairs: Vec<Pair> = Vec::with_capacity(gold.len() + predicted.len());
    for (g, &a) in gold_order.iter().enumerate() {
        pairs.push(match partner[g].map(|p| predicted_order[p]) {
            Some(b) => {
                let outcome = outcome(&gold[a], &predicted[b]);
                Pair { gold: Some(a), predicted: Some(b), outcome }
            }
            None => {
                let outcome = if touched.0[g] { Outcome::Merged } else { Outcome::Missed };
                Pair { gold: Some(a), predicted: None, outcome }
            }
        });
    }
    for (p, &b) in predicted_order.iter().enumerate().filter(|(p, _)| !taken[*p]) {
        let outcome = if touched.1[p] { Outcome::Split } else { Outcome::Spurious };
        pairs.push(Pair { gold: None, predicted: Some(b), outcome });
    }
    let position = |pair: &Pair| {
        let gold = pair.gold.map(|i| gold[i].span);
        gold.or_else(|| pair.predicted.map(|i| predicted[i].span))
    };
    pairs.sort_by_key(position);
    pairs
}

fn outcome(gold: &Entity, predicted: &Entity) -> Outcome {
    match (gold.span == predicted.span, gold.label == predicted.label) {
        (true, true) => Outcome::Correct,
        (true, false) => Outcome::Type,
        (false, true) => Outcome::Boundary,
        (false, false) => Outcome::BoundaryAndType,
    }
}
