//! The quick way through a sentence: lenient decoding, all words annotated.
//!
//! One pass counts tags, reads the entities of both sides and settles those that are equal, so that
//! only what differs is left for the matching. Most words of most texts are `O` on both sides and
//! cost one comparison.

use super::codes::{Code, OUTSIDE, Span, label_of, prefix_of};
use super::counts::Counts;
use super::sentence::Scratch;
use ner_align_core::Prefix;

/// One side's entity under way.
#[derive(Debug, Clone, Copy)]
struct Side {
    before: Code,
    /// The word at which the open entity started; of no meaning while `before` is outside.
    start: u32,
}

impl Side {
    const NEW: Self = Self { before: OUTSIDE, start: 0 };

    /// Takes the next tag; gives the entity that ended before it.
    #[inline]
    fn step(&mut self, code: Code, word: u32) -> Option<Span> {
        let before = std::mem::replace(&mut self.before, code);
        if before == OUTSIDE {
            self.start = word;
            return None;
        }
        let continues = label_of(code) == label_of(before)
            && matches!(prefix_of(code), Some(Prefix::Inside | Prefix::End))
            && matches!(prefix_of(before), Some(Prefix::Begin | Prefix::Inside));
        if continues {
            return None;
        }
        let start = std::mem::replace(&mut self.start, word);
        label_of(before).map(|label| Span { start, end: word, label })
    }
}

impl Counts {
    /// Counts the tags of one sentence, gold and predicted, none of them missing, and the entities
    /// that they spell.
    #[inline]
    pub(crate) fn walk(
        &mut self,
        tags: impl ExactSizeIterator<Item = (Code, Code)>,
        scratch: &mut Scratch,
    ) {
        scratch.gold.clear();
        scratch.predicted.clear();
        let (mut gold, mut predicted) = (Side::NEW, Side::NEW);
        let words = tags.len();
        self.tagged_words += words as u64;
        for (word, (g, p)) in tags.enumerate() {
            if g | p | gold.before | predicted.before == OUTSIDE {
                self.outside += 1;
                continue;
            }
            if g | p == OUTSIDE {
                self.outside += 1;
            } else {
                self.tags.add(g as usize, p as usize, 1);
            }
            let word = word as u32;
            self.settle(gold.step(g, word), predicted.step(p, word), scratch);
        }
        let end = words as u32;
        self.settle(gold.step(OUTSIDE, end), predicted.step(OUTSIDE, end), scratch);
        self.add_differing(scratch);
    }

    /// Counts two entities that ended at one word if they are equal, else keeps them.
    #[inline]
    fn settle(&mut self, gold: Option<Span>, predicted: Option<Span>, scratch: &mut Scratch) {
        match (gold, predicted) {
            (Some(a), Some(b)) if a == b => self.add_identical(&a),
            (a, b) => {
                scratch.gold.extend(a);
                scratch.predicted.extend(b);
            }
        }
    }
}
