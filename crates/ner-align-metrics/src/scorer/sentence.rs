//! Counting one sentence's entities.

use std::cmp::Ordering;

use super::codes::Span;
use super::counts::{Counts, LabelWords};
use crate::matching::{Edge, Rule, match_flat, match_general, overlaps, reach, weight};

/// Buffers that sentences share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scratch {
    /// Entities that are not both gold and predicted.
    pub(super) gold: Vec<Span>,
    pub(super) predicted: Vec<Span>,
    edges: Vec<Edge>,
    chosen: Vec<Edge>,
    best: Vec<(i128, usize)>,
    gold_flags: Vec<Flags>,
    predicted_flags: Vec<Flags>,
}

/// What is known about an entity while pairs are formed.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    /// It shares enough words with an entity of the other side to be a pair.
    touched: bool,
    paired: bool,
}

impl Scratch {
    fn reset_flags(&mut self) {
        self.edges.clear();
        self.gold_flags.clear();
        self.gold_flags.resize(self.gold.len(), Flags::default());
        self.predicted_flags.clear();
        self.predicted_flags.resize(self.predicted.len(), Flags::default());
    }

    fn add_edge(&mut self, gold: usize, predicted: usize) {
        self.edges.push(Edge { gold: gold as u32, predicted: predicted as u32 });
        self.gold_flags[gold].touched = true;
        self.predicted_flags[predicted].touched = true;
    }

    fn weight(&self, rule: Rule, edge: Edge) -> i128 {
        weight(rule, &self.gold[edge.gold as usize], &self.predicted[edge.predicted as usize])
    }
}

impl Counts {
    /// Counts entities of one sentence, none overlapping another of its side, both by position.
    pub(crate) fn add_flat(&mut self, gold: &[Span], predicted: &[Span], scratch: &mut Scratch) {
        self.split_off_identical(gold, predicted, scratch);
        self.add_differing(scratch);
    }

    /// Counts the entities left in `scratch`: flat, by position, none on both sides.
    pub(super) fn add_differing(&mut self, scratch: &mut Scratch) {
        if scratch.gold.is_empty() && scratch.predicted.is_empty() {
            return;
        }
        self.current.gold += scratch.gold.len() as u64;
        self.current.predicted += scratch.predicted.len() as u64;
        scratch.reset_flags();
        let (mut g, mut p) = (0, 0);
        while let (Some(&a), Some(&b)) = (scratch.gold.get(g), scratch.predicted.get(p)) {
            if a.start < b.end && b.start < a.end {
                let shared = a.end.min(b.end) - a.start.max(b.start);
                if self.may_pair(shared, &a, &b) {
                    scratch.add_edge(g, p);
                }
                if a.label == b.label {
                    let correct = u64::from(shared);
                    self.add_words(a.label, LabelWords { correct, ..LabelWords::default() });
                }
            }
            match a.end.cmp(&b.end) {
                Ordering::Less => g += 1,
                Ordering::Greater => p += 1,
                Ordering::Equal => (g, p) = (g + 1, p + 1),
            }
        }
        for span in &scratch.gold {
            self.add_words(span.label, LabelWords { gold: span.len(), ..LabelWords::default() });
        }
        for span in &scratch.predicted {
            let predicted = span.len();
            self.add_words(span.label, LabelWords { predicted, ..LabelWords::default() });
        }
        // An equal span overlaps nothing else here, so the same pairs are best for strict, exact
        // and partial; only the types can ask for others.
        for (rule, rules) in [
            (Rule::Type, &[Rule::Type][..]),
            (Rule::Strict, &[Rule::Strict, Rule::Exact, Rule::Partial]),
        ] {
            let (mut best, mut chosen) =
                (std::mem::take(&mut scratch.best), std::mem::take(&mut scratch.chosen));
            match_flat(&scratch.edges, |edge| scratch.weight(rule, edge), &mut best, &mut chosen);
            (scratch.best, scratch.chosen) = (best, chosen);
            self.record(rules, scratch);
        }
        self.count_surplus(scratch);
    }

