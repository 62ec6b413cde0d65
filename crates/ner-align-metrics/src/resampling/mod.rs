//! How sure a score is: bootstrap intervals, and whether one system is better than another.
//!
//! Both work on integer counts of sentences or documents that a [`crate::Scorer`] recorded, so that
//! nothing is decoded or matched again. Results depend on the seed alone, not on the number of
//! threads.
//!
//! ```
//! use ner_align_core::{DecodeMode, Metric, Scheme, Tag};
//! use ner_align_metrics::{Scorer, resampling::Resampling};
//!
//! let per = [Tag::parse("B-PER")?];
//! let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient).recording_units();
//! for sentence in 0..100 {
//!     let predicted = if sentence % 4 == 0 { [Tag::Outside] } else { per.clone() };
//!     scorer.update(&per, &predicted)?;
//! }
//! let intervals = Resampling::new(1).bootstrap(scorer.units())?;
//! assert_eq!(intervals.recall.estimate, Some(0.75));
//! let (low, high) = (intervals.recall.low.unwrap(), intervals.recall.high.unwrap());
//! assert!(0.6 < low && low < 0.7 && 0.8 < high && high < 0.9);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod random;
mod results;
mod units;

use rayon::prelude::*;

pub use results::{Comparison, Difference, Interval, Intervals};
pub(crate) use units::UnitCounts;
pub use units::{ResamplingUnit, Units};

use crate::{Measure, MetricsError};
pub(crate) use random::SplitMix64;
use units::{Packed, check_same_gold, total};

/// Most resamples whose scores fit into memory.
const MAX_RESAMPLES: usize = 10_000_000;

/// Precision, recall and F1, or differences of them.
type Scores = [Option<f64>; 3];

/// How to resample.
///
/// | option | default | range |
/// |---|---|---|
/// | `seed` | given | any |
/// | `resamples` | 10,000 | 1 to 10,000,000 |
/// | `level` | 0.95 | between 0 and 1 |
/// | `unit` | sentence | sentence, document |
/// | `measure` | strict | any, micro-averaged |
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resampling {
    seed: u64,
    resamples: usize,
    level: f64,
    unit: ResamplingUnit,
    measure: Measure,
}

