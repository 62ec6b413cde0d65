//! Sentences in, integers kept, scores out.

mod classes;
mod codes;
mod compute;
mod counts;
mod documents;
mod grid;
mod sentence;
mod walk;

use ner_align_core::{DecodeMode, Entity, Metric, Scheme, Tag};

pub use classes::{ClassId, ClassScorer};
pub(crate) use codes::Span;
use codes::{Code, Decoder, Labels, MISSING, OUTSIDE};
use counts::Counts;
pub use documents::scored_tags;
pub(crate) use documents::{scored_predictions, tagged_sides};
use sentence::Scratch;

use crate::prf::Ratios;
use crate::resampling::Units;
use crate::{MetricsError, Scores, ZeroDivision};

/// Counts gold against predicted annotation, sentence by sentence.
///
/// All measures come from one pass; what is kept are integers, so that scorers of parts of a
/// corpus merge exactly.
///
/// **Missing is not O.** A word whose gold tag is [`Tag::Missing`] is not scored: it counts neither
/// as a token nor in the confusion of tags, and a prediction that touches one is neither right nor
/// wrong, as in spaCy's scorer; gold entities beside it count as ever.
/// [`Scores::unannotated_tokens`] and [`Scores::unscored_predictions`] say how much that was.
/// A predicted [`Tag::Missing`] is read as `O`.
///
/// ```
/// use ner_align_core::{DecodeMode, Metric, Scheme, Tag};
/// use ner_align_metrics::Scorer;
///
/// let tags = |text: &str| -> Result<Vec<Tag>, _> { text.split(' ').map(Tag::parse).collect() };
/// let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
/// scorer.update(&tags("B-LOC I-LOC I-LOC I-LOC")?, &tags("B-LOC I-LOC O B-LOC")?)?;
/// let scores = scorer.compute();
/// assert_eq!(scores.strict().micro.f1, Some(0.0));
/// assert_eq!(scores.partial().micro.recall, Some(0.5));
/// assert_eq!(scores.relaxed().micro.recall, Some(0.75));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Scorer {
    decoder: Decoder,
    ratios: Ratios,
    labels: Labels,
    counts: Counts,
    buffers: Buffers,
}

/// A share of overlap that makes sense.
pub(crate) fn check_share(share: f64) -> Result<f64, MetricsError> {
    if (0.0..=1.0).contains(&share) {
        return Ok(share);
    }
    let expected = "a number from 0 to 1";
    Err(MetricsError::Option { option: "min_overlap", expected, found: share })
}

/// Memory that sentences share.
#[derive(Debug, Clone, Default)]
struct Buffers {
    gold: Vec<Code>,
    predicted: Vec<Code>,
    gold_spans: Vec<Span>,
    predicted_spans: Vec<Span>,
    scratch: Scratch,
}

impl Scorer {
    /// A scorer that reads tags in `scheme`, leniently or strictly, and leaves undefined scores
    /// `None`.
    #[must_use]
    pub fn new(scheme: Scheme, mode: DecodeMode) -> Self {
        Self {
            decoder: Decoder::new(scheme, mode),
            ratios: Ratios { zero_division: ZeroDivision::Null, beta: 1.0 },
            labels: Labels::default(),
            counts: Counts::default(),
            buffers: Buffers::default(),
        }
    }

    /// What undefined scores shall be.
    #[must_use]
    pub const fn with_zero_division(mut self, policy: ZeroDivision) -> Self {
        self.ratios.zero_division = policy;
        self
    }

    /// Adds `f_beta` to every row: recall weighs `beta` times as much as precision.
    ///
    /// # Errors
    /// [`MetricsError::Option`] if `beta` is not a positive number.
    pub fn with_beta(mut self, beta: f64) -> Result<Self, MetricsError> {
        if !beta.is_finite() || beta <= 0.0 {
            let expected = "a positive number";
            return Err(MetricsError::Option { option: "beta", expected, found: beta });
        }
        self.ratios.beta = beta;
        Ok(self)
    }

