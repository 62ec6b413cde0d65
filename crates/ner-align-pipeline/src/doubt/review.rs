//! Doubts as lines that a person decides on, and what becomes of the corpus.

use std::collections::BTreeMap;

use ner_align_core::{Document, Entity, Label, WordSpan};
use serde::{Deserialize, Serialize};

use super::{Doubt, DoubtReason};
use crate::PipelineError;

/// An annotated or suggested entity in a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reviewed {
    /// First word within the document, from 0.
    pub first: usize,
    /// The word after the last.
    pub end: usize,
    /// The type.
    pub label: String,
    /// The words, for people.
    pub text: String,
}

/// What a person says of a doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Decision {
    /// The suggestion, as it stands in the review, replaces the annotation.
    Accept,
    /// The annotation stays.
    Reject,
}

/// A doubt as one line of JSON: what [`apply_reviews`] takes back with a decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Review {
    /// Index of the document in the corpus.
    pub document: usize,
    /// Index of the sentence in the document.
    pub sentence: usize,
    /// The sentence, for people.
    pub text: String,
    /// What may be wrong.
    pub reason: DoubtReason,
    /// The annotation; `null` for a mention without one.
    pub gold: Option<Reviewed>,
    /// What to put in its place; `null`: no entity. It may be edited.
    pub suggestion: Option<Reviewed>,
    /// The probability of the annotation, 0 to 1.
    pub gold_probability: f64,
    /// The probability of the suggestion, 0 to 1.
    pub suggestion_probability: f64,
    /// `accept` or `reject`; `null`: not decided yet.
    pub decision: Option<Decision>,
}

impl Review {
    /// The review of a doubt about this corpus, not decided yet. `None` for a doubt about another
    /// corpus.
    #[must_use]
    pub fn of(doubt: &Doubt, corpus: &[Document]) -> Option<Self> {
        let document = corpus.get(doubt.document)?;
        let words = document.sentences().get(doubt.sentence)?.words;
        let reviewed = |entity: &Entity| Reviewed {
            first: entity.span.start,
            end: entity.span.end,
            label: entity.label.to_string(),
            text: document.surface(entity.span).to_owned(),
        };
        Some(Self {
            document: doubt.document,
            sentence: doubt.sentence,
            text: document.surface(words).to_owned(),
            reason: doubt.reason,
            gold: doubt.gold.as_ref().map(reviewed),
            suggestion: doubt.suggestion.as_ref().map(reviewed),
            gold_probability: doubt.gold_probability,
            suggestion_probability: doubt.suggestion_probability,
            decision: None,
        })
    }
}

/// Puts accepted suggestions in the place of the annotation. The number of changes.
///
/// # Errors
/// [`PipelineError::Data`] with the number of the review, from 1, for a document or an annotation
/// that the corpus does not have, words that are not those of the review, a type without a name, and
/// a suggestion that shares words with another entity. The corpus is then as it was.
pub fn apply_reviews(corpus: &mut [Document], reviews: &[Review]) -> Result<usize, PipelineError> {
    let mut changed: BTreeMap<usize, Vec<Entity>> = BTreeMap::new();
    let mut suggested: Vec<(usize, usize, Entity)> = Vec::new();
    let accepted =
        reviews.iter().enumerate().filter(|(_, own)| own.decision == Some(Decision::Accept));
    let changes = accepted.clone().count();
    for (number, review) in accepted {
        let refuse = |expected: String, found: String| refusal(number, expected, found);
        let document = corpus.get(review.document).ok_or_else(|| {
            refuse(
                format!("a document below {}, the number of documents", corpus.len()),
                review.document.to_string(),
            )
        })?;
        let entity = |own: &Reviewed| entity_of(document, own).map_err(|(e, f)| refuse(e, f));
        let gold = review.gold.as_ref().map(entity).transpose()?;
        let suggestion = review.suggestion.as_ref().map(entity).transpose()?;
        let entities =
            changed.entry(review.document).or_insert_with(|| document.entities().to_vec());
        if let Some(gold) = gold {
            let is_it = |own: &Entity| (own.span, &own.label) == (gold.span, &gold.label);
            let Some(index) = entities.iter().position(is_it) else {
                let words = document.surface(gold.span).to_owned();
                return Err(refuse(
                    format!("{} as {}", words, gold.label),
                    "no such entity".into(),
                ));
            };
            entities.remove(index);
        }
        suggested.extend(suggestion.map(|own| (number, review.document, own)));
    }
    // After all annotations in doubt are gone: two of them may be parts of one suggestion.
    for (number, index, own) in suggested {
        let (Some(entities), Some(document)) = (changed.get_mut(&index), corpus.get(index)) else {
            continue;
        };
        let is_same = |other: &Entity| (other.span, &other.label) == (own.span, &own.label);
        let overlaps =
            |other: &&Entity| own.span.start < other.span.end && other.span.start < own.span.end;
        match entities.iter().find(overlaps) {
            Some(other) if is_same(other) => {}
            Some(other) => {
                let found = format!("{} as {}", document.surface(other.span), other.label);
                return Err(refusal(number, "words that are in no other entity".into(), found));
            }
            None => entities.push(own),
        }
    }
    for (index, entities) in changed {
        if let Some(document) = corpus.get_mut(index) {
            // Each was checked above: words of the document, none of them in two entities.
            document.set_entities(entities).map_err(|error| PipelineError::Data {
                place: format!("document {index}"),
                expected: "entities that fit the words".to_owned(),
                found: error.to_string(),
                hint: None,
            })?;
        }
    }
    Ok(changes)
}

fn refusal(number: usize, expected: String, found: String) -> PipelineError {
    PipelineError::Data {
        place: format!("review {}", number + 1),
        expected,
        found,
        hint: Some("the corpus must be the one that was doubted, unchanged".to_owned()),
    }
}

/// The entity, or what was expected and what was found.
fn entity_of(document: &Document, own: &Reviewed) -> Result<Entity, (String, String)> {
    let words = document.len();
    if own.first >= own.end || own.end > words {
        let expected = format!("words within the {words} of the document");
        return Err((expected, format!("{} to {}", own.first, own.end)));
    }
    let span = WordSpan::new(own.first, own.end);
    let text = document.surface(span);
    if text != own.text {
        return Err((format!("the words {:?}", own.text), format!("{text:?}")));
    }
    let label: Label =
        own.label.parse().map_err(|_| ("the name of a type".to_owned(), "nothing".to_owned()))?;
    Ok(Entity::new(own.first, own.end, label))
}
