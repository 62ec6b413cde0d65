//! seqeval 1.2.2 with `mode="strict"`.
//!
//! Each scheme is a list of patterns of neighbours that start, continue or end an entity. They are
//! seqeval's, gaps included: IOE1 finds no entity that its E closes, IOB1 none that starts with B
//! after `O`, and a B of another type after a B ends nothing in IOB1.

use ner_align_core::Scheme;

use super::averages::{Entity, SeqevalScores, count, equal_tags};
use super::{CompatError, Tool, borrowed, check_lengths, skip_chars};
use crate::ZeroDivision;

/// What seqeval's `classification_report` in strict mode, and `accuracy_score`, give. Without a
/// scheme, seqeval guesses one from the gold tags, and stops where it knows none.
///
/// # Errors
/// [`CompatError`] if the sides differ in length, there is no sentence, a tag does not belong to the scheme, or no scheme
/// can be guessed.
pub fn seqeval_strict<S: AsRef<str>, G: AsRef<[S]>>(
    gold: &[G],
    predicted: &[G],
    scheme: Option<Scheme>,
) -> Result<SeqevalScores, CompatError> {
    seqeval_strict_zero_division(gold, predicted, scheme, ZeroDivision::Zero)
}

/// As [`seqeval_strict()`] with its option `zero_division`; see
/// [`seqeval_zero_division`](super::seqeval_zero_division).
///
/// # Errors
/// As [`seqeval_strict()`].
pub fn seqeval_strict_zero_division<S: AsRef<str>, G: AsRef<[S]>>(
    gold: &[G],
    predicted: &[G],
    scheme: Option<Scheme>,
    zero_division: ZeroDivision,
) -> Result<SeqevalScores, CompatError> {
    check_lengths(Tool::SeqevalStrict, gold, predicted)?;
    if gold.is_empty() {
        return Err(CompatError::NoSentences { tool: Tool::SeqevalStrict });
    }
    let (gold, predicted) = (&borrowed(gold), &borrowed(predicted));
    let patterns = match scheme {
        Some(scheme) => Patterns::of(scheme).ok_or(CompatError::Scheme { found: scheme })?,
        None => detect(gold)?,
    };
    let types = count(&entities(gold, patterns)?, &entities(predicted, patterns)?);
    Ok(SeqevalScores::from_counts(&types, equal_tags(gold, predicted), zero_division))
}

/// Prefixes as a set of bits.
type Prefixes = u8;
const I: Prefixes = 1;
const O: Prefixes = 2;
const B: Prefixes = 4;
const E: Prefixes = 8;
const S: Prefixes = 16;
const U: Prefixes = 32;
const L: Prefixes = 64;
const ANY: Prefixes = 127;

const fn prefix(letter: char) -> Option<Prefixes> {
    Some(match letter {
        'I' => I,
        'O' => O,
        'B' => B,
        'E' => E,
        'S' => S,
        'U' => U,
        'L' => L,
        _ => return None,
    })
}

/// What a pattern asks of the two types.
#[derive(Clone, Copy)]
enum Types {
    Same,
    Differ,
    Any,
}
use Types::{Any, Differ, Same};

type Pattern = (Prefixes, Prefixes, Types);

#[derive(Clone, Copy)]
struct Patterns {
    allowed: Prefixes,
    expected: &'static str,
    start: &'static [Pattern],
    inside: &'static [Pattern],
    end: &'static [Pattern],
}

const IOB1: Patterns = Patterns {
    allowed: I | O | B,
    expected: "a tag with I, O or B",
    start: &[(O | B, I, Any), (I, I, Differ), (I | B, B, Same)],
    inside: &[(B | I, I, Same)],
    end: &[(I, O | B, Any), (B | I, I, Differ), (B, O, Any), (B, B, Same)],
};
const IOB2: Patterns = Patterns {
    allowed: I | O | B,
    expected: "a tag with I, O or B",
    start: &[(ANY, B, Any)],
    inside: &[(B | I, I, Same)],
    end: &[(I | B, O | B, Any), (I | B, I, Differ)],
};
const IOE1: Patterns = Patterns {
    allowed: I | O | E,
    expected: "a tag with I, O or E",
    start: &[(O | E, I, Any), (I, I, Differ), (E, E, Same)],
    inside: &[(I, I | E, Same)],
    end: &[(I, I | E, Differ), (I, O, Any), (E, I | E, Same)],
};
const IOE2: Patterns = Patterns {
    allowed: I | O | E,
    expected: "a tag with I, O or E",
    start: &[(O | E, I | E, Any), (I, I | E, Differ)],
    inside: &[(I, E | I, Same)],
    end: &[(E, ANY, Any)],
};
const IOBES: Patterns = Patterns {
    allowed: I | O | B | E | S,
    expected: "a tag with I, O, B, E or S",
    start: &[(ANY, B | S, Any)],
    inside: &[(B | I, I | E, Same)],
    end: &[(S | E, ANY, Any)],
};
const BILOU: Patterns = Patterns {
    allowed: I | O | B | L | U,
    expected: "a tag with I, O, B, L or U",
    start: &[(ANY, B | U, Any)],
    inside: &[(B | I, I | L, Same)],
    end: &[(U | L, ANY, Any)],
};

