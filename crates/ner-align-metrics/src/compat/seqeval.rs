//! seqeval 1.2.2 with its defaults, which its authors call conlleval-compatible.
//!
//! Tags are read by their first character and what follows their first hyphen. Only B, I, E, S and
//! O are known: a sequence of `U-PER U-PER` is one entity, and of `B-PER L-PER B-PER L-PER` only
//! the second is found, since L neither ends nor starts anything. A tag without hyphen loses its
//! first letter and becomes a type; a lower-case `o` is not outside.

use super::averages::{Entity, SeqevalScores, count, equal_tags};
use super::{CompatError, Tool, borrowed, check_lengths, skip_chars};
use crate::ZeroDivision;

/// What seqeval's `classification_report` and `accuracy_score` give.
///
/// # Errors
/// [`CompatError`] if the sides differ in length, have no sentence, or hold an empty tag.
pub fn seqeval<S: AsRef<str>, G: AsRef<[S]>>(
    gold: &[G],
    predicted: &[G],
) -> Result<SeqevalScores, CompatError> {
    seqeval_zero_division(gold, predicted, ZeroDivision::Zero)
}

/// As [`seqeval()`] with its option `zero_division`, which is 1 under [`ZeroDivision::One`] and 0
/// otherwise: precision or recall without a denominator are replaced before F1 is formed.
///
/// # Errors
/// As [`seqeval()`].
pub fn seqeval_zero_division<S: AsRef<str>, G: AsRef<[S]>>(
    gold: &[G],
    predicted: &[G],
    zero_division: ZeroDivision,
) -> Result<SeqevalScores, CompatError> {
    check_lengths(Tool::Seqeval, gold, predicted)?;
    if gold.is_empty() {
        return Err(CompatError::NoSentences { tool: Tool::Seqeval });
    }
    let (gold, predicted) = (&borrowed(gold), &borrowed(predicted));
    let types = count(&entities(gold)?, &entities(predicted)?);
    Ok(SeqevalScores::from_counts(&types, equal_tags(gold, predicted), zero_division))
}

/// A tag as seqeval takes it apart.
#[derive(Clone, Copy)]
struct Chunk<'a> {
    tag: char,
    kind: &'a str,
}

const OUTSIDE: Chunk<'static> = Chunk { tag: 'O', kind: "_" };

fn parse(text: &str) -> Option<Chunk<'_>> {
    let tag = text.chars().next()?;
    let rest = skip_chars(text, 1);
    let kind = rest.split_once('-').map_or(rest, |(_, kind)| kind);
    Some(Chunk { tag, kind: if kind.is_empty() { "_" } else { kind } })
}

/// The entities of all sentences, each of which is followed by an `O`.
fn entities<'a>(sentences: &[Vec<&'a str>]) -> Result<Vec<Entity<'a>>, CompatError> {
    let mut entities = Vec::new();
    let mut before = Chunk { tag: 'O', kind: "" };
    let (mut begin, mut position) = (0, 0);
    let mut step = |chunk| {
        if ends(before, chunk) {
            // Tags that neither start nor end leave a stale beginning, which seqeval uses again.
            entities.push((before.kind, begin, position - 1));
        }
        if starts(before, chunk) {
            begin = position;
        }
        before = chunk;
        position += 1;
    };
    for (sentence, tags) in sentences.iter().enumerate() {
        for (word, &text) in tags.iter().enumerate() {
            step(parse(text).ok_or_else(|| CompatError::Tag {
                tool: Tool::Seqeval,
                sentence,
                word,
                expected: "a tag",
                found: String::new(),
            })?);
        }
        step(OUTSIDE);
    }
    step(OUTSIDE);
    entities.sort_unstable();
    entities.dedup();
    Ok(entities)
}

fn ends(before: Chunk<'_>, chunk: Chunk<'_>) -> bool {
    match (before.tag, chunk.tag) {
        ('E' | 'S', _) | ('B' | 'I', 'B' | 'S' | 'O') => true,
        ('O' | '.', _) => false,
        _ => before.kind != chunk.kind,
    }
}

fn starts(before: Chunk<'_>, chunk: Chunk<'_>) -> bool {
    match (before.tag, chunk.tag) {
        (_, 'B' | 'S') | ('E' | 'S' | 'O', 'E' | 'I') => true,
        (_, 'O' | '.') => false,
        _ => before.kind != chunk.kind,
    }
}
