//! Scoring whole documents.

use ner_align_core::{Document, Entity, Tag};

use super::Scorer;
use crate::MetricsError;

/// The sides of a document pair as tags of the gold document's sentences, if both can be written so.
pub(crate) type TaggedSides = Option<(Vec<Tag>, Vec<Tag>)>;

/// The tags of both documents in a scheme, unless entities overlap or cross sentences.
pub(crate) fn tagged_sides(
    gold: &Document,
    predicted: &Document,
    scheme: ner_align_core::Scheme,
) -> TaggedSides {
    gold.tags_in(scheme).ok().zip(predicted.tags_in(scheme).ok())
}

/// The predictions that touch no word without gold annotation.
pub(crate) fn scored_predictions(gold: &Document, predicted: &Document) -> Vec<Entity> {
    let tags = gold.tags().map(|(tags, _)| tags).unwrap_or_default();
    let known = |entity: &&Entity| {
        tags.get(entity.span.range()).is_none_or(|tags| !tags.contains(&Tag::Missing))
    };
    predicted.entities().iter().filter(known).cloned().collect()
}

impl Scorer {
    /// Counts a document and ends it: sentence by sentence of the gold document, or, where entities
    /// overlap or cross sentences, as one list of entities.
    ///
    /// # Errors
    /// [`MetricsError::LengthMismatch`] if the documents have not the same number of words; nothing
    /// is counted then.
    pub fn try_update_document(
        &mut self,
        gold: &Document,
        predicted: &Document,
    ) -> Result<(), MetricsError> {
        if gold.len() != predicted.len() {
            let sentence = self.counts.sentences;
            let (gold, predicted) = (gold.len(), predicted.len());
            return Err(MetricsError::LengthMismatch { sentence, gold, predicted });
        }
        match tagged_sides(gold, predicted, self.decoder.scheme) {
            Some((gold_tags, predicted_tags)) => {
                for sentence in gold.sentences() {
                    let words = sentence.words.range();
                    self.try_update(&gold_tags[words.clone()], &predicted_tags[words])?;
                }
            }
            None => {
                let scored = scored_predictions(gold, predicted);
                let tags = gold.tags().map(|(tags, _)| tags).unwrap_or_default();
                let open = tags.iter().filter(|tag| **tag == Tag::Missing).count();
                self.try_update_entities(gold.entities(), &scored, gold.len())?;
                let counts = &mut self.counts;
                counts.span_words -= open as u64;
                counts.unannotated_words += open as u64;
                counts.unscored_predictions += (predicted.entities().len() - scored.len()) as u64;
                // The list counted as one sentence.
                counts.sentences += gold.sentences().len().saturating_sub(1) as u64;
            }
        }
        self.end_document();
        Ok(())
    }
}
