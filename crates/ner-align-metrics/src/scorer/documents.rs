//! Scoring whole documents.

use std::borrow::Cow;

use ner_align_core::{DecodeMode, Document, Entity, Metric, Scheme, SchemeError, Tag};

use super::Scorer;
use crate::MetricsError;

/// The tags of a document as they are scored in `scheme`, one for each word.
///
/// Entities that are given as spans are encoded in `scheme`. Tags of another scheme are decoded
/// sentence by sentence in their own, leniently or strictly, and encoded in `scheme`; missing ones
/// stay missing. Tags stay as they were read, faults included, within IO, IOB1 and IOB2, within
/// IOE1 and IOE2, and within IOBES and BILUO: which of these schemes a file is in can only be
/// guessed from its tags, and the tags that a system predicts are often faulty.
///
/// [`Scorer::update_document`] and `ner-align score` both read tags with this function.
///
/// ```
/// use ner_align_core::{DecodeMode, Document, Scheme, Tag};
/// use ner_align_metrics::scored_tags;
/// let mut builder = Document::builder();
/// builder.push_word("Ada");
/// let document = builder.tagged(vec![Tag::parse("U-PER")?], Scheme::Biluo)?;
/// let tags = scored_tags(&document, Scheme::Iob2, DecodeMode::Strict)?;
/// assert_eq!(*tags, [Tag::parse("B-PER")?]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`SchemeError`] if entities overlap or cross the end of a sentence.
pub fn scored_tags(
    document: &Document,
    scheme: Scheme,
    mode: DecodeMode,
) -> Result<Cow<'_, [Tag]>, SchemeError> {
    let Some((tags, own)) = document.tags() else {
        return document.encode_tags(scheme).map(Cow::Owned);
    };
    if family(own) == family(scheme) {
        return Ok(Cow::Borrowed(tags));
    }
    let mut converted = Vec::with_capacity(tags.len());
    for sentence in document.sentences() {
        converted.extend(own.convert(&tags[sentence.words.range()], scheme, mode)?);
    }
    Ok(Cow::Owned(converted))
}

/// The group of schemes that tags alone do not always distinguish.
const fn family(scheme: Scheme) -> u8 {
    match scheme {
        Scheme::Io | Scheme::Iob1 | Scheme::Iob2 => 0,
        Scheme::Ioe1 | Scheme::Ioe2 => 1,
        Scheme::Iobes | Scheme::Biluo => 2,
    }
}

/// The tags of a gold and a predicted document, if both can be written as tags.
pub(crate) type TaggedSides<'a> = Option<(Cow<'a, [Tag]>, Cow<'a, [Tag]>)>;

/// The tags of both documents as they are scored, unless entities overlap or cross sentences.
pub(crate) fn tagged_sides<'a>(
    gold: &'a Document,
    predicted: &'a Document,
    scheme: Scheme,
    mode: DecodeMode,
) -> TaggedSides<'a> {
    let tags = |document| scored_tags(document, scheme, mode).ok();
    tags(gold).zip(tags(predicted))
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
    /// Counts a document and ends it: sentence by sentence of the gold document, with the tags of
    /// [`scored_tags`], or, where entities overlap or cross sentences, as one list of entities.
    ///
    /// # Errors
    /// [`MetricsError::LengthMismatch`] if the documents have not the same number of words; nothing
    /// is counted then.
    pub fn update_document(
        &mut self,
        gold: &Document,
        predicted: &Document,
    ) -> Result<(), MetricsError> {
        if gold.len() != predicted.len() {
            let sentence = self.counts.sentences;
            let (gold, predicted) = (gold.len(), predicted.len());
            return Err(MetricsError::LengthMismatch { sentence, gold, predicted });
        }
        match tagged_sides(gold, predicted, self.decoder.scheme, self.decoder.mode) {
            Some((gold_tags, predicted_tags)) => {
                for sentence in gold.sentences() {
                    let words = sentence.words.range();
                    self.update(&gold_tags[words.clone()], &predicted_tags[words])?;
                }
            }
            None => {
                let scored = scored_predictions(gold, predicted);
                let tags = gold.tags().map(|(tags, _)| tags).unwrap_or_default();
                let open = tags.iter().filter(|tag| **tag == Tag::Missing).count();
                self.update_entities(gold.entities(), &scored, gold.len())?;
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
