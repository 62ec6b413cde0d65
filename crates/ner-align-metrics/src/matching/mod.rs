//! Which predicted entity answers which gold entity.
//!
//! SemEval's measures give credit to pairs of overlapping entities, each entity in at most one
//! pair. Which pairs to form is left open by the task's definition; tools that walk the predictions
//! in list order get scores that depend on that order. Here the pairs are those of largest total
//! weight, where the weight is the measure's credit first, then the number of pairs, then what
//! makes a pair look alike ([`weight_of`]); ties that remain go to the pairs that stand first in the
//! sentence. Nothing depends on the order of the input, and gold and predictions play equal parts.

mod flat;
mod general;

pub(crate) use flat::match_flat;
pub(crate) use general::match_general;

use crate::scorer::Span;

/// The four SemEval measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    Strict,
    Exact,
    Partial,
    Type,
}

impl Rule {
    pub(crate) const ALL: [Self; 4] = [Self::Strict, Self::Exact, Self::Partial, Self::Type];

    /// What a pair earns, in halves.
    pub(crate) const fn half_credits(self, same_span: bool, same_type: bool) -> u64 {
        match self {
            Self::Strict if same_span && same_type => 2,
            Self::Exact | Self::Partial if same_span => 2,
            Self::Partial => 1,
            Self::Type if same_type => 2,
            _ => 0,
        }
    }
}

/// Indices of a gold and a predicted entity that share a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) gold: u32,
    pub(crate) predicted: u32,
}

/// The weight of a pair: its fields compare one after the other, and sums of up to a million pairs
/// do not run over from one into the next.
///
/// Credit, number of pairs, equal spans, equal types, shared words.
pub(crate) fn weight_of(rule: Rule, same_span: bool, same_type: bool, shared: usize) -> i128 {
    i128::from(rule.half_credits(same_span, same_type)) << 103
        | 1 << 83
        | i128::from(same_span) << 63
        | i128::from(same_type) << 43
        | shared as i128
}

/// True if two spans share enough to be a pair: at least one word, and of the longer one's words at
/// least the share `threshold`. The longer one, so that neither a prediction of a whole sentence nor
/// one of a single word of many gets by, and gold and predictions play equal parts.
pub(crate) fn overlaps(shared: usize, lengths: (usize, usize), threshold: f64) -> bool {
    shared > 0 && shared as f64 >= threshold * lengths.0.max(lengths.1) as f64
}

/// How far spans up to each one reach, given their ends in the order of their starts. It only grows, so that the
/// first one that can share a word with another span is found without a look at those before.
pub(crate) fn reach<T: Ord + Copy>(ends: impl Iterator<Item = T>) -> Vec<T> {
    let mut furthest: Option<T> = None;
    ends.map(|end| *furthest.insert(furthest.map_or(end, |known| known.max(end)))).collect()
}

/// [`weight_of`] two spans.
pub(crate) fn weight(rule: Rule, gold: &Span, predicted: &Span) -> i128 {
    let same_span = gold.start == predicted.start && gold.end == predicted.end;
    let shared = gold.end.min(predicted.end).saturating_sub(gold.start.max(predicted.start));
    weight_of(rule, same_span, gold.label == predicted.label, shared as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spans(flat: bool) -> impl Strategy<Value = Vec<Span>> {
        let part = (0_u32..3, 1_u32..5, 0_u32..2);
        prop::collection::vec(part, 0..6).prop_map(move |parts| {
            let mut spans: Vec<Span> = Vec::new();
            let mut word = 0;
            for (gap, length, label) in parts {
                let start = if flat { word + gap } else { gap + length % 3 };
                spans.push(Span { start, end: start + length, label });
                word = start + length;
            }
            spans.sort_by_key(|span| (span.start, span.end, span.label));
            spans.dedup();
            spans
        })
    }

    fn edges(gold: &[Span], predicted: &[Span]) -> Vec<Edge> {
        let mut edges = Vec::new();
        for (g, a) in gold.iter().enumerate() {
            for (p, b) in predicted.iter().enumerate() {
                if a.start < b.end && b.start < a.end {
                    edges.push(Edge { gold: g as u32, predicted: p as u32 });
                }
            }
        }
        edges
    }

    /// The best total over all ways to choose pairs.
    fn brute_force(edges: &[Edge], weight: &dyn Fn(Edge) -> i128) -> i128 {
        let Some((&first, rest)) = edges.split_first() else { return 0 };
        let without = brute_force(rest, weight);
        let free: Vec<Edge> = rest
            .iter()
            .copied()
            .filter(|edge| edge.gold != first.gold && edge.predicted != first.predicted)
            .collect();
        without.max(weight(first) + brute_force(&free, weight))
    }

    /// The total of `chosen`, which must use each entity once.
    fn total(chosen: &[Edge], weight: &dyn Fn(Edge) -> i128) -> i128 {
        for (i, a) in chosen.iter().enumerate() {
            for b in &chosen[..i] {
                assert!(a.gold != b.gold && a.predicted != b.predicted, "{a:?} {b:?}");
            }
        }
        chosen.iter().map(|&edge| weight(edge)).sum()
    }

    proptest! {
        #[test]
        fn overlapping_entities_are_matched_best(gold in spans(false), predicted in spans(false)) {
            let edges = edges(&gold, &predicted);
            prop_assume!(edges.len() <= 14);
            for rule in Rule::ALL {
                let weight = |e: Edge| {
                    weight(rule, &gold[e.gold as usize], &predicted[e.predicted as usize])
                };
                let mut chosen = Vec::new();
                match_general(&edges, gold.len(), predicted.len(), weight, &mut chosen);
                prop_assert_eq!(total(&chosen, &weight), brute_force(&edges, &weight), "{:?}", rule);
            }
        }

        #[test]
        fn flat_entities_are_matched_best(gold in spans(true), predicted in spans(true)) {
            let edges = edges(&gold, &predicted);
            for rule in Rule::ALL {
                let weight = |e: Edge| {
                    weight(rule, &gold[e.gold as usize], &predicted[e.predicted as usize])
                };
                let (mut chosen, mut general) = (Vec::new(), Vec::new());
                match_flat(&edges, weight, &mut Vec::new(), &mut chosen);
                match_general(&edges, gold.len(), predicted.len(), weight, &mut general);
                prop_assert_eq!(total(&chosen, &weight), total(&general, &weight), "{:?}", rule);
                prop_assert_eq!(total(&chosen, &weight), brute_force(&edges, &weight));
            }
        }
    }
}
