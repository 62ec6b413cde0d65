//! What other tools would print for the same tags, to the last digit and with their quirks.
//!
//! These functions take tags as the tools take them, as strings sentence by sentence, because the
//! quirks are in how each tool reads them. Where they differ from [`crate::Scorer`] is said with
//! each. The arithmetic follows each tool's own order of operations, so that numbers are equal and
//! not merely close; `oracles/compare.py` in the crate's source compares with the tools themselves.
//!
//! ```
//! use ner_align_metrics::compat;
//! // IOB2 does not allow an I without a B: seqeval counts it as an entity, its strict mode does not.
//! let (gold, predicted) = ([["B-PER", "I-PER", "O"]], [["I-PER", "I-PER", "O"]]);
//! assert_eq!(compat::seqeval(&gold, &predicted)?.micro.f1, Some(1.0));
//! assert_eq!(compat::seqeval_strict(&gold, &predicted, None)?.micro.f1, Some(0.0));
//! # Ok::<(), compat::CompatError>(())
//! ```

mod averages;
mod conlleval;
mod error;
mod nervaluate;
mod quirks;
mod seqeval;
mod seqeval_strict;
mod spacy;

use std::fmt;
use std::str::FromStr;

use ner_align_core::Scheme;
use serde::{Deserialize, Serialize};

pub use averages::{SeqevalRow, SeqevalScores};
pub use conlleval::{ConllevalRow, ConllevalScores, conlleval};
pub use error::CompatError;
pub use nervaluate::{
    NervaluateMeasures, NervaluateRow, NervaluateScores, nervaluate, nervaluate_tags,
};
pub use quirks::{Quirk, quirks};
pub use seqeval::{seqeval, seqeval_zero_division};
pub use seqeval_strict::{seqeval_strict, seqeval_strict_zero_division};
pub use spacy::{SpacyRow, SpacyScores, spacy};

/// A tool whose numbers can be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Tool {
    /// seqeval 1.2.2 with its defaults.
    Seqeval,
    /// seqeval 1.2.2, `mode="strict"` with a scheme.
    SeqevalStrict,
    /// conlleval.pl, version 2004-01-26.
    Conlleval,
    /// nervaluate 1.2.1.
    Nervaluate,
    /// The scorer of spaCy 3.8 on tags that its converter read.
    Spacy,
}

impl Tool {
    /// All tools.
    pub const ALL: [Self; 5] =
        [Self::Seqeval, Self::SeqevalStrict, Self::Conlleval, Self::Nervaluate, Self::Spacy];

    /// The name on the command line and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seqeval => "seqeval",
            Self::SeqevalStrict => "seqeval-strict",
            Self::Conlleval => "conlleval",
            Self::Nervaluate => "nervaluate",
            Self::Spacy => "spacy",
        }
    }

    /// The tool's numbers. `scheme` is for `seqeval-strict` alone; without it, seqeval guesses.
    ///
    /// # Errors
    /// [`CompatError`] where the tool itself would stop.
    pub fn run<S: AsRef<str>, G: AsRef<[S]>>(
        self,
        gold: &[G],
        predicted: &[G],
        scheme: Option<Scheme>,
    ) -> Result<CompatScores, CompatError> {
        Ok(match self {
            Self::Seqeval => CompatScores::Seqeval(seqeval(gold, predicted)?),
            Self::SeqevalStrict => CompatScores::Seqeval(seqeval_strict(gold, predicted, scheme)?),
            Self::Conlleval => CompatScores::Conlleval(conlleval(gold, predicted)?),
            Self::Nervaluate => CompatScores::Nervaluate(nervaluate(gold, predicted)?),
            Self::Spacy => CompatScores::Spacy(spacy(gold, predicted)?),
        })
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Tool {
    type Err = CompatError;

    fn from_str(name: &str) -> Result<Self, CompatError> {
        Self::ALL
            .into_iter()
            .find(|tool| tool.as_str() == name)
            .ok_or_else(|| CompatError::UnknownTool { found: name.to_owned() })
    }
}

/// Numbers of one tool; in JSON just the numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum CompatScores {
    /// Of seqeval, either mode.
    Seqeval(SeqevalScores),
    /// Of conlleval.pl.
    Conlleval(ConllevalScores),
    /// Of nervaluate.
    Nervaluate(NervaluateScores),
    /// Of spaCy.
    Spacy(SpacyScores),
}

impl fmt::Display for CompatScores {
    /// As the tool prints them, two digits after the point; spaCy's as JSON, since it prints a
    /// dictionary.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seqeval(scores) => match scores.table(2) {
                Some(table) => f.write_str(&table),
                None => f.write_str("no entity on either side: seqeval stops here\n"),
            },
            Self::Nervaluate(scores) => writeln!(f, "{}", scores.summary(2)),
            Self::Conlleval(scores) => scores.fmt(f),
            Self::Spacy(scores) => {
                let json = serde_json::to_string_pretty(scores).map_err(|_| fmt::Error)?;
                writeln!(f, "{json}")
            }
        }
    }
}

/// That both sides have the same sentences and words, as every tool needs it.
fn check_lengths<S, G: AsRef<[S]>>(
    tool: Tool,
    gold: &[G],
    predicted: &[G],
) -> Result<(), CompatError> {
    if gold.len() != predicted.len() {
        let (gold, predicted) = (gold.len(), predicted.len());
        return Err(CompatError::Sentences { tool, gold, predicted });
    }
    for (sentence, (gold, predicted)) in gold.iter().zip(predicted).enumerate() {
        let (gold, predicted) = (gold.as_ref().len(), predicted.as_ref().len());
        if gold != predicted {
            return Err(CompatError::Words { tool, sentence, gold, predicted });
        }
    }
    Ok(())
}

/// The tags as the tools' readers below take them.
fn borrowed<'a, S: AsRef<str> + 'a, G: AsRef<[S]>>(sentences: &'a [G]) -> Vec<Vec<&'a str>> {
    sentences.iter().map(|tags| tags.as_ref().iter().map(AsRef::as_ref).collect()).collect()
}

/// The text after the first `n` characters, as Python slices it.
fn skip_chars(text: &str, n: usize) -> &str {
    let mut chars = text.chars();
    for _ in 0..n {
        chars.next();
    }
    chars.as_str()
}
