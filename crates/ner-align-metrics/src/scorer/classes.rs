//! Scoring class ids in memory, without a tag in between.

use ner_align_core::{DecodeMode, IGNORE_INDEX, LabelSet, Metric};
use rayon::prelude::*;

use super::codes::{Code, MISSING, OUTSIDE};
use super::{Buffers, Scorer};
use crate::{MetricsError, Scores, ZeroDivision};

/// Integer types that hold class ids. [`IGNORE_INDEX`] in a signed gold array marks a word that is
/// not to be scored.
pub trait ClassId: Copy + Send + Sync {
    /// The id as the widest of them.
    fn id(self) -> i64;

    /// The id as an index; past the end of any list of classes where it is negative.
    fn index(self) -> usize;

    /// The largest [`ClassId::index`] of a sentence, 0 of none.
    fn largest_index(ids: &[Self]) -> usize;
}

macro_rules! class_id {
    ($($integer:ty as $unsigned:ty),*) => {
        $(impl ClassId for $integer {
            #[inline]
            fn id(self) -> i64 {
                i64::from(self)
            }

            #[inline]
            fn index(self) -> usize {
                self as $unsigned as usize
            }

            #[inline]
            fn largest_index(ids: &[Self]) -> usize {
                // In the type's own width, of which a vector register holds more.
                ids.iter().map(|&id| id as $unsigned).max().unwrap_or(0) as usize
            }
        })*
    };
}
class_id!(u8 as u8, u16 as u16, u32 as u32, i16 as u16, i32 as u32, i64 as u64);

/// A [`Scorer`] of class ids: the way from a model's output to scores with the least between.
///
/// Classes that are no tag (`X`) count as `O` where predicted, and as not annotated in gold.
///
/// ```
/// use ner_align_core::{DecodeMode, Label, LabelSet, Scheme};
/// use ner_align_metrics::ClassScorer;
/// let labels = LabelSet::new(Label::new("PER"), Scheme::Iob2); // O, B-PER, I-PER
/// let mut scorer = ClassScorer::new(&labels, DecodeMode::Lenient);
/// scorer.update(&[1_u8, 2, 0], &[1, 0, 0])?;
/// assert_eq!(scorer.compute().partial().micro.f1, Some(0.5));
/// # Ok::<(), ner_align_metrics::MetricsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ClassScorer {
    scorer: Scorer,
    /// The code of each class.
    codes: Vec<Code>,
    /// No class is anything but a tag.
    all_tags: bool,
}

impl ClassScorer {
    /// A scorer of these classes, whose tags are read leniently or strictly.
    #[must_use]
    pub fn new(labels: &LabelSet, mode: DecodeMode) -> Self {
        let mut scorer = Scorer::new(labels.scheme(), mode);
        let code = |id| labels.tag(id).map_or(MISSING, |tag| scorer.labels.code(tag));
        let codes: Vec<Code> = (0..labels.len()).map(code).collect();
        Self { scorer, all_tags: !codes.contains(&MISSING), codes }
    }

    /// What undefined scores shall be.
    #[must_use]
    pub fn with_zero_division(mut self, policy: ZeroDivision) -> Self {
        self.scorer = self.scorer.with_zero_division(policy);
        self
    }

    /// How much two entities must share to be a pair; see [`Scorer::with_min_overlap`].
    ///
    /// # Errors
    /// [`MetricsError::Option`] if `share` is not between 0 and 1.
    pub fn with_min_overlap(mut self, share: f64) -> Result<Self, MetricsError> {
        self.scorer = self.scorer.with_min_overlap(share)?;
        Ok(self)
    }

    /// Remembers the counts of every sentence; see [`Scorer::recording_units`].
    #[must_use]
    pub fn recording_units(mut self) -> Self {
        self.scorer = self.scorer.recording_units();
        self
    }

    /// Counts one sentence, one class id a word on each side.
    ///
    /// # Errors
    /// [`MetricsError::LengthMismatch`] if the sides differ in length,
    /// [`MetricsError::UnknownClass`] for an id without a class; nothing is counted then.
    pub fn update<T: ClassId>(&mut self, gold: &[T], predicted: &[T]) -> Result<(), MetricsError> {
        if gold.len() != predicted.len() {
            let sentence = self.scorer.counts.sentences;
            let (gold, predicted) = (gold.len(), predicted.len());
            return Err(MetricsError::LengthMismatch { sentence, gold, predicted });
        }
        let mut buffers = std::mem::take(&mut self.scorer.buffers);
        if self.all_tags && self.scorer.decoder.mode == DecodeMode::Lenient {
            let codes = self.codes.as_slice();
            if T::largest_index(gold).max(T::largest_index(predicted)) < codes.len() {
                let code = |id: &T| codes.get(id.index()).copied().unwrap_or(OUTSIDE);
                let tags = gold.iter().map(code).zip(predicted.iter().map(code));
                self.scorer.count_annotated(tags, &mut buffers.scratch);
                self.scorer.buffers = buffers;
                return Ok(());
            }
        }
        let read = self.read(gold, predicted, &mut buffers);
        if read.is_ok() {
            self.scorer.count_codes(&mut buffers);
        }
        self.scorer.buffers = buffers;
        read
    }

