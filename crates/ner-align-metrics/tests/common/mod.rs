//! What the tests share.

#![allow(dead_code, reason = "each test binary uses its part")]

use ner_align_core::{DecodeMode, Entity, Label, Metric, Scheme, Tag};
use ner_align_metrics::{Scorer, Scores};

pub(crate) fn tags(text: &str) -> Vec<Tag> {
    text.split_whitespace().map(|tag| Tag::parse(tag).unwrap()).collect()
}

/// `A:0-3 B:4-5` as entities.
pub(crate) fn entities(text: &str) -> Vec<Entity> {
    let entity = |text: &str| {
        let (label, span) = text.split_once(':').unwrap();
        let (start, end) = span.split_once('-').unwrap();
        Entity::new(start.parse().unwrap(), end.parse().unwrap(), Label::new(label).unwrap())
    };
    text.split_whitespace().map(entity).collect()
}

/// Scores of sentences, gold before predicted.
pub(crate) fn scored(pairs: &[(&str, &str)]) -> Scores {
    let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
    for (gold, predicted) in pairs {
        scorer.update(&tags(gold), &tags(predicted)).unwrap();
    }
    scorer.compute()
}
