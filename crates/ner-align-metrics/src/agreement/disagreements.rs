//! Where annotators disagree.

use ner_align_core::{DecodeMode, Scheme, Tag, WordSpan};
use serde::{Deserialize, Serialize};

use crate::MetricsError;
use crate::analysis::{Mention, SentencePlace, join, mention};

/// Neighbouring words on which annotators have not the same entities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Disagreement {
    /// The sentence.
    #[serde(flatten)]
    pub place: SentencePlace,
    /// First word within the sentence.
    pub start: usize,
    /// Word after the last.
    pub end: usize,
    /// The words, joined by single spaces.
    pub text: String,
    /// What each annotator has there; `None` for one who left a word of it open.
    pub entities: Vec<Option<Vec<Mention>>>,
}

/// The disagreements of annotators on one sentence, one list of tags each, by position.
///
/// Entities that overlap, of whatever annotator, belong to one disagreement. An annotator who left
/// words open has no say about them.
///
/// ```
/// use ner_align_core::{DecodeMode, Scheme, Tag};
/// use ner_align_metrics::agreement::disagreements;
/// use ner_align_metrics::analysis::SentencePlace;
/// let tags = |text: &str| -> Result<Vec<Tag>, _> { text.split(' ').map(Tag::parse).collect() };
/// let (ann, bob) = (tags("B-PER I-PER O B-LOC")?, tags("B-PER O O B-LOC")?);
/// let words = ["Ada", "Lovelace", "in", "London"];
/// let found = disagreements(
///     SentencePlace::default(), &words, &[&ann, &bob], Scheme::Iob2, DecodeMode::Lenient,
/// )?;
/// assert_eq!((found.len(), found[0].text.as_str()), (1, "Ada Lovelace"));
/// assert_eq!(found[0].entities[1].as_ref().unwrap()[0].text, "Ada");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`MetricsError::LengthMismatch`] if an annotator has not one tag a word.
pub fn disagreements(
    place: SentencePlace,
    words: &[&str],
    annotations: &[&[Tag]],
    scheme: Scheme,
    mode: DecodeMode,
) -> Result<Vec<Disagreement>, MetricsError> {
    if let Some(other) = annotations.iter().find(|tags| tags.len() != words.len()) {
        let (gold, predicted) = (words.len(), other.len());
        let sentence = place.sentence as u64;
        return Err(MetricsError::LengthMismatch { sentence, gold, predicted });
    }
    let entities: Vec<_> =
        annotations.iter().map(|tags| scheme.decode(tags, mode).entities).collect();
    let mut spans: Vec<WordSpan> = entities.iter().flatten().map(|entity| entity.span).collect();
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    let mut regions: Vec<WordSpan> = Vec::new();
    for span in spans {
        match regions.last_mut().filter(|region| span.start < region.end) {
            Some(region) => region.end = region.end.max(span.end),
            None => regions.push(span),
        }
    }
    let inside = |region: WordSpan| -> Vec<Option<Vec<Mention>>> {
        let of = |(tags, entities): (&&[Tag], &Vec<ner_align_core::Entity>)| {
            let open = tags[region.range()].contains(&Tag::Missing);
            let here = entities.iter().filter(|entity| entity.span.overlap(&region) > 0);
            (!open).then(|| here.map(|entity| mention(words, entity)).collect())
        };
        annotations.iter().zip(&entities).map(of).collect()
    };
    let differ = |entities: &[Option<Vec<Mention>>]| {
        let mut said = entities.iter().flatten();
        let first = said.next();
        said.any(|other| Some(other) != first)
    };
    let found = regions.into_iter().map(|region| (region, inside(region)));
    Ok(found
        .filter(|(_, entities)| differ(entities))
        .map(|(region, entities)| Disagreement {
            place,
            start: region.start,
            end: region.end,
            text: join(words, region.start, region.end),
            entities,
        })
        .collect())
}
