//! Counts of single sentences and documents, which is all that resampling needs.

use crate::{Measure, MetricsError};

/// Counts of one sentence or document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct UnitCounts {
    pub(crate) gold: u64,
    pub(crate) predicted: u64,
    /// Twice the credit of strict, exact, partial and type.
    pub(crate) half_credits: [u64; 4],
    pub(crate) gold_words: u64,
    pub(crate) predicted_words: u64,
    pub(crate) correct_words: u64,
}

impl UnitCounts {
    fn add(&mut self, other: &Self) {
        self.gold += other.gold;
        self.predicted += other.predicted;
        for (own, other) in self.half_credits.iter_mut().zip(other.half_credits) {
            *own += other;
        }
        self.gold_words += other.gold_words;
        self.predicted_words += other.predicted_words;
        self.correct_words += other.correct_words;
    }
}

/// What is drawn when a corpus is resampled.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ResamplingUnit {
    /// Sentences. Where sentences of a document resemble each other, intervals are too narrow.
    #[default]
    Sentence,
    /// Documents.
    Document,
}

impl ResamplingUnit {
    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sentence => "sentence",
            Self::Document => "document",
        }
    }
}

/// The counts of each sentence that a [`crate::Scorer`] saw, in its order.
///
/// ```
/// use ner_align_core::{DecodeMode, Metric, Scheme, Tag};
/// use ner_align_metrics::Scorer;
/// let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient).recording_units();
/// scorer.update(&[Tag::Outside], &[Tag::Outside])?;
/// assert_eq!(scorer.units().sentences(), 1);
/// # Ok::<(), ner_align_metrics::MetricsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Units {
    sentences: Vec<UnitCounts>,
    /// Number of sentences before the end of each document.
    ends: Vec<usize>,
    /// Sentences were counted that are not among these.
    incomplete: bool,
}

impl Units {
    /// No sentences.
    pub(crate) const fn new() -> Self {
        Self { sentences: Vec::new(), ends: Vec::new(), incomplete: false }
    }

    /// Those of a scorer that records none.
    pub(crate) const fn not_recorded() -> Self {
        Self { sentences: Vec::new(), ends: Vec::new(), incomplete: true }
    }

    /// Notes that sentences were counted which are not among these.
    pub(crate) const fn miss(&mut self) {
        self.incomplete = true;
    }

    /// Number of sentences.
    #[must_use]
    pub const fn sentences(&self) -> usize {
        self.sentences.len()
    }

    /// Number of documents; sentences after the last end of a document are one more.
    #[must_use]
    pub fn documents(&self) -> usize {
        self.ends.len() + usize::from(self.ends.last().copied().unwrap_or(0) < self.sentences.len())
    }

    /// Bytes that they take.
    pub(crate) fn memory(&self) -> usize {
        self.sentences.capacity() * size_of::<UnitCounts>() + self.ends.capacity() * 8
    }

    pub(crate) fn push(&mut self, counts: UnitCounts) {
        self.sentences.push(counts);
    }

    pub(crate) fn end_document(&mut self) {
        self.ends.push(self.sentences.len());
    }

    pub(crate) fn append(&mut self, other: &Self) {
        let before = self.sentences.len();
        self.sentences.extend_from_slice(&other.sentences);
        self.ends.extend(other.ends.iter().map(|end| before + end));
        self.incomplete |= other.incomplete;
    }

    fn by_document(&self) -> Vec<UnitCounts> {
        let mut start = 0;
        let rest = (self.documents() > self.ends.len()).then_some(self.sentences.len());
        let ends = self.ends.iter().copied().chain(rest);
        let sum = |end: usize| {
            let mut total = UnitCounts::default();
            self.sentences[start..end].iter().for_each(|counts| total.add(counts));
            start = end;
            total
        };
        ends.map(sum).collect()
    }

    /// The counts of one measure.
    pub(super) fn packed(
        &self,
        unit: ResamplingUnit,
        measure: Measure,
    ) -> Result<Vec<Packed>, MetricsError> {
        if self.incomplete {
            return Err(MetricsError::UnitsNotRecorded);
        }
        let pack = |counts: &UnitCounts| Packed::new(counts, measure);
        Ok(match unit {
            ResamplingUnit::Sentence => self.sentences.iter().map(pack).collect(),
            ResamplingUnit::Document => self.by_document().iter().map(pack).collect(),
        })
    }
}

/// Gold, predicted and twice the credit, 42 bits each, so that one addition adds all three and no
/// corpus makes one run over into the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Packed(u128);

const BITS: u32 = 42;

impl Packed {
    fn new(counts: &UnitCounts, measure: Measure) -> Self {
        let [strict, exact, partial, entity_type] = counts.half_credits;
        let entities = |credit| (counts.gold, counts.predicted, credit);
        let (gold, predicted, credit) = match measure {
            Measure::Strict => entities(strict),
            Measure::Exact => entities(exact),
            Measure::Partial => entities(partial),
            Measure::Type => entities(entity_type),
            Measure::Relaxed => {
                (counts.gold_words, counts.predicted_words, 2 * counts.correct_words)
            }
        };
        Self(u128::from(gold) << (2 * BITS) | u128::from(predicted) << BITS | u128::from(credit))
    }

    pub(super) const fn add(&mut self, other: Self) {
        self.0 += other.0;
    }

    /// Takes away what was added before.
    pub(super) const fn remove(&mut self, other: Self) {
        self.0 -= other.0;
    }

    const fn field(self, index: u32) -> u64 {
        ((self.0 >> (index * BITS)) as u64) & ((1 << BITS) - 1)
    }

    pub(super) const fn gold(self) -> u64 {
        self.field(2)
    }

    /// Precision, recall and F1.
    pub(super) fn scores(self) -> [Option<f64>; 3] {
        let (gold, predicted, half_credits) = (self.gold(), self.field(1), self.field(0));
        let divide =
            |twice_whole: u64| (twice_whole > 0).then(|| half_credits as f64 / twice_whole as f64);
        // With one credit on both sides, F1 is twice the credit over all entities.
        let all = gold + predicted;
        [
            divide(2 * predicted),
            divide(2 * gold),
            (all > 0).then(|| half_credits as f64 / all as f64),
        ]
    }
}

/// Sum of all units.
pub(super) fn total(units: &[Packed]) -> Packed {
    let mut total = Packed::default();
    units.iter().for_each(|unit| total.add(*unit));
    total
}

/// That two systems were scored on the same units of the same gold annotation.
pub(super) fn check_same_gold(a: &[Packed], b: &[Packed]) -> Result<(), MetricsError> {
    if a.len() != b.len() {
        return Err(MetricsError::Shape {
            what: "units of the second system",
            expected: vec![a.len()],
            found: vec![b.len()],
        });
    }
    match a.iter().zip(b).position(|(a, b)| a.gold() != b.gold()) {
        Some(unit) => {
            Err(MetricsError::DifferentGold { unit, first: a[unit].gold(), second: b[unit].gold() })
        }
        None => Ok(()),
    }
}
