//! Terms found in a sentence: the leftmost ones, and of those that start together the longest.

use ner_align_core::{Document, TextOrigin, WordSpan};
use rustc_hash::FxHashMap;

use super::pieces::{Vocabulary, pieces};

/// A tree of all terms, a piece a step.
#[derive(Debug)]
pub(super) struct Terms {
    vocabulary: Vocabulary,
    steps: FxHashMap<(u32, u32), u32>,
    nodes: u32,
    /// The terms that end at a node: they differ in their white space.
    ends: FxHashMap<u32, Vec<Term>>,
    sentence: Vec<PieceInSentence>,
}

#[derive(Debug)]
struct Term {
    /// For each piece but the first, whether white space stands before it.
    spaced: Box<[bool]>,
    rule: usize,
}

/// A piece of a sentence.
#[derive(Debug, Clone, Copy)]
struct PieceInSentence {
    /// `None`: in no term.
    number: Option<u32>,
    word: usize,
    /// It starts its word, it ends it.
    first: bool,
    last: bool,
    gap: Gap,
}

/// What stands before a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Nothing,
    Space,
    /// The source does not say.
    Unknown,
    /// Text that is no word.
    Text,
}

/// Where a term was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    /// The words that it touches.
    pub(super) words: WordSpan,
    pub(super) rule: usize,
    /// It starts and ends where words do.
    pub(super) whole: bool,
}

/// Where a term ends, and its rule.
type Found = (usize, usize);

impl Terms {
    pub(super) fn new(ignore_case: bool) -> Self {
        Self {
            vocabulary: Vocabulary::new(ignore_case),
            steps: FxHashMap::default(),
            nodes: 1,
            ends: FxHashMap::default(),
            sentence: Vec::new(),
        }
    }

    /// True if there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds a term; gives the rule that has it already, which then stays. A term without a letter,
    /// digit or sign is never found.
    pub(super) fn add(&mut self, term: &str, rule: usize) -> Option<usize> {
        let mut node = 0;
        let mut spaced = Vec::new();
        for piece in pieces(term.trim()) {
            let step = (node, self.vocabulary.add(piece.text));
            node = *self.steps.entry(step).or_insert(self.nodes);
            self.nodes = self.nodes.max(node + 1);
            spaced.push(piece.spaced);
        }
        if spaced.is_empty() {
            return None;
        }
        let spaced: Box<[bool]> = spaced.drain(1..).collect();
        let ends = self.ends.entry(node).or_default();
        if let Some(known) = ends.iter().find(|known| known.spaced == spaced) {
            return Some(known.rule);
        }
        ends.push(Term { spaced, rule });
        None
    }

    /// Finds the terms in one sentence.
    pub(super) fn find(&mut self, document: &Document, words: WordSpan, hits: &mut Vec<Hit>) {
        self.cut(document, words);
        let mut at = 0;
        while at < self.sentence.len() {
            let (whole, torn) = self.longest(at);
            match whole.or(torn) {
                Some((end, rule)) => {
                    let (first, last) = (self.sentence[at].word, self.sentence[end - 1].word);
                    let words = WordSpan::new(first, last + 1);
                    hits.push(Hit { words, rule, whole: whole.is_some() });
                    // Within a term that fits no words another one may.
                    at = if whole.is_some() { end } else { at + 1 };
                }
                None => at += 1,
            }
        }
    }

    /// The longest term that starts here and fits words, and the longest that does not: where it
    /// ends, and its rule.
    fn longest(&self, start: usize) -> (Option<Found>, Option<Found>) {
        let (mut whole, mut torn) = (None, None);
        let mut node = 0;
        for (end, place) in self.sentence.iter().enumerate().skip(start) {
            if end > start && place.gap == Gap::Text {
                break;
            }
            let step = place.number.and_then(|number| self.steps.get(&(node, number)));
            let Some(&next) = step else { break };
            node = next;
            let Some(terms) = self.ends.get(&node) else { continue };
            let gaps = &self.sentence[start + 1..=end];
            let fits = |term: &&Term| {
                term.spaced.iter().zip(gaps).all(|(&spaced, place)| match place.gap {
                    Gap::Unknown => true,
                    gap => (gap == Gap::Space) == spaced,
                })
            };
            if let Some(term) = terms.iter().find(fits) {
                let found = Some((end + 1, term.rule));
                if self.sentence[start].first && place.last {
                    whole = found;
                } else {
                    torn = found;
                }
            }
        }
        (whole, torn)
    }

    fn cut(&mut self, document: &Document, words: WordSpan) {
        self.sentence.clear();
        let bytes = document.word_bytes();
        let mut before = None;
        for word in words.range() {
            let start = bytes[word].start;
            let gap = match before {
                _ if document.origin() == TextOrigin::Rebuilt => Gap::Unknown,
                None => Gap::Nothing,
                Some(end) => match document.text().get(end..start).unwrap_or_default() {
                    "" => Gap::Nothing,
                    gap if gap.trim().is_empty() => Gap::Space,
                    _ => Gap::Text,
                },
            };
            before = Some(bytes[word].end);
            let from = self.sentence.len();
            for piece in pieces(document.word(word)) {
                let first = self.sentence.len() == from;
                let gap = match (first, piece.spaced) {
                    (true, _) => gap,
                    (false, true) => Gap::Space,
                    (false, false) => Gap::Nothing,
                };
                let number = self.vocabulary.number(piece.text);
                self.sentence.push(PieceInSentence { number, word, first, last: false, gap });
            }
            if let Some(last) = self.sentence[from..].last_mut() {
                last.last = true;
            }
        }
    }
}
