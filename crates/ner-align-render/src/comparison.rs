//! Gold against predicted: what became of each entity, by the rules of the scorer.

use std::collections::HashMap;

use ner_align_core::{DecodeMode, Document, Entity, Scheme, SourceSpan, Tag, WordSpan};
use ner_align_metrics::analysis::{Analyzer, EntityError, Mention, Outcome};

use crate::RenderError;
use crate::side::Mark;

/// Gold and predicted documents side by side, with every error.
///
/// Pairs and kinds of errors are those of [`Analyzer`], so that their numbers are those of a score.
///
/// ```
/// use ner_align_core::{Document, Entity};
/// use ner_align_render::Comparison;
/// let mut builder = Document::builder();
/// ["Ada", "Lovelace", "wrote"].iter().for_each(|word| builder.push_word(word));
/// let (mut gold, mut predicted) = (builder.clone().untagged(), builder.untagged());
/// gold.set_entities(vec![Entity::new(0, 2, "PER".parse()?)])?;
/// predicted.set_entities(vec![Entity::new(0, 1, "PER".parse()?)])?;
/// let comparison = Comparison::new(vec![gold], &[predicted])?;
/// assert_eq!(comparison.errors()[0].outcome.as_str(), "boundary");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Comparison {
    pairs: Vec<Compared>,
    errors: Vec<EntityError>,
}

/// A document with both annotations.
#[derive(Debug, Clone)]
pub(crate) struct Compared {
    pub(crate) gold: Document,
    /// The same words with the predictions.
    pub(crate) predicted: Document,
    pub(crate) gold_marks: Vec<Mark>,
    pub(crate) predicted_marks: Vec<Mark>,
    /// Predicted spans that fit no words, with the text that they are offsets of.
    pub(crate) unaligned: Vec<(SourceSpan, String)>,
}

impl Comparison {
    /// Compares documents that hold the same words in the same order. Predicted documents may end
    /// elsewhere than gold ones.
    ///
    /// # Errors
    /// [`RenderError`] at the first word that differs, or for a prediction that crosses the end of a
    /// gold document.
    pub fn new(gold: Vec<Document>, predicted: &[Document]) -> Result<Self, RenderError> {
        let mut pairs = recut(gold, predicted)?;
        // All schemes are read as entities, so any scheme gives the same errors.
        let mut analyzer = Analyzer::new(Scheme::Iob2, DecodeMode::Lenient);
        for (index, pair) in pairs.iter().enumerate() {
            analyzer.add_document(index, &pair.gold, &pair.predicted)?;
        }
        let errors = analyzer.finish().errors;
        let mut rest = errors.as_slice();
        let mut first = 0;
        for (index, pair) in pairs.iter_mut().enumerate() {
            let here = rest.partition_point(|error| error.place.document <= index);
            mark(pair, &rest[..here], first);
            (first, rest) = (first + here, &rest[here..]);
        }
        Ok(Self { pairs, errors })
    }

    /// The gold documents.
    #[must_use]
    pub fn gold(&self) -> impl ExactSizeIterator<Item = &Document> {
        self.pairs.iter().map(|pair| &pair.gold)
    }

    /// The gold documents' words with the predictions.
    #[must_use]
    pub fn predicted(&self) -> impl ExactSizeIterator<Item = &Document> {
        self.pairs.iter().map(|pair| &pair.predicted)
    }

    /// All errors, in the order of the corpus. Documents count from 0.
    #[must_use]
    pub fn errors(&self) -> &[EntityError] {
        &self.errors
    }

    pub(crate) fn pairs(&self) -> &[Compared] {
        &self.pairs
    }
}

