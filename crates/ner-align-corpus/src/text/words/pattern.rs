//! Words that are the matches of a regular expression.

use ner_align_core::ByteSpan;
use regex::Regex;

use super::chunks::{Chunks, graphemes};

/// The matches, without white space at their ends, and what stands between them and white space.
/// No word cuts a grapheme: those that would are one.
pub(super) fn split(text: &str, pattern: &Regex) -> Vec<ByteSpan> {
    let mut words = Words { text, words: Vec::new() };
    let mut at = 0;
    for found in pattern.find_iter(text).filter(|found| !found.is_empty()) {
        words.gap(at, found.start());
        let start = found.start() + found.as_str().len() - found.as_str().trim_start().len();
        words.push(start, start + found.as_str().trim().len());
        at = found.end();
    }
    words.gap(at, text.len());
    if text.is_ascii() { words.words } else { on_graphemes(text, words.words) }
}

struct Words<'a> {
    text: &'a str,
    words: Vec<ByteSpan>,
}

impl Words<'_> {
    fn push(&mut self, start: usize, end: usize) {
        if start < end {
            self.words.push(ByteSpan::new(start, end));
        }
    }

    /// What no match covers.
    fn gap(&mut self, start: usize, end: usize) {
        let gap = self.text.get(start..end).unwrap_or_default();
        for run in gap.split_whitespace() {
            let at = start + (run.as_ptr() as usize - gap.as_ptr() as usize);
            self.push(at, at + run.len());
        }
    }
}

/// Widens words to whole graphemes, and joins those that then share one.
fn on_graphemes(text: &str, words: Vec<ByteSpan>) -> Vec<ByteSpan> {
    let mut whole: Vec<ByteSpan> = Vec::with_capacity(words.len());
    let mut clusters = Chunks::of(text).flat_map(|chunk| graphemes(text, chunk)).peekable();
    for word in words {
        let (mut start, mut end) = (word.start, word.end);
        // A grapheme may reach into this word from the one before.
        while let Some(&(from, to)) = clusters.peek() {
            if from >= word.end {
                break;
            }
            if to > word.start {
                start = start.min(from);
                end = end.max(to);
            }
            if to > word.end {
                break;
            }
            clusters.next();
        }
        match whole.last_mut() {
            Some(last) if last.end > start => last.end = last.end.max(end),
            _ => whole.push(ByteSpan::new(start, end)),
        }
    }
    whole
}