impl Patterns {
    const fn of(scheme: Scheme) -> Option<Self> {
        Some(match scheme {
            Scheme::Io => return None,
            Scheme::Iob1 => IOB1,
            Scheme::Iob2 => IOB2,
            Scheme::Ioe1 => IOE1,
            Scheme::Ioe2 => IOE2,
            Scheme::Iobes => IOBES,
            Scheme::Biluo => BILOU,
        })
    }
}

/// A tag as seqeval takes it apart: prefix, and the rest without hyphens at either end.
#[derive(Clone, Copy)]
struct Token<'a> {
    prefix: Prefixes,
    kind: &'a str,
}

const OUTSIDE: Token<'static> = Token { prefix: O, kind: "_" };

fn parse(text: &str) -> Option<Token<'_>> {
    let prefix = prefix(text.chars().next()?)?;
    let kind = skip_chars(text, 1).trim_matches('-');
    Some(Token { prefix, kind: if kind.is_empty() { "_" } else { kind } })
}

fn matches(patterns: &[Pattern], before: Token<'_>, token: Token<'_>) -> bool {
    patterns.iter().any(|&(first, second, types)| {
        before.prefix & first != 0
            && token.prefix & second != 0
            && match types {
                Any => true,
                Same => before.kind == token.kind,
                Differ => before.kind != token.kind,
            }
    })
}

/// Entities of all sentences; positions count through, one more a sentence.
fn entities<'a>(
    sentences: &[Vec<&'a str>],
    patterns: Patterns,
) -> Result<Vec<Entity<'a>>, CompatError> {
    let mut entities = Vec::new();
    let mut tokens = Vec::new();
    let mut offset = 0;
    for (sentence, tags) in sentences.iter().enumerate() {
        tokens.clear();
        for (word, &text) in tags.iter().enumerate() {
            let token = parse(text).filter(|t| t.prefix & patterns.allowed != 0);
            tokens.push(token.ok_or_else(|| CompatError::Tag {
                tool: Tool::SeqevalStrict,
                sentence,
                word,
                expected: patterns.expected,
                found: text.to_owned(),
            })?);
        }
        tokens.push(OUTSIDE);
        sentence_entities(&tokens, patterns, offset, &mut entities);
        offset += tokens.len();
    }
    entities.sort_unstable();
    Ok(entities)
}

fn sentence_entities<'a>(
    tokens: &[Token<'a>],
    patterns: Patterns,
    offset: usize,
    entities: &mut Vec<Entity<'a>>,
) {
    let mut before = OUTSIDE;
    let mut start = 0;
    while let Some(&token) = tokens.get(start) {
        let mut end = start + 1;
        if matches(patterns.start, before, token) {
            // The last token is outside, so this ends at it or before.
            while end < tokens.len() && matches(patterns.inside, tokens[end - 1], tokens[end]) {
                end += 1;
            }
            if end < tokens.len() && matches(patterns.end, tokens[end - 1], tokens[end]) {
                entities.push((token.kind, offset + start, offset + end));
            }
        }
        before = tokens[end - 1];
        start = end;
    }
}

/// The scheme that seqeval guesses from the prefixes in use: each set it knows, by scheme.
fn detect(sentences: &[Vec<&str>]) -> Result<Patterns, CompatError> {
    let mut found = 0;
    for text in sentences.iter().flatten() {
        match text.chars().next().map(|letter| prefix(letter).ok_or(letter)) {
            Some(Ok(prefix)) => found |= prefix,
            Some(Err(letter)) => return Err(CompatError::Detect { found: letter.to_string() }),
            None => return Err(CompatError::Detect { found: "(empty tag)".to_owned() }),
        }
    }
    let iobes = |end: Prefixes, single: Prefixes| {
        let (b, o, i) = (found & B != 0, found & O != 0, found & I != 0);
        let (e, s) = (found & end != 0, found & single != 0);
        let only = found & !(B | O | I | end | single) == 0;
        // With B and the end letter anything goes; without, only the single letter by itself.
        only && ((b && e) || (s && !b && !o && !i && !e))
    };
    match found {
        _ if found & B != 0 && found & !(B | I | O) == 0 => Ok(IOB2),
        _ if found & E != 0 && found & !(E | I | O) == 0 => Ok(IOE2),
        _ if iobes(E, S) => Ok(IOBES),
        _ if iobes(L, U) => Ok(BILOU),
        _ => {
            let letters: String = "IOBESUL"
                .chars()
                .filter(|&letter| prefix(letter).is_some_and(|p| found & p != 0))
                .collect();
            Err(CompatError::Detect { found: letters })
        }
    }
}