/// Says of each entity what became of it; `first` is the number of the first error.
fn mark(pair: &mut Compared, errors: &[EntityError], first: usize) {
    type Wrong = HashMap<(usize, usize, String), Vec<(Outcome, usize)>>;
    let (mut gold, mut predicted) = (Wrong::new(), Wrong::new());
    for (index, error) in errors.iter().enumerate().rev() {
        let sentence = pair.gold.sentences().get(error.place.sentence);
        let start = sentence.map_or(0, |sentence| sentence.words.start);
        let note = |wrong: &mut Wrong, mention: &Option<Mention>| {
            if let Some(Mention { start: from, end, label, .. }) = mention {
                let key = (start + from, start + end, label.clone());
                wrong.entry(key).or_default().push((error.outcome, first + index));
            }
        };
        note(&mut gold, &error.gold);
        note(&mut predicted, &error.predicted);
    }
    let take = |wrong: &mut Wrong, entity: &Entity| {
        let key = (entity.span.start, entity.span.end, entity.label.as_str().to_owned());
        wrong.get_mut(&key).and_then(Vec::pop).map(|(outcome, index)| Mark::Wrong(outcome, index))
    };
    let tags = pair.gold.tags().map(|(tags, _)| tags).unwrap_or_default();
    let scored =
        |span: WordSpan| !tags.get(span.range()).is_some_and(|t| t.contains(&Tag::Missing));
    let marks = |wrong: &mut Wrong, document: &Document| {
        let of = |entity: &Entity| match take(wrong, entity) {
            Some(mark) => mark,
            None if scored(entity.span) => Mark::Correct,
            None => Mark::Unscored,
        };
        document.entities().iter().map(of).collect::<Vec<_>>()
    };
    let (gold_marks, predicted_marks) =
        (marks(&mut gold, &pair.gold), marks(&mut predicted, &pair.predicted));
    (pair.gold_marks, pair.predicted_marks) = (gold_marks, predicted_marks);
}

/// Places the predictions on the gold documents.
fn recut(gold: Vec<Document>, predicted: &[Document]) -> Result<Vec<Compared>, RenderError> {
    let mut words = predicted.iter().flat_map(Document::words);
    let mut starts = Vec::with_capacity(predicted.len());
    let mut total = 0;
    for document in predicted {
        starts.push((total, document));
        total += document.len();
    }
    let entities = |(start, document): &(usize, &Document)| {
        let start = *start;
        let shifted = |entity: &Entity| Entity {
            span: WordSpan::new(start + entity.span.start, start + entity.span.end),
            ..entity.clone()
        };
        document.entities().iter().map(shifted).collect::<Vec<_>>()
    };
    let mut entities = starts.iter().flat_map(entities).peekable();
    let mut odd = starts.iter().filter(|(_, other)| !other.unaligned().is_empty()).peekable();
    let (mut before, last) = (0, gold.len().saturating_sub(1));
    let mut pairs: Vec<Compared> = Vec::with_capacity(gold.len());
    for (index, document) in gold.into_iter().enumerate() {
        for (at, expected) in document.words().enumerate() {
            let found = words.next();
            if found != Some(expected) {
                return Err(RenderError::Words {
                    document: index + 1,
                    word: at + 1,
                    expected: format!("{expected:?}"),
                    found: found.map_or_else(|| "the end".to_owned(), |word| format!("{word:?}")),
                });
            }
        }
        let end = before + document.len();
        let mut here = Vec::new();
        while let Some(entity) = entities.next_if(|entity| entity.span.start < end) {
            if entity.span.end > end {
                let label = entity.label.as_str().to_owned();
                return Err(RenderError::CrossesDocument { document: index + 1, label });
            }
            let span = WordSpan::new(entity.span.start - before, entity.span.end - before);
            here.push(Entity { span, ..entity });
        }
        let mut unaligned = Vec::new();
        while let Some((_, other)) = odd.next_if(|(start, _)| *start < end || index == last) {
            let text = |span: &SourceSpan| (span.clone(), other.text().to_owned());
            unaligned.extend(other.unaligned().iter().map(text));
        }
        let mut side = document.clone();
        side.set_unaligned(Vec::new());
        side.set_entities(here)?;
        pairs.push(Compared {
            gold: document,
            predicted: side,
            gold_marks: Vec::new(),
            predicted_marks: Vec::new(),
            unaligned,
        });
        before = end;
    }
    match words.next() {
        Some(found) => Err(RenderError::Words {
            document: pairs.len(),
            word: pairs.last().map_or(0, |pair| pair.gold.len()) + 1,
            expected: "the end".to_owned(),
            found: format!("{found:?}"),
        }),
        None => Ok(pairs),
    }
}