    /// Counts entities of one sentence that may nest and overlap; both sorted, none twice.
    pub(crate) fn add_overlapping(
        &mut self,
        gold: &[Span],
        predicted: &[Span],
        scratch: &mut Scratch,
    ) {
        self.current.gold = gold.len() as u64;
        self.current.predicted = predicted.len() as u64;
        scratch.gold.clear();
        scratch.gold.extend_from_slice(gold);
        scratch.predicted.clear();
        scratch.predicted.extend_from_slice(predicted);
        scratch.reset_flags();
        let ends = reach(predicted.iter().map(|span| span.end));
        for (g, a) in gold.iter().enumerate() {
            let first = ends.partition_point(|&end| end <= a.start);
            let near = predicted.iter().enumerate().skip(first);
            for (p, b) in near.take_while(|(_, b)| b.start < a.end) {
                let shared = a.end.min(b.end).saturating_sub(a.start.max(b.start));
                if self.may_pair(shared, a, b) {
                    scratch.add_edge(g, p);
                }
            }
        }
        self.add_word_sets(gold, predicted);
        for rule in Rule::ALL {
            let mut chosen = std::mem::take(&mut scratch.chosen);
            let weight = |edge| scratch.weight(rule, edge);
            match_general(&scratch.edges, gold.len(), predicted.len(), weight, &mut chosen);
            scratch.chosen = chosen;
            self.record(&[rule], scratch);
            if rule == Rule::Strict {
                self.count_surplus(scratch);
            }
        }
    }

    fn may_pair(&self, shared: u32, gold: &Span, predicted: &Span) -> bool {
        let lengths = (gold.len() as usize, predicted.len() as usize);
        overlaps(shared as usize, lengths, self.min_overlap)
    }

    /// Counts the entities that are both gold and predicted; the others go to `scratch`.
    fn split_off_identical(&mut self, gold: &[Span], predicted: &[Span], scratch: &mut Scratch) {
        scratch.gold.clear();
        scratch.predicted.clear();
        let (mut g, mut p) = (0, 0);
        loop {
            match (gold.get(g), predicted.get(p)) {
                (Some(a), Some(b)) if a == b => {
                    self.add_identical(a);
                    (g, p) = (g + 1, p + 1);
                }
                (Some(a), b) if b.is_none_or(|b| a.start <= b.start) => {
                    scratch.gold.push(*a);
                    g += 1;
                }
                (_, Some(b)) => {
                    scratch.predicted.push(*b);
                    p += 1;
                }
                _ => break,
            }
        }
    }

    /// Counts the chosen pairs and what has no partner, the same under each of `rules`.
    fn record(&mut self, rules: &[Rule], scratch: &mut Scratch) {
        for flags in scratch.gold_flags.iter_mut().chain(&mut scratch.predicted_flags) {
            flags.paired = false;
        }
        for edge in &scratch.chosen {
            let (g, p) = (edge.gold as usize, edge.predicted as usize);
            scratch.gold_flags[g].paired = true;
            scratch.predicted_flags[p].paired = true;
            for &rule in rules {
                self.add_pair(rule, &scratch.gold[g], &scratch.predicted[p]);
            }
        }
        for (span, _) in scratch.gold.iter().zip(&scratch.gold_flags).filter(|(_, f)| !f.paired) {
            rules.iter().for_each(|&rule| self.add_missed(rule, span));
        }
        let predictions = scratch.predicted.iter().zip(&scratch.predicted_flags);
        for (span, _) in predictions.filter(|(_, flags)| !flags.paired) {
            rules.iter().for_each(|&rule| self.add_spurious(rule, span));
        }
    }

    /// Of the entities without partner, counts those that overlap one which has another partner.
    fn count_surplus(&mut self, scratch: &Scratch) {
        let surplus = |flags: &[Flags]| flags.iter().filter(|f| f.touched && !f.paired).count();
        self.merged += surplus(&scratch.gold_flags) as u64;
        self.split += surplus(&scratch.predicted_flags) as u64;
    }

    /// Counts the words of each label, a word once however many entities of the label cover it.
    fn add_word_sets(&mut self, gold: &[Span], predicted: &[Span]) {
        let words = |spans: &[Span]| {
            let mut words: Vec<(u32, u32)> = spans
                .iter()
                .flat_map(|span| (span.start..span.end).map(|word| (word, span.label)))
                .collect();
            words.sort_unstable();
            words.dedup();
            words
        };
        let (gold, predicted) = (words(gold), words(predicted));
        for &(_, label) in &gold {
            self.add_words(label, LabelWords { gold: 1, ..LabelWords::default() });
        }
        for word in &predicted {
            let correct = u64::from(gold.binary_search(word).is_ok());
            self.add_words(word.1, LabelWords { gold: 0, predicted: 1, correct });
        }
    }
}
