//! The choice of documents, one by one.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashSet};

use super::Candidate;

/// A document that was chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Chosen {
    /// Its index among the candidates.
    pub index: usize,
    /// What it was worth when it was chosen: its uncertainty less the shares of mentions that those
    /// before it ask about already.
    pub score: f64,
}

/// Chooses up to `count` candidates, the best one first. Of equals the first one is taken. Scores never
/// rise along the ranking.
#[must_use]
pub fn rank(candidates: &[Candidate], count: usize) -> Vec<Chosen> {
    let mut asked: HashSet<&str> = HashSet::new();
    let bounds = candidates
        .iter()
        .enumerate()
        .map(|(index, own)| Bound { score: own.uncertainty, index: Reverse(index) });
    let mut bounds: BinaryHeap<Bound> = bounds.collect();
    let mut chosen = Vec::with_capacity(count.min(candidates.len()));
    while chosen.len() < count {
        let Some(Bound { score, index }) = bounds.pop() else { break };
        let Some(candidate) = candidates.get(index.0) else { continue };
        let now = worth(candidate, &asked);
        // A worth only falls, so what was computed before is a bound, and one that still holds is the
        // largest of all.
        if now < score {
            bounds.push(Bound { score: now, index });
            continue;
        }
        chosen.push(Chosen { index: index.0, score: now });
        asked.extend(candidate.doubts.iter().map(|doubt| doubt.surface.as_str()));
    }
    chosen
}

fn worth(candidate: &Candidate, asked: &HashSet<&str>) -> f64 {
    let seen = candidate.doubts.iter().filter(|doubt| asked.contains(doubt.surface.as_str()));
    let lost: f64 = seen.map(|doubt| doubt.share).sum();
    candidate.uncertainty * (1.0 - lost).max(0.0)
}

/// What a candidate is worth at most.
#[derive(Debug)]
struct Bound {
    score: f64,
    index: Reverse<usize>,
}

impl Ord for Bound {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then(self.index.cmp(&other.index))
    }
}

impl PartialOrd for Bound {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Bound {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Bound {}
