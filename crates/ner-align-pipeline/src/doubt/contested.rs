//! The sentences of doubts, as annotated and as suggested: for pages that show both.

use ner_align_core::{Document, Entity};

use super::Doubt;
use crate::PipelineError;

/// For each doubt its sentence with the annotation, and the same with the suggestion in its place.
/// A doubt about another corpus has none.
///
/// # Errors
/// [`PipelineError::Data`] for entities that do not fit the words.
pub fn contested(
    corpus: &[Document],
    doubts: &[Doubt],
) -> Result<(Vec<Document>, Vec<Document>), PipelineError> {
    let (mut gold, mut suggested) = (Vec::new(), Vec::new());
    for doubt in doubts {
        let Some(document) = corpus.get(doubt.document) else { continue };
        let Some(sentence) = document.sentences().get(doubt.sentence) else { continue };
        let words = sentence.words;
        let name = format!(
            "document {}, sentence {}: {}, {:.2} against {:.2}",
            doubt.document,
            doubt.sentence,
            doubt.reason.as_str(),
            doubt.suggestion_probability,
            doubt.gold_probability
        );
        let alone = |entities: Vec<Entity>| {
            let mut builder = Document::builder();
            words.range().for_each(|word| builder.push_word(document.word(word)));
            builder.set_id(Some(name.clone()));
            let mut alone = builder.untagged();
            let moved = entities.into_iter().map(|entity| {
                let (start, end) = (entity.span.start - words.start, entity.span.end - words.start);
                Entity::new(start, end, entity.label)
            });
            alone.set_entities(moved.collect()).map_err(|error| PipelineError::Data {
                place: name.clone(),
                expected: "entities within the sentence".to_owned(),
                found: error.to_string(),
                hint: None,
            })?;
            Ok::<_, PipelineError>(alone)
        };
        let within =
            |entity: &&Entity| words.start <= entity.span.start && entity.span.end <= words.end;
        let own: Vec<Entity> = document.entities().iter().filter(within).cloned().collect();
        let replaces = |entity: &Entity| {
            let overlaps = |other: &Entity| {
                other.span.start < entity.span.end && entity.span.start < other.span.end
            };
            doubt.suggestion.as_ref().is_some_and(overlaps)
                || doubt.gold.as_ref().is_some_and(|gold| gold == entity)
        };
        let kept = own.iter().filter(|entity| !replaces(entity)).cloned();
        suggested.push(alone(kept.chain(doubt.suggestion.clone()).collect())?);
        gold.push(alone(own)?);
    }
    Ok((gold, suggested))
}
