//! Regular expressions over the text of a document.

use ner_align_core::{ByteSpan, Document};
use regex::{Regex, RegexBuilder};

use super::terms::Hit;
use ner_align_corpus::CorpusError;
use ner_align_corpus::text::{exact_words, touched_words};

/// Compiled size of a pattern, at most; what is larger repeats something thousands of times.
const MAX_SIZE: usize = 64 << 20;

/// The group whose text is the entity.
const GROUP: &str = "entity";

#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    has_group: bool,
    rule: usize,
}

impl Pattern {
    pub(super) fn new(text: &str, rule: usize, ignore_case: bool) -> Result<Self, CorpusError> {
        const HINT: &str = "the syntax is that of Rust's regex crate: no look-around, no \
                            back-references; a backslash makes a sign stand for itself";
        let build =
            RegexBuilder::new(text).case_insensitive(ignore_case).size_limit(MAX_SIZE).build();
        let regex = build.map_err(|error| {
            // The message is a drawing of several lines; the last one says what is wrong.
            let message = error.to_string();
            let reason = message.lines().last().unwrap_or_default().trim();
            let reason = reason.strip_prefix("error: ").unwrap_or(reason);
            let found = format!("{:?}: {reason}", ner_align_corpus::text::shorten(text));
            CorpusError::input("pattern", "a regular expression", found).with_hint(HINT)
        })?;
        if regex.is_match("") {
            let found = format!("{text:?}, which finds empty text");
            return Err(CorpusError::input("pattern", "a pattern of one character or more", found)
                .with_hint("write + instead of * where something must be there"));
        }
        let has_group = regex.capture_names().flatten().any(|name| name == GROUP);
        Ok(Self { regex, has_group, rule })
    }

    /// Everything that it finds in a document, without empty text.
    pub(super) fn find(&self, document: &Document, hits: &mut Vec<Hit>) {
        let text = document.text();
        let mut push = |start: usize, end: usize| {
            let surface = text.get(start..end).unwrap_or_default();
            let start = start + surface.len() - surface.trim_start().len();
            let bytes = ByteSpan::new(start, start + surface.trim().len());
            let words = document.word_bytes();
            let (words, whole) = match exact_words(words, bytes) {
                Some(exact) => (exact, true),
                None => (touched_words(words, bytes), false),
            };
            if !bytes.is_empty() {
                hits.push(Hit { words, rule: self.rule, whole });
            }
        };
        if self.has_group {
            let groups = self.regex.captures_iter(text).filter_map(|found| found.name(GROUP));
            groups.for_each(|group| push(group.start(), group.end()));
        } else {
            self.regex.find_iter(text).for_each(|found| push(found.start(), found.end()));
        }
    }
}
