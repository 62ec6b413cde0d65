//! The ends of spans of words.

use serde_json::Value;

use super::shapes::{Annotation, Ends, Words};

/// What the start of a file shows of the ends of its spans of words.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct EndsGuess {
    /// Spans that only make sense with the last word as their end.
    last: usize,
    /// Spans that only make sense with the first word outside as their end.
    outside: usize,
}

impl EndsGuess {
    /// Looks at the spans of a document.
    pub(super) fn observe(&mut self, words: &Words) {
        let Annotation::Spans(spans, _) = &words.annotation else { return };
        for span in spans {
            let (start, end) = (span.start, span.end);
            self.last += usize::from(start == end);
            self.outside += usize::from(end == words.words.len() as u64);
            let Some(surface) = &span.text else { continue };
            let fits = |more: u64| covers(words, surface, start, end.saturating_add(more));
            self.last += usize::from(fits(1) && !fits(0));
            self.outside += usize::from(fits(0) && !fits(1));
        }
    }

    /// What is added to an end to make it the first word outside.
    pub(super) fn more(self, ends: Ends) -> u64 {
        let last = match ends {
            Ends::Outside => false,
            Ends::Last => self.last > 0 || self.outside == 0,
            Ends::Told => self.last > 0 && self.outside == 0,
        };
        u64::from(last)
    }
}

/// True if these words are what a span says it covers.
pub(super) fn covers(words: &Words, surface: &Value, start: u64, end: u64) -> bool {
    let at = |offset: u64| usize::try_from(offset).ok();
    let here = at(start).zip(at(end)).and_then(|(start, end)| words.words.get(start..end));
    let Some(here) = here else { return false };
    match surface {
        Value::String(text) => {
            let given = text.chars().filter(|c| !c.is_whitespace());
            given.eq(here.iter().flat_map(|word| word.chars()).filter(|c| !c.is_whitespace()))
        }
        Value::Array(items) => {
            items.iter().map(Value::as_str).eq(here.iter().map(|word| Some(word.as_str())))
        }
        _ => true,
    }
}
