//! Regular expressions over the text of a document.

use ner_align_core::{ByteSpan, Document};
use regex_automata::meta::{BuildError, Config, Regex};
use regex_automata::util::syntax;
use regex_automata::{Input, Span};

use super::terms::Hit;
use ner_align_corpus::CorpusError;
use ner_align_corpus::text::{exact_words, shorten, touched_words};

/// Compiled size of a pattern, at most; what is larger repeats something thousands of times.
const MAX_SIZE: usize = 16 << 20;

/// Compiled size of all patterns together; tests reach one sooner.
pub(super) const MAX_SIZE_OF_ALL: usize = if cfg!(test) { 64 << 20 } else { 1 << 30 };

/// Finds of all rules in a document.
const MAX_FINDS: usize = 1 << 24;

/// Bytes of a find, at least, that are looked at. With this the time is linear in the text: without, a
/// pattern may look at all of the rest for each find.
const REACH: usize = 1024;

/// The group whose text is the entity.
const GROUP: &str = "entity";

#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    /// Of the group of that name, where there is one.
    group: Option<usize>,
    rule: usize,
}

impl Pattern {
    pub(super) fn new(text: &str, rule: usize, ignore_case: bool) -> Result<Self, CorpusError> {
        const HINT: &str = "the syntax is that of Rust's regex crate: no look-around, no \
                            back-references; a backslash makes a sign stand for itself";
        let build = Regex::builder()
            .configure(Config::new().nfa_size_limit(Some(MAX_SIZE)))
            .syntax(syntax::Config::new().case_insensitive(ignore_case))
            .build(text);
        let regex = build.map_err(|error| {
            let found = format!("{:?}: {}", shorten(text), reason(&error));
            CorpusError::input("pattern", "a regular expression", found).with_hint(HINT)
        })?;
        if regex.is_match("") {
            let found = format!("{:?}, which finds empty text", shorten(text));
            return Err(CorpusError::input("pattern", "a pattern of one character or more", found)
                .with_hint("write + instead of * where something must be there"));
        }
        let names = regex.group_info().pattern_names(regex_automata::PatternID::ZERO);
        let group = names.into_iter().position(|name| name == Some(GROUP));
        Ok(Self { regex, group, rule })
    }

    /// Bytes that it takes.
    pub(super) fn size(&self) -> usize {
        self.regex.memory_usage()
    }

    /// Everything that it finds in a document, without empty text. Of what would be longer than 1 KiB, the part
    /// that matches within its first 1 to 2 KiB is found.
    pub(super) fn find(&self, document: &Document, hits: &mut Vec<Hit>) -> Result<(), CorpusError> {
        let text = document.text();
        let mut from = 0;
        while from < text.len() {
            let sure = boundary(text, from + REACH);
            let end = boundary(text, from + 2 * REACH);
            let input = Input::new(text).span(from..end);
            // A later start is looked for again, with as much before it.
            let Some(found) = self.regex.search(&input).filter(|found| found.start() < sure) else {
                from = sure;
                continue;
            };
            self.push(document, self.entity(text, found.span(), end), hits);
            if hits.len() > MAX_FINDS {
                let expected = format!("at most {MAX_FINDS} finds in a document");
                return Err(CorpusError::input("too-many-finds", expected, "more")
                    .with_hint("use fewer patterns, or cut the document into several"));
            }
            from = if found.is_empty() { boundary(text, found.end() + 1) } else { found.end() };
        }
        Ok(())
    }

    /// The part of a find that is the entity.
    fn entity(&self, text: &str, found: Span, end: usize) -> Option<Span> {
        let Some(group) = self.group else { return Some(found) };
        let mut captures = self.regex.create_captures();
        let input = Input::new(text).span(found.start..end);
        self.regex.search_captures(&input, &mut captures);
        captures.get_group(group)
    }

    fn push(&self, document: &Document, found: Option<Span>, hits: &mut Vec<Hit>) {
        let Some(found) = found else { return };
        let surface = document.text().get(found.range()).unwrap_or_default();
        let start = found.start + surface.len() - surface.trim_start().len();
        let bytes = ByteSpan::new(start, start + surface.trim().len());
        let words = document.word_bytes();
        let (words, whole) = match exact_words(words, bytes) {
            Some(exact) => (exact, true),
            None => (touched_words(words, bytes), false),
        };
        if !bytes.is_empty() {
            hits.push(Hit { words, rule: self.rule, whole });
        }
    }
}

/// The first place from this one on where a character starts.
fn boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

/// What is wrong with a pattern, in a line.
fn reason(error: &BuildError) -> String {
    if let Some(limit) = error.size_limit() {
        return format!("over the size limit of {} MiB once it is compiled", limit >> 20);
    }
    // The message is a drawing of several lines; the last one says what is wrong.
    let message = error.syntax_error().map_or_else(|| error.to_string(), ToString::to_string);
    let reason = message.lines().last().unwrap_or_default().trim();
    reason.strip_prefix("error: ").unwrap_or(reason).to_owned()
}