    /// Asks of two entities that are to be a pair that they share at least this part of the longer
    /// one's words, from 0, the default, where one word is enough, to 1, where only equal spans are
    /// pairs. Entities that share less are missed and spurious. Strict and exact scores do not
    /// change, nor do relaxed ones, which look at words.
    ///
    /// ```
    /// use ner_align_core::{DecodeMode, Metric, Scheme, Tag};
    /// use ner_align_metrics::Scorer;
    /// let tags = |text: &str| -> Result<Vec<Tag>, _> { text.split(' ').map(Tag::parse).collect() };
    /// let (gold, predicted) = (tags("B-PER I-PER I-PER")?, tags("B-PER O O")?);
    /// let partial = |share| {
    ///     let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient).with_min_overlap(share)?;
    ///     scorer.update(&gold, &predicted)?;
    ///     Ok::<_, ner_align_metrics::MetricsError>(scorer.compute().partial().micro.f1)
    /// };
    /// assert_eq!((partial(0.3)?, partial(0.5)?), (Some(0.5), Some(0.0)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`MetricsError::Option`] if `share` is not between 0 and 1.
    pub fn with_min_overlap(mut self, share: f64) -> Result<Self, MetricsError> {
        self.counts.min_overlap = check_share(share)?;
        Ok(self)
    }

    /// Counts one sentence or document of `words` words whose entities are given as spans.
    ///
    /// Entities may nest and overlap: each SemEval measure then has its own best pairs, and the
    /// relaxed measure counts pairs of word and type. An entity given twice counts once. Token
    /// accuracy and the confusion of tags are not defined on spans and pass over these words.
    ///
    /// # Errors
    /// [`MetricsError::EntityOutOfRange`] for an entity that is empty or reaches past the last
    /// word; nothing is counted then.
    pub fn update_entities(
        &mut self,
        gold: &[Entity],
        predicted: &[Entity],
        words: usize,
    ) -> Result<(), MetricsError> {
        let outside = |e: &&Entity| {
            e.span.is_empty() || e.span.end > words || u32::try_from(e.span.end).is_err()
        };
        if let Some(entity) = gold.iter().chain(predicted).find(outside) {
            let sentence = self.counts.sentences;
            return Err(MetricsError::EntityOutOfRange { sentence, entity: entity.clone(), words });
        }
        let mut buffers = std::mem::take(&mut self.buffers);
        let flat = self.read_spans(gold, &mut buffers.gold_spans)
            & self.read_spans(predicted, &mut buffers.predicted_spans);
        self.counts.span_words += words as u64;
        self.count_spans(flat, &mut buffers);
        self.buffers = buffers;
        Ok(())
    }

    /// Bytes that the counts take, and [`Metric::compute`] will beside them, about. They grow with the number of
    /// labels and of pairs of tags, and with the number of sentences where units are recorded.
    #[must_use]
    pub fn memory_usage(&self) -> u64 {
        // The rows of the largest table are listed, and weighed.
        let computed = self.labels.names().len() * 4 * 40;
        (self.labels.memory() + self.counts.memory() + computed) as u64
    }

    /// Number of different labels so far.
    #[must_use]
    pub fn labels(&self) -> usize {
        self.labels.names().len()
    }

    /// Says that a document ends here. Sentences after the last call count as one more document.
    pub fn end_document(&mut self) {
        self.counts.end_document();
    }

    /// Remembers the counts of every sentence by itself, for [`crate::resampling`]: some 72 bytes
    /// each. Call it before the first sentence is counted.
    #[must_use]
    pub fn recording_units(mut self) -> Self {
        let missed = self.counts.sentences > 0;
        let fresh = || if missed { Units::not_recorded() } else { Units::new() };
        self.counts.units.get_or_insert_with(fresh);
        self
    }

    /// The sentences counted since [`Scorer::recording_units`], in the order of counting and, after
    /// [`Metric::merge`], of merging. Without `recording_units` there are none, and resampling them
    /// is an error.
    #[must_use]
    pub fn units(&self) -> &Units {
        static NOT_RECORDED: Units = Units::not_recorded();
        self.counts.units.as_ref().unwrap_or(&NOT_RECORDED)
    }

    /// Forgets all sentences; options and known labels stay.
    fn reset(&mut self) {
        let units = self.counts.units.as_ref().map(|_| Units::new());
        let min_overlap = self.counts.min_overlap;
        self.counts = Counts { units, min_overlap, ..Counts::default() };
        self.counts.grow(self.labels.names().len());
    }

