//! What a scorer remembers: integers, from which every measure follows.

use super::codes::{Code, MISSING, OUTSIDE, Span, code_of, label_of, prefix_of};
use super::grid::Grid;
use crate::matching::Rule;
use crate::resampling::{UnitCounts, Units};

/// Row or column 0 of a pair table: no partner. Labels follow at `1 + id`.
pub(crate) const NONE: usize = 0;

/// Pairs under one rule, by gold and predicted label, [`NONE`] where there is no partner.
#[derive(Debug, Clone, Default)]
pub(crate) struct PairTable {
    /// Pairs with equal spans.
    pub(crate) same_span: Grid,
    /// Pairs that only overlap, missed and spurious ones.
    pub(crate) other: Grid,
}

/// Words in entities of one label.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LabelWords {
    pub(crate) gold: u64,
    pub(crate) predicted: u64,
    pub(crate) correct: u64,
}

impl LabelWords {
    const fn add(&mut self, other: Self) {
        self.gold += other.gold;
        self.predicted += other.predicted;
        self.correct += other.correct;
    }
}

/// All counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    pub(crate) documents: u64,
    /// Sentences came after the last end of a document.
    pub(crate) open_document: bool,
    pub(crate) sentences: u64,
    /// Words given by tags and annotated.
    pub(crate) tagged_words: u64,
    /// Words given with spans alone.
    pub(crate) span_words: u64,
    pub(crate) unannotated_words: u64,
    pub(crate) unscored_predictions: u64,
    pub(crate) merged: u64,
    pub(crate) split: u64,
    /// Tags of annotated words by code, rows gold, without the pairs of two `O`.
    pub(crate) tags: Grid,
    /// Words that are `O` in both.
    pub(crate) outside: u64,
    /// By rule, in the order of [`Rule::ALL`], without what `identical` counts.
    pub(crate) pairs: [PairTable; 4],
    /// Entities with equal span and type, by label: correct under every rule.
    pub(crate) identical: Vec<u64>,
    /// Words of entities by label.
    pub(crate) words: Vec<LabelWords>,
    /// Share of the longer of two entities that they must share to be a pair.
    pub(crate) min_overlap: f64,
    /// The sentence that is being counted.
    pub(crate) current: UnitCounts,
    /// The sentences by themselves, if they are recorded.
    pub(crate) units: Option<Units>,
}

impl Counts {
    pub(crate) fn add_tags(&mut self, gold: &[Code], predicted: &[Code]) {
        for (&gold, &predicted) in gold.iter().zip(predicted) {
            match (gold, predicted) {
                (OUTSIDE, OUTSIDE | MISSING) => self.outside += 1,
                (MISSING, _) => self.unannotated_words += 1,
                (_, MISSING) => self.tags.add(gold as usize, OUTSIDE as usize, 1),
                _ => self.tags.add(gold as usize, predicted as usize, 1),
            }
        }
    }

    /// Bytes that they take, about.
    pub(crate) fn memory(&self) -> usize {
        let tables = self.pairs.iter().flat_map(|table| [&table.same_span, &table.other]);
        let cells: usize = tables.chain([&self.tags]).map(Grid::memory).sum();
        let labels = self.identical.capacity() * 8 + self.words.capacity() * 24;
        cells + labels + self.units.as_ref().map_or(0, Units::memory)
    }

    /// Makes room for labels below `labels`.
    pub(crate) fn grow(&mut self, labels: usize) {
        if labels > self.identical.len() {
            self.identical.resize(labels, 0);
            self.words.resize(labels, LabelWords::default());
        }
    }

    pub(crate) fn add_identical(&mut self, span: &Span) {
        self.identical[span.label as usize] += 1;
        self.current.gold += 1;
        self.current.predicted += 1;
        self.current.half_credits = self.current.half_credits.map(|credits| credits + 2);
        let words = span.len();
        self.add_words(span.label, LabelWords { gold: words, predicted: words, correct: words });
    }

    pub(crate) fn add_words(&mut self, label: u32, words: LabelWords) {
        self.words[label as usize].add(words);
        self.current.gold_words += words.gold;
        self.current.predicted_words += words.predicted;
        self.current.correct_words += words.correct;
    }

    /// Ends the sentence that was counted.
    pub(crate) fn end_sentence(&mut self) {
        self.sentences += 1;
        self.open_document = true;
        let counts = std::mem::take(&mut self.current);
        if let Some(units) = &mut self.units {
            units.push(counts);
        }
    }

    pub(crate) fn end_document(&mut self) {
        self.documents += 1;
        self.open_document = false;
        if let Some(units) = &mut self.units {
            units.end_document();
        }
    }

    pub(crate) fn add_pair(&mut self, rule: Rule, gold: &Span, predicted: &Span) {
        let table = &mut self.pairs[rule as usize];
        let same = gold.start == predicted.start && gold.end == predicted.end;
        let same_type = gold.label == predicted.label;
        self.current.half_credits[rule as usize] += rule.half_credits(same, same_type);
        let grid = if same { &mut table.same_span } else { &mut table.other };
        grid.add(1 + gold.label as usize, 1 + predicted.label as usize, 1);
    }

    pub(crate) fn add_missed(&mut self, rule: Rule, gold: &Span) {
        self.pairs[rule as usize].other.add(1 + gold.label as usize, NONE, 1);
    }

    pub(crate) fn add_spurious(&mut self, rule: Rule, predicted: &Span) {
        self.pairs[rule as usize].other.add(NONE, 1 + predicted.label as usize, 1);
    }

    /// Adds other counts, whose label `i` is here `labels[i]`.
    pub(crate) fn merge(&mut self, other: &Self, labels: &[u32]) {
        self.documents += other.documents;
        self.open_document |= other.open_document;
        self.sentences += other.sentences;
        self.tagged_words += other.tagged_words;
        self.span_words += other.span_words;
        self.unannotated_words += other.unannotated_words;
        self.unscored_predictions += other.unscored_predictions;
        self.merged += other.merged;
        self.split += other.split;
        self.outside += other.outside;
        self.tags.add_mapped(&other.tags, |code| {
            let code = code as Code;
            match (prefix_of(code), label_of(code)) {
                (Some(prefix), Some(label)) => code_of(prefix, labels[label as usize]) as usize,
                _ => code as usize,
            }
        });
        let shift = |index: usize| match index.checked_sub(1) {
            Some(label) => 1 + labels[label] as usize,
            None => NONE,
        };
        for (own, other) in self.pairs.iter_mut().zip(&other.pairs) {
            own.same_span.add_mapped(&other.same_span, shift);
            own.other.add_mapped(&other.other, shift);
        }
        for ((&label, identical), words) in labels.iter().zip(&other.identical).zip(&other.words) {
            let label = label as usize;
            self.grow(label + 1);
            self.identical[label] += identical;
            self.words[label].add(*words);
        }
        if let Some(own) = &mut self.units {
            match &other.units {
                Some(units) => own.append(units),
                None if other.sentences > 0 => own.miss(),
                None => {}
            }
        }
    }
}
