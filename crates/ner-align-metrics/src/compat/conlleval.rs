//! conlleval.pl, version 2004-01-26, without options.
//!
//! It walks gold and guessed tags side by side and compares ends and starts as it goes. Prefixes
//! are what stands before the first hyphen, any text; only B, I, E, O, `.` and brackets mean
//! something. S and U therefore count by change of type alone, the step from E to B ends nothing,
//! and a type spelled `0` is no type, as in Perl.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CompatError, Tool, borrowed, check_lengths};

/// Numbers of one chunk type, in percent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConllevalRow {
    /// Precision, 0 to 100; 0 without guesses.
    pub precision: f64,
    /// Recall, 0 to 100; 0 without gold chunks.
    pub recall: f64,
    /// F1, 0 to 100.
    pub fb1: f64,
    /// Number of guessed chunks, which the program prints at the end of the line.
    pub found: u64,
    /// Number of gold chunks.
    pub phrases: u64,
    /// Number of correct chunks.
    pub correct: u64,
}

/// What conlleval prints. [`fmt::Display`] prints it as the program does.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConllevalScores {
    /// Share of words with equal tags, 0 to 100; `None` without words, where nothing is printed.
    pub accuracy: Option<f64>,
    /// Precision, 0 to 100.
    pub precision: f64,
    /// Recall, 0 to 100.
    pub recall: f64,
    /// F1, 0 to 100.
    pub fb1: f64,
    /// By chunk type.
    pub per_type: BTreeMap<String, ConllevalRow>,
    /// Number of words.
    pub tokens: u64,
    /// Number of gold chunks.
    pub phrases: u64,
    /// Number of guessed chunks.
    pub found: u64,
    /// Number of correct chunks.
    pub correct: u64,
}

/// What conlleval.pl gives for these sentences.
///
/// # Errors
/// [`CompatError`] if the sides differ in length.
pub fn conlleval<S: AsRef<str>, G: AsRef<[S]>>(
    gold: &[G],
    predicted: &[G],
) -> Result<ConllevalScores, CompatError> {
    check_lengths(Tool::Conlleval, gold, predicted)?;
    let (gold, predicted) = (&borrowed(gold), &borrowed(predicted));
    let mut state = State::default();
    for (sentence, (gold, guessed)) in gold.iter().zip(predicted).enumerate() {
        if sentence > 0 {
            state.step(OUTSIDE, OUTSIDE);
        }
        for (gold, guessed) in gold.iter().zip(guessed) {
            let (gold, guessed) = (parse(gold), parse(guessed));
            state.step(gold, guessed);
            state.tokens += 1;
            state.equal += u64::from(gold == guessed);
        }
    }
    state.finish();
    Ok(state.scores())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chunk<'a> {
    tag: &'a str,
    kind: &'a str,
}

const OUTSIDE: Chunk<'static> = Chunk { tag: "O", kind: "" };

fn parse(text: &str) -> Chunk<'_> {
    match text.split_once('-') {
        Some((tag, "0")) => Chunk { tag, kind: "" },
        Some((tag, kind)) => Chunk { tag, kind },
        None => Chunk { tag: text, kind: "" },
    }
}

fn ends(before: Chunk<'_>, chunk: Chunk<'_>) -> bool {
    matches!(
        (before.tag, chunk.tag),
        ("B" | "I", "B" | "O") | ("E", "E" | "I" | "O") | ("[" | "]", _)
    ) || (!matches!(before.tag, "O" | ".") && before.kind != chunk.kind)
}

fn starts(before: Chunk<'_>, chunk: Chunk<'_>) -> bool {
    matches!(
        (before.tag, chunk.tag),
        ("B" | "I" | "O", "B") | ("O" | "E", "I" | "E") | (_, "[" | "]")
    ) || (!matches!(chunk.tag, "O" | ".") && before.kind != chunk.kind)
}

