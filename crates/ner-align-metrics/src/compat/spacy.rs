//! The entity scores of spaCy 3.8 on tags that `spacy convert` read from columns.
//!
//! The converter takes a tag's text after the second character as its type, whatever the first two
//! are, and lets I and L of the same type continue any tag. So IOBES falls apart (`S-X` is one
//! entity, `B-X E-X` are two), and a type change without B starts an entity. Rows `-` are refused by
//! spaCy's converter, but known to its JSON format as missing, and taken so here: a prediction that
//! touches one is neither right nor wrong.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::averages::{Entity, TypeCounts};
use super::{CompatError, Tool, borrowed, check_lengths, skip_chars};

/// Scores of one type.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SpacyRow {
    /// Precision; 0 where undefined.
    pub p: f64,
    /// Recall; 0 where undefined.
    pub r: f64,
    /// F1; 0 where undefined.
    pub f: f64,
}

/// What spaCy's `Scorer` gives for entities.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SpacyScores {
    /// Precision; `None` where no entity was scored at all.
    pub ents_p: Option<f64>,
    /// Recall.
    pub ents_r: Option<f64>,
    /// F1.
    pub ents_f: Option<f64>,
    /// By type; `None` where no entity was scored at all.
    pub ents_per_type: Option<BTreeMap<String, SpacyRow>>,
    /// Why scores are `None`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub undefined: BTreeMap<String, String>,
}

/// What spaCy gives for these sentences.
///
/// # Errors
/// [`CompatError`] if the sides differ in length, or a word by itself has a tag without a type.
pub fn spacy<S: AsRef<str>, G: AsRef<[S]>>(
    gold: &[G],
    predicted: &[G],
) -> Result<SpacyScores, CompatError> {
    check_lengths(Tool::Spacy, gold, predicted)?;
    let (gold, predicted) = (&borrowed(gold), &borrowed(predicted));
    let mut types: BTreeMap<&str, TypeCounts> = BTreeMap::new();
    for (sentence, (gold_tags, predicted)) in gold.iter().zip(predicted).enumerate() {
        if gold_tags.iter().all(|tag| *tag == MISSING) {
            // No annotation at all: spaCy passes over the document, here a sentence.
            entities(sentence, predicted)?;
            continue;
        }
        let gold = entities(sentence, gold_tags)?;
        for (label, ..) in &gold {
            types.entry(label).or_default().gold += 1;
        }
        for entity in entities(sentence, predicted)? {
            // The type is listed even if the prediction is not scored.
            let counts = types.entry(entity.0).or_default();
            if gold_tags[entity.1..entity.2].iter().all(|tag| *tag != MISSING) {
                counts.predicted += 1;
                // They come by position, and no two start together.
                let at = gold.partition_point(|own| own.1 < entity.1);
                counts.correct += u64::from(gold.get(at) == Some(&entity));
            }
        }
    }
    let mut total = TypeCounts::default();
    for counts in types.values() {
        total.gold += counts.gold;
        total.predicted += counts.predicted;
        total.correct += counts.correct;
    }
    if total.gold + total.predicted == 0 {
        let reason = ("ents".to_owned(), "no entities".to_owned());
        return Ok(SpacyScores { undefined: [reason].into(), ..SpacyScores::default() });
    }
    let SpacyRow { p, r, f } = row(&total);
    Ok(SpacyScores {
        ents_p: Some(p),
        ents_r: Some(r),
        ents_f: Some(f),
        ents_per_type: Some(types.iter().map(|(l, c)| ((*l).to_owned(), row(c))).collect()),
        undefined: BTreeMap::new(),
    })
}

const MISSING: &str = "-";

fn row(counts: &TypeCounts) -> SpacyRow {
    // spaCy's guard against division by zero, which no positive count feels.
    const TINY: f64 = 1e-100;
    let correct = counts.correct as f64;
    let p = correct / (counts.predicted as f64 + TINY);
    let r = correct / (counts.gold as f64 + TINY);
    SpacyRow { p, r, f: 2.0 * ((p * r) / (p + r + TINY)) }
}

/// Type, first word, word after the last; by position.
fn entities<'a>(sentence: usize, tags: &[&'a str]) -> Result<Vec<Entity<'a>>, CompatError> {
    let mut entities = Vec::new();
    let mut word = 0;
    while let Some(tag) = tags.get(word).copied() {
        let start = word;
        word += 1;
        if matches!(tag, "O" | MISSING) {
            continue;
        }
        let suffix = skip_chars(tag, 1);
        let continues = |tag: &str| {
            tag != MISSING && tag.strip_prefix(['I', 'L']).is_some_and(|rest| rest == suffix)
        };
        while tags.get(word).is_some_and(|tag| continues(tag)) {
            word += 1;
        }
        let label = skip_chars(tag, 2);
        if !label.is_empty() {
            entities.push((label, start, word));
        } else if word == start + 1 {
            return Err(CompatError::Tag {
                tool: Tool::Spacy,
                sentence,
                word: start,
                expected: "O, or a prefix and a type",
                found: tag.to_owned(),
            });
        }
    }
    Ok(entities)
}
