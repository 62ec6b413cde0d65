//! Many patterns over one text: one pass says which of them can find something.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use ner_align_core::Document;
use ner_align_corpus::CorpusError;
use regex_automata::Span;
use regex_syntax::hir::literal::{ExtractKind, Extractor, Seq};
use regex_syntax::hir::{Hir, HirKind};

use super::patterns::{MAX_SIZE_OF_ALL, Pattern, REACH, push};
use super::terms::Hit;

/// Texts of which one must be in what a pattern finds, at most: letters of either case make more.
const MAX_LITERALS: usize = 16;

/// Bytes of such a text, at least: shorter ones are everywhere.
const MIN_LITERAL: usize = 3;

/// Bytes that the automaton takes for a byte of its texts, about.
const PER_BYTE: usize = 16;

/// Patterns, and an automaton of the texts that they need.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    patterns: Vec<Pattern>,
    /// What each text of the automaton is to a pattern.
    literals: Vec<Literal>,
    texts: Vec<Vec<u8>>,
    /// Of the texts; `None` while some are missing in it.
    automaton: Option<AhoCorasick>,
    /// Patterns that need no text.
    open: Vec<usize>,
    /// Bytes of all patterns.
    size: usize,
}

#[derive(Debug, Clone, Copy)]
struct Literal {
    pattern: usize,
    /// It is all that the pattern finds: the rule.
    whole: Option<usize>,
}

impl Patterns {
    /// Adds a pattern of a rule.
    pub(super) fn add(
        &mut self,
        text: &str,
        rule: usize,
        ignore_case: bool,
    ) -> Result<(), CorpusError> {
        let pattern = Pattern::new(text, rule, ignore_case)?;
        let number = self.patterns.len();
        self.size += pattern.size();
        match needed(pattern.hir()) {
            Some((texts, is_whole)) => {
                self.automaton = None;
                for text in texts {
                    self.size += PER_BYTE * text.len();
                    self.texts.push(text);
                    self.literals
                        .push(Literal { pattern: number, whole: is_whole.then_some(rule) });
                }
            }
            None => self.open.push(number),
        }
        self.patterns.push(pattern);
        self.check_size()
    }

    fn check_size(&self) -> Result<(), CorpusError> {
        if self.size <= MAX_SIZE_OF_ALL {
            return Ok(());
        }
        let expected = format!("patterns that take at most {} MiB together", MAX_SIZE_OF_ALL >> 20);
        let found = format!("more, of {} patterns", self.patterns.len());
        Err(CorpusError::input("pattern", expected, found)
            .with_hint("a word list takes any number of terms"))
    }

    /// Everything that the patterns find in a document, in no particular order.
    pub(super) fn find(
        &mut self,
        document: &Document,
        hits: &mut Vec<Hit>,
    ) -> Result<(), CorpusError> {
        let mut candidates = self.open.clone();
        if !self.texts.is_empty() {
            self.look(document, &mut candidates, hits)?;
        }
        for number in candidates {
            let Some(pattern) = self.patterns.get_mut(number) else { continue };
            let before = pattern.size();
            pattern.find(document, hits)?;
            self.size += pattern.size() - before;
            self.check_size()?;
        }
        Ok(())
    }

    /// Finds what is nothing but a text, and adds the patterns one of whose texts is there to the `candidates`.
    fn look(
        &mut self,
        document: &Document,
        candidates: &mut Vec<usize>,
        hits: &mut Vec<Hit>,
    ) -> Result<(), CorpusError> {
        let automaton = match self.automaton.take() {
            Some(automaton) => automaton,
            None => AhoCorasick::builder()
                .kind(Some(AhoCorasickKind::ContiguousNFA))
                .match_kind(MatchKind::Standard)
                .build(&self.texts)
                .map_err(|error| {
                    CorpusError::input("pattern", "fewer patterns", error.to_string())
                })?,
        };
        // How far the last find of each pattern reaches; a pattern finds no two that overlap.
        let mut reached: Vec<usize> = vec![0; self.patterns.len()];
        for found in automaton.find_overlapping_iter(document.text()) {
            let Some(literal) = self.literals.get(found.pattern().as_usize()) else { continue };
            let Some(reached) = reached.get_mut(literal.pattern) else { continue };
            match literal.whole {
                Some(rule) if found.start() >= *reached => {
                    *reached = found.end();
                    let span = Span { start: found.start(), end: found.end() };
                    push(document, Some(span), rule, hits)?;
                }
                None if *reached == 0 => {
                    *reached = found.end();
                    candidates.push(literal.pattern);
                }
                _ => {}
            }
        }
        self.automaton = Some(automaton);
        Ok(())
    }
}

/// The texts of which one is in everything that a pattern finds, and whether it is all of it.
fn needed(hir: &Hir) -> Option<(Vec<Vec<u8>>, bool)> {
    if let HirKind::Literal(literal) = hir.kind()
        && literal.0.len() <= REACH
    {
        return Some((vec![literal.0.to_vec()], true));
    }
    let best = [ExtractKind::Prefix, ExtractKind::Suffix]
        .into_iter()
        .filter_map(|kind| {
            let texts = Extractor::new().kind(kind).extract(hir);
            usable(&texts).then_some(texts)
        })
        .max_by_key(Seq::min_literal_len)?;
    let texts = best.literals()?.iter().map(|literal| literal.as_bytes().to_vec());
    Some((texts.collect(), false))
}

fn usable(texts: &Seq) -> bool {
    let few = texts.len().is_some_and(|count| count > 0 && count <= MAX_LITERALS);
    few && texts.min_literal_len().is_some_and(|length| length >= MIN_LITERAL)
}

#[cfg(test)]
mod tests {
    use ner_align_corpus::words;

    use super::*;

    /// Patterns of which some are looked for by the texts that they need find what each finds by itself.
    #[test]
    fn many_patterns_find_what_each_finds() {
        const PATTERNS: [&str; 14] = [
            "aa",
            "aaa",
            "abab",
            "ab",
            "Oslo",
            "Oslo[0-9]+",
            "[a-z]+berg",
            "(?i)oslo",
            "os|lo",
            "(aba|bab)b?",
            "b(?<entity>ana)na",
            r"\bnana\b",
            "[ab]{3}",
            "Grünerløkka|Oslo S",
        ];
        let texts = [
            "Oslo oslo OSLO Oslo12 Oslo S Holmenkollberg berg",
            "aaaaaaa ababababab abbaab",
            "banana nana bananana Grünerløkka",
            "",
            "x",
        ];
        for ignore_case in [false, true] {
            let mut all = Patterns::default();
            for (rule, pattern) in PATTERNS.iter().enumerate() {
                all.add(pattern, rule, ignore_case).unwrap();
            }
            for text in texts {
                let document = Document::from_text(text, words::split(text)).unwrap();
                let mut found = Vec::new();
                all.find(&document, &mut found).unwrap();
                let mut expected = Vec::new();
                for (rule, pattern) in PATTERNS.iter().enumerate() {
                    let mut pattern = Pattern::new(pattern, rule, ignore_case).unwrap();
                    pattern.find(&document, &mut expected).unwrap();
                }
                let order = |hit: &Hit| (hit.rule, hit.words.start, hit.words.end, hit.whole);
                found.sort_by_key(order);
                expected.sort_by_key(order);
                assert_eq!(found, expected, "{text:?} {ignore_case}");
            }
        }
    }
}