struct State<'a> {
    gold: Chunk<'a>,
    guessed: Chunk<'a>,
    /// Both sides are in a chunk of one type that started at one word.
    in_correct: bool,
    tokens: u64,
    equal: u64,
    /// Gold, guessed and correct chunks.
    types: BTreeMap<&'a str, [u64; 3]>,
}

impl Default for State<'_> {
    fn default() -> Self {
        let types = BTreeMap::new();
        Self { gold: OUTSIDE, guessed: OUTSIDE, in_correct: false, tokens: 0, equal: 0, types }
    }
}

impl<'a> State<'a> {
    fn step(&mut self, gold: Chunk<'a>, guessed: Chunk<'a>) {
        if self.in_correct {
            let (gold_ends, guess_ends) = (ends(self.gold, gold), ends(self.guessed, guessed));
            if gold_ends && guess_ends && self.gold.kind == self.guessed.kind {
                self.finish();
            } else if gold_ends != guess_ends || gold.kind != guessed.kind {
                self.in_correct = false;
            }
        }
        let (gold_starts, guess_starts) = (starts(self.gold, gold), starts(self.guessed, guessed));
        if gold_starts && guess_starts && gold.kind == guessed.kind {
            self.in_correct = true;
        }
        if gold_starts {
            self.types.entry(gold.kind).or_default()[0] += 1;
        }
        if guess_starts {
            self.types.entry(guessed.kind).or_default()[1] += 1;
        }
        (self.gold, self.guessed) = (gold, guessed);
    }

    /// Counts the chunk that both sides are in, if they are.
    fn finish(&mut self) {
        if std::mem::take(&mut self.in_correct) {
            self.types.entry(self.gold.kind).or_default()[2] += 1;
        }
    }

    fn scores(&self) -> ConllevalScores {
        let sum = |i: usize| self.types.values().map(|counts| counts[i]).sum();
        let total = row([sum(0), sum(1), sum(2)]);
        // A chunk is counted as correct under the type that it ends with, which may be one that
        // started none; the program lists the types that started.
        let started = self.types.iter().filter(|(_, counts)| counts[0] + counts[1] > 0);
        ConllevalScores {
            accuracy: (self.tokens > 0).then(|| percent(self.equal, self.tokens)),
            precision: total.precision,
            recall: total.recall,
            fb1: total.fb1,
            per_type: started.map(|(name, counts)| ((*name).to_owned(), row(*counts))).collect(),
            tokens: self.tokens,
            phrases: total.phrases,
            found: total.found,
            correct: total.correct,
        }
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (100 * part) as f64 / whole as f64 }
}

fn row([phrases, found, correct]: [u64; 3]) -> ConllevalRow {
    let (precision, recall) = (percent(correct, found), percent(correct, phrases));
    let sum = precision + recall;
    let fb1 = if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 };
    ConllevalRow { precision, recall, fb1, found, phrases, correct }
}

impl fmt::Display for ConllevalScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tokens, phrases, found, correct, .. } = self;
        writeln!(
            f,
            "processed {tokens} tokens with {phrases} phrases; found: {found} phrases; \
             correct: {correct}."
        )?;
        if let Some(accuracy) = self.accuracy {
            write!(f, "accuracy: {accuracy:6.2}%; precision: {:6.2}%; ", self.precision)?;
            writeln!(f, "recall: {:6.2}%; FB1: {:6.2}", self.recall, self.fb1)?;
        }
        for (name, row) in &self.per_type {
            // Perl pads bytes, not characters, and prints a type without name twice where both
            // sides have it.
            let lines = if name.is_empty() && row.phrases > 0 && row.found > 0 { 2 } else { 1 };
            for _ in 0..lines {
                write!(f, "{}{name}: ", " ".repeat(17_usize.saturating_sub(name.len())))?;
                write!(f, "precision: {:6.2}%; recall: {:6.2}%; ", row.precision, row.recall)?;
                writeln!(f, "FB1: {:6.2}  {}", row.fb1, row.found)?;
            }
        }
        Ok(())
    }
}