    /// Number of sentences so far.
    #[must_use]
    pub const fn sentences(&self) -> u64 {
        self.counts.sentences
    }

    /// Sorts the entities into `spans`, each once; true if none overlaps another.
    fn read_spans(&mut self, entities: &[Entity], spans: &mut Vec<Span>) -> bool {
        // By name, not by id: ids depend on what was read before.
        let mut sorted: Vec<&Entity> = entities.iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        spans.clear();
        spans.extend(sorted.iter().map(|entity| Span {
            start: entity.span.start as u32,
            end: entity.span.end as u32,
            label: self.labels.id(&entity.label),
        }));
        spans.windows(2).all(|pair| pair[0].end <= pair[1].start)
    }

    fn count_spans(&mut self, flat: bool, buffers: &mut Buffers) {
        let Buffers { gold_spans, predicted_spans, scratch, .. } = buffers;
        self.counts.grow(self.labels.names().len());
        if flat {
            self.counts.add_flat(gold_spans, predicted_spans, scratch);
        } else {
            self.counts.add_overlapping(gold_spans, predicted_spans, scratch);
        }
        self.counts.end_sentence();
    }
}

impl Metric for Scorer {
    type Example = [Tag];
    type Score = Scores;
    type Error = MetricsError;

    /// Counts one sentence, one tag for each word on each side.
    ///
    /// # Errors
    /// [`MetricsError::LengthMismatch`] if the sides differ in length; nothing is counted then.
    fn update(&mut self, gold: &[Tag], predicted: &[Tag]) -> Result<(), MetricsError> {
        if gold.len() != predicted.len() {
            return Err(MetricsError::LengthMismatch {
                sentence: self.counts.sentences,
                gold: gold.len(),
                predicted: predicted.len(),
            });
        }
        let mut buffers = std::mem::take(&mut self.buffers);
        buffers.gold.clear();
        buffers.gold.extend(gold.iter().map(|tag| self.labels.code(tag)));
        buffers.predicted.clear();
        buffers.predicted.extend(predicted.iter().map(|tag| self.labels.code(tag)));
        self.count_codes(&mut buffers);
        self.buffers = buffers;
        Ok(())
    }

    /// Adds the counts of another scorer, which should have the same options; this one's stay.
    fn merge(&mut self, other: Self) {
        let labels: Vec<u32> = other.labels.names().iter().map(|l| self.labels.id(l)).collect();
        self.counts.grow(self.labels.names().len());
        self.counts.merge(&other.counts, &labels);
    }

    fn compute(&self) -> Scores {
        compute::scores(&self.counts, self.labels.names(), self.decoder.scheme, self.ratios)
    }
}

impl Scorer {
    /// Counts a sentence whose words are all annotated, leniently.
    fn count_annotated(
        &mut self,
        tags: impl ExactSizeIterator<Item = (Code, Code)>,
        scratch: &mut Scratch,
    ) {
        self.counts.grow(self.labels.names().len());
        self.counts.walk(tags, scratch);
        self.counts.end_sentence();
    }

    /// Counts the sentence whose codes are in the buffers.
    fn count_codes(&mut self, buffers: &mut Buffers) {
        let Buffers { gold, predicted, gold_spans, predicted_spans, scratch } = buffers;
        if self.decoder.mode == DecodeMode::Lenient
            && !gold.contains(&MISSING)
            && !predicted.contains(&MISSING)
        {
            let tags = gold.iter().copied().zip(predicted.iter().copied());
            self.count_annotated(tags, scratch);
            return;
        }
        let before = self.counts.unannotated_words;
        self.counts.add_tags(gold, predicted);
        let unannotated = self.counts.unannotated_words - before;
        self.counts.tagged_words += gold.len() as u64 - unannotated;
        for code in predicted.iter_mut().filter(|code| **code == MISSING) {
            *code = OUTSIDE;
        }
        self.decoder.decode(gold, &mut self.labels, gold_spans);
        self.decoder.decode(predicted, &mut self.labels, predicted_spans);
        if unannotated > 0 {
            let all = predicted_spans.len();
            predicted_spans
                .retain(|span| !gold[span.start as usize..span.end as usize].contains(&MISSING));
            self.counts.unscored_predictions += (all - predicted_spans.len()) as u64;
        }
        self.count_spans(true, buffers);
    }
}