impl Resampling {
    /// 10,000 resamples of sentences, strict measure, level 0.95.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        let (unit, measure) = (ResamplingUnit::Sentence, Measure::Strict);
        Self { seed, resamples: 10_000, level: 0.95, unit, measure }
    }

    /// How many resamples to draw.
    #[must_use]
    pub const fn resamples(mut self, resamples: usize) -> Self {
        self.resamples = resamples;
        self
    }

    /// The share of resamples within the interval.
    #[must_use]
    pub const fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// What to draw.
    #[must_use]
    pub const fn unit(mut self, unit: ResamplingUnit) -> Self {
        self.unit = unit;
        self
    }

    /// What to score.
    #[must_use]
    pub const fn measure(mut self, measure: Measure) -> Self {
        self.measure = measure;
        self
    }

    /// Checks the options, before anything is counted.
    ///
    /// # Errors
    /// [`MetricsError::Option`] for an option out of its range.
    pub fn check(&self) -> Result<(), MetricsError> {
        if !(1..=MAX_RESAMPLES).contains(&self.resamples) {
            let (option, expected) = ("resamples", "a number from 1 to 10000000");
            return Err(MetricsError::Option { option, expected, found: self.resamples as f64 });
        }
        if !(self.level > 0.0 && self.level < 1.0) {
            let (option, expected) = ("level", "a number between 0 and 1");
            return Err(MetricsError::Option { option, expected, found: self.level });
        }
        Ok(())
    }

    /// Draws as many units as there are, with repetition, again and again, and says between which
    /// scores most of the resamples lie.
    ///
    /// # Errors
    /// [`MetricsError::Option`] for an option out of its range, [`MetricsError::UnitsNotRecorded`]
    /// if the scorer did not record the sentences that it counted.
    pub fn bootstrap(&self, units: &Units) -> Result<Intervals, MetricsError> {
        self.check()?;
        let packed = units.packed(self.unit, self.measure)?;
        let estimate = total(&packed).scores();
        let packed: Vec<[Packed; 1]> = packed.into_iter().map(|unit| [unit]).collect();
        let samples = self.resample(&packed, |[sum]| sum.scores());
        let [precision, recall, f1] = self.intervals(estimate, &samples);
        Ok(Intervals {
            measure: self.measure,
            unit: self.unit,
            units: packed.len(),
            resamples: self.resamples,
            level: self.level,
            seed: self.seed,
            precision,
            recall,
            f1,
        })
    }

    /// Compares two systems that were scored on the same sentences.
    ///
    /// # Errors
    /// As [`Resampling::bootstrap`], and [`MetricsError::Shape`] and
    /// [`MetricsError::DifferentGold`] if the units are not the same.
    pub fn compare(&self, first: &Units, second: &Units) -> Result<Comparison, MetricsError> {
        self.check()?;
        let a = first.packed(self.unit, self.measure)?;
        let b = second.packed(self.unit, self.measure)?;
        check_same_gold(&a, &b)?;
        let (total_a, total_b) = (total(&a), total(&b));
        let differing: Vec<(Packed, Packed)> =
            a.iter().zip(&b).filter(|(a, b)| a != b).map(|(a, b)| (*a, *b)).collect();
        let differ = |a: Packed, b: Packed| {
            let (a, b) = (a.scores(), b.scores());
            std::array::from_fn(|i| a[i].zip(b[i]).map(|(a, b)| a - b))
        };
        let observed: Scores = differ(total_a, total_b);

        let exchanged = self.exchanges(&differing, total_a, total_b, differ);
        let pairs: Vec<[Packed; 2]> = a.into_iter().zip(b).map(|(a, b)| [a, b]).collect();
        let samples = self.resample(&pairs, |[a, b]| differ(a, b));
        let intervals = self.intervals(observed, &samples);
        let (scores_a, scores_b) = (total_a.scores(), total_b.scores());
        let [precision, recall, f1] = std::array::from_fn(|i| Difference {
            first: scores_a[i],
            second: scores_b[i],
            difference: intervals[i],
            p_value: observed[i].map(|observed| {
                // Rounding must not make the observed exchange smaller than itself.
                let reached = |d: &Scores| {
                    d[i].is_some_and(|difference| difference.abs() >= observed.abs() - 1e-12)
                };
                let count = exchanged.iter().filter(|d| reached(d)).count();
                (count + 1) as f64 / (self.resamples + 1) as f64
            }),
        });
        Ok(Comparison {
            measure: self.measure,
            unit: self.unit,
            units: pairs.len(),
            differing_units: differing.len(),
            resamples: self.resamples,
            seed: self.seed,
            precision,
            recall,
            f1,
        })
    }

    /// The scores of resamples of `units`, each with the counts of `N` systems.
    fn resample<const N: usize>(
        &self,
        units: &[[Packed; N]],
        scores: impl Fn([Packed; N]) -> Scores + Sync,
    ) -> Vec<Scores> {
        let one = |resample: usize| {
            let mut random = SplitMix64::stream(self.seed, resample as u64);
            let mut sums = [Packed::default(); N];
            let mut add = |draw: usize| {
                for (sum, unit) in sums.iter_mut().zip(&units[draw]) {
                    sum.add(*unit);
                }
            };
            for _ in 0..units.len() / 2 {
                let [first, second] = random.two_below(units.len());
                add(first);
                add(second);
            }
            if units.len() % 2 == 1 {
                add(random.two_below(units.len())[0]);
            }
            scores(sums)
        };
        (0..self.resamples).into_par_iter().map(one).collect()
    }

    /// The differences between the systems when each unit's answers are exchanged or not, by coin.
    fn exchanges(
        &self,
        differing: &[(Packed, Packed)],
        total_a: Packed,
        total_b: Packed,
        differ: impl Fn(Packed, Packed) -> Scores + Sync,
    ) -> Vec<Scores> {
        let one = |resample: usize| {
            let mut random = SplitMix64::stream(!self.seed, resample as u64);
            let (mut sum_a, mut sum_b) = (total_a, total_b);
            for block in differing.chunks(64) {
                let coins = random.next();
                for (bit, (a, b)) in block.iter().enumerate() {
                    if coins >> bit & 1 == 1 {
                        sum_a.remove(*a);
                        sum_a.add(*b);
                        sum_b.remove(*b);
                        sum_b.add(*a);
                    }
                }
            }
            differ(sum_a, sum_b)
        };
        (0..self.resamples).into_par_iter().map(one).collect()
    }

    fn intervals(&self, estimate: Scores, samples: &[Scores]) -> [Interval; 3] {
        std::array::from_fn(|i| {
            let mut values: Vec<f64> = samples.iter().filter_map(|scores| scores[i]).collect();
            values.sort_unstable_by(f64::total_cmp);
            let tail = (1.0 - self.level) / 2.0;
            Interval {
                estimate: estimate[i],
                low: quantile(&values, tail),
                high: quantile(&values, 1.0 - tail),
                standard_error: standard_deviation(&values),
                undefined: samples.len() - values.len(),
            }
        })
    }
}

/// The quantile of sorted values, between two of them by linear interpolation (Hyndman and Fan's
/// type 7).
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let position = share * sorted.len().checked_sub(1)? as f64;
    let (below, part) = (position.floor() as usize, position.fract());
    let low = sorted.get(below)?;
    let high = sorted.get(below + 1).unwrap_or(low);
    Some(low + part * (high - low))
}

fn standard_deviation(values: &[f64]) -> Option<f64> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (count - 1.0)).sqrt())
}
