//! Regular expressions over the text of a document.

use ner_align_core::{ByteSpan, Document};
use regex_automata::meta::{BuildError, Config, Regex};
use regex_automata::{Input, PatternID, Span};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

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
pub(super) const REACH: usize = 1024;

/// The group whose text is the entity.
const GROUP: &str = "entity";

/// Weight of a pattern up to which it is compiled when it is first needed. It takes a megabyte or two then.
const LIGHT: u64 = 20_000;

#[derive(Debug)]
pub(super) struct Pattern {
    hir: Hir,
    /// Compiled, which takes a fraction of a millisecond: a list of patterns has many that no text needs.
    regex: Option<Compiled>,
    rule: usize,
}

#[derive(Debug)]
struct Compiled {
    regex: Regex,
    /// Of the group of that name, where there is one.
    group: Option<usize>,
}

impl Pattern {
    pub(super) fn new(text: &str, rule: usize, ignore_case: bool) -> Result<Self, CorpusError> {
        let hir = ParserBuilder::new().case_insensitive(ignore_case).build().parse(text);
        let hir = hir.map_err(|error| {
            // The message is a drawing of several lines; the last one says what is wrong.
            let message = error.to_string();
            let reason = message.lines().last().unwrap_or_default().trim();
            refused(text, reason.strip_prefix("error: ").unwrap_or(reason))
        })?;
        let may_be_empty = hir.properties().minimum_len() == Some(0);
        let is_light = weight(&hir) <= LIGHT && !may_be_empty;
        let mut pattern = Self { hir, regex: None, rule };
        if !is_light {
            let compiled = pattern.compiled().map_err(|reason| refused(text, &reason))?;
            if compiled.regex.is_match("") {
                let found = format!("{:?}, which finds empty text", shorten(text));
                let expected = "a pattern of one character or more";
                return Err(CorpusError::input("pattern", expected, found)
                    .with_hint("write + instead of * where something must be there"));
            }
        }
        Ok(pattern)
    }

    fn compiled(&mut self) -> Result<&Compiled, String> {
        let known = match self.regex.take() {
            Some(known) => known,
            None => {
                let build = Regex::builder()
                    .configure(Config::new().nfa_size_limit(Some(MAX_SIZE)))
                    .build_from_hir(&self.hir);
                let regex = build.map_err(|error| reason(&error))?;
                let mut names = regex.group_info().pattern_names(PatternID::ZERO);
                let group = names.position(|name| name == Some(GROUP));
                Compiled { group, regex }
            }
        };
        Ok(self.regex.insert(known))
    }

    /// Its parsed form.
    pub(super) const fn hir(&self) -> &Hir {
        &self.hir
    }

    /// Bytes that it takes, compiled as far as it is.
    pub(super) fn size(&self) -> usize {
        self.regex.as_ref().map_or(0, |compiled| compiled.regex.memory_usage())
    }

    /// Everything that it finds in a document, without empty text. Of what would be longer than 1 KiB, the part
    /// that matches within its first 1 to 2 KiB is found.
    pub(super) fn find(
        &mut self,
        document: &Document,
        hits: &mut Vec<Hit>,
    ) -> Result<(), CorpusError> {
        let (text, rule) = (document.text(), self.rule);
        let compiled = self.compiled();
        let compiled = compiled
            .map_err(|reason| CorpusError::input("pattern", "a regular expression", reason))?;
        let mut from = 0;
        while from < text.len() {
            let sure = boundary(text, from + REACH);
            let end = boundary(text, from + 2 * REACH);
            let input = Input::new(text).span(from..end);
            // A later start is looked for again, with as much before it.
            let Some(found) = compiled.regex.search(&input).filter(|found| found.start() < sure)
            else {
                from = sure;
                continue;
            };
            push(document, compiled.entity(text, found.span(), end), rule, hits)?;
            from = if found.is_empty() { boundary(text, found.end() + 1) } else { found.end() };
        }
        Ok(())
    }
}

impl Compiled {
    /// The part of a find that is the entity.
    fn entity(&self, text: &str, found: Span, end: usize) -> Option<Span> {
        let Some(group) = self.group else { return Some(found) };
        let mut captures = self.regex.create_captures();
        let input = Input::new(text).span(found.start..end);
        self.regex.search_captures(&input, &mut captures);
        captures.get_group(group)
    }
}

/// Takes a find in.
pub(super) fn push(
    document: &Document,
    found: Option<Span>,
    rule: usize,
    hits: &mut Vec<Hit>,
) -> Result<(), CorpusError> {
    let Some(found) = found else { return Ok(()) };
    let surface = document.text().get(found.range()).unwrap_or_default();
    let start = found.start + surface.len() - surface.trim_start().len();
    let bytes = ByteSpan::new(start, start + surface.trim().len());
    if bytes.is_empty() {
        return Ok(());
    }
    let words = document.word_bytes();
    let (words, whole) = match exact_words(words, bytes) {
        Some(exact) => (exact, true),
        None => (touched_words(words, bytes), false),
    };
    hits.push(Hit { words, rule, whole });
    if hits.len() > MAX_FINDS {
        let expected = format!("at most {MAX_FINDS} finds in a document");
        return Err(CorpusError::input("too-many-finds", expected, "more")
            .with_hint("use fewer patterns, or cut the document into several"));
    }
    Ok(())
}

fn refused(text: &str, reason: &str) -> CorpusError {
    let found = format!("{:?}: {reason}", shorten(text));
    CorpusError::input("pattern", "a regular expression", found).with_hint(
        "the syntax is that of Rust's regex crate: no look-around, no back-references; a backslash \
         makes a sign stand for itself",
    )
}

/// How many states a pattern compiles to, about.
fn weight(hir: &Hir) -> u64 {
    let sum = |hirs: &[Hir]| hirs.iter().map(weight).fold(0, u64::saturating_add);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(Class::Unicode(class)) => 4 * class.ranges().len() as u64,
        HirKind::Class(Class::Bytes(class)) => class.ranges().len() as u64,
        HirKind::Capture(capture) => weight(&capture.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.saturating_add(1)).max(1);
            weight(&repetition.sub).saturating_mul(u64::from(times))
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
    error.to_string()
}