    /// Counts many sentences at once on all cores. Sentence `i` has the words
    /// `boundaries[i]..boundaries[i + 1]` of the arrays, as in [`ner_align_core::Batch`].
    ///
    /// # Errors
    /// As [`ClassScorer::update`], and [`MetricsError::Shape`] if the boundaries do not rise or do
    /// not end at the arrays' end. Part of the sentences may have been counted.
    pub fn update_packed<T: ClassId>(
        &mut self,
        gold: &[T],
        predicted: &[T],
        boundaries: &[usize],
    ) -> Result<(), MetricsError> {
        check(gold.len(), predicted.len(), boundaries)?;
        // Large enough that merging does not matter, small enough for every core to have some.
        let sentences = boundaries.len().saturating_sub(1);
        let chunk = sentences.div_ceil(4 * rayon::current_num_threads()).max(64);
        let parts: Vec<Result<Self, MetricsError>> = (0..sentences)
            .step_by(chunk)
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|first| {
                let mut part = self.empty();
                for pair in boundaries[first..(first + chunk + 1).min(boundaries.len())].windows(2)
                {
                    let range = pair[0]..pair[1];
                    part.update(&gold[range.clone()], &predicted[range])?;
                }
                Ok(part)
            })
            .collect();
        for part in parts {
            self.merge(part?);
        }
        Ok(())
    }

    /// Says that a document ends here.
    pub fn end_document(&mut self) {
        self.scorer.end_document();
    }

    /// Adds the counts of another scorer of the same classes.
    pub fn merge(&mut self, other: Self) {
        self.scorer.merge(other.scorer);
    }

    /// The scores so far.
    #[must_use]
    pub fn compute(&self) -> Scores {
        self.scorer.compute()
    }

    /// The scorer of tags with the counts so far, to continue, merge or resample.
    #[must_use]
    pub fn into_scorer(self) -> Scorer {
        self.scorer
    }

    /// The same scorer before its first sentence.
    fn empty(&self) -> Self {
        let mut empty = self.clone();
        empty.scorer.reset();
        empty
    }

    /// Translates classes to codes.
    fn read<T: ClassId>(
        &self,
        gold: &[T],
        predicted: &[T],
        buffers: &mut Buffers,
    ) -> Result<(), MetricsError> {
        let codes = self.codes.as_slice();
        // An id past the end, a negative one included, reads as this and is looked for afterwards.
        const UNKNOWN: Code = Code::MAX;
        let read = |class: &T| {
            usize::try_from(class.id())
                .ok()
                .and_then(|id| codes.get(id))
                .copied()
                .unwrap_or(UNKNOWN)
        };
        buffers.gold.clear();
        buffers.gold.extend(gold.iter().map(read));
        buffers.predicted.clear();
        buffers.predicted.extend(predicted.iter().map(read));
        let unknown = |position: usize, found: i64| {
            Err(MetricsError::UnknownClass { position, found, classes: codes.len() })
        };
        if let Some(position) = buffers.predicted.iter().position(|&code| code == UNKNOWN) {
            return unknown(position, predicted[position].id());
        }
        for (position, code) in buffers.gold.iter_mut().enumerate() {
            if *code == UNKNOWN {
                if gold[position].id() != IGNORE_INDEX {
                    return unknown(position, gold[position].id());
                }
                *code = MISSING;
            }
        }
        Ok(())
    }
}

fn check(gold: usize, predicted: usize, boundaries: &[usize]) -> Result<(), MetricsError> {
    let shape = |what, expected: usize, found: usize| {
        Err(MetricsError::Shape { what, expected: vec![expected], found: vec![found] })
    };
    if gold != predicted {
        return shape("predicted", gold, predicted);
    }
    if boundaries.last().is_some_and(|&end| end != gold) || (boundaries.is_empty() && gold > 0) {
        return shape("last boundary", gold, boundaries.last().copied().unwrap_or(0));
    }
    match boundaries.windows(2).find(|pair| pair[0] > pair[1]) {
        Some(pair) => shape("boundary", pair[0], pair[1]),
        None => Ok(()),
    }
}
