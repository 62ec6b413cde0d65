//! Chance-corrected agreement on words, from integer counts.

use std::collections::BTreeMap;
use std::hash::Hash;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Agreement on words; each score is 1 for full agreement and 0 for that of chance.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WordAgreement {
    /// Number of words that at least two annotated.
    pub words: u64,
    /// Share of pairs of annotations of a word that are equal, every word counted alike.
    pub observed: Option<f64>,
    /// Fleiss' kappa (1971), over the words that all annotated.
    pub fleiss_kappa: Option<f64>,
    /// Krippendorff's alpha for nominal data (2011), over the words that at least two annotated.
    pub krippendorff_alpha: Option<f64>,
    /// Why a score is `None`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub undefined: BTreeMap<String, String>,
}

/// Counts from which the scores follow. `C` is a category.
#[derive(Debug, Clone)]
pub(super) struct WordCounts<C> {
    annotators: usize,
    /// By the number of annotations that a word has.
    by_number: BTreeMap<usize, NumberCounts<C>>,
}

#[derive(Debug, Clone)]
struct NumberCounts<C> {
    words: u64,
    /// Ordered pairs of equal annotations of a word.
    equal_pairs: u64,
    /// Annotations by category.
    categories: FxHashMap<C, u64>,
}

impl<C> Default for NumberCounts<C> {
    fn default() -> Self {
        Self { words: 0, equal_pairs: 0, categories: FxHashMap::default() }
    }
}

impl<C: Hash + Eq + Clone> WordCounts<C> {
    pub(super) const fn new(annotators: usize) -> Self {
        Self { annotators, by_number: BTreeMap::new() }
    }

    /// Counts one word by its annotations, one of each who gave one.
    pub(super) fn add(&mut self, annotations: &[C]) {
        let number = annotations.len();
        if number < 2 {
            return;
        }
        let counts = self.by_number.entry(number).or_default();
        counts.words += 1;
        for (i, annotation) in annotations.iter().enumerate() {
            let equal = annotations[..i].iter().filter(|other| *other == annotation).count();
            counts.equal_pairs += 2 * equal as u64;
            match counts.categories.get_mut(annotation) {
                Some(count) => *count += 1,
                None => {
                    counts.categories.insert(annotation.clone(), 1);
                }
            }
        }
    }

    pub(super) fn scores(&self) -> WordAgreement {
        let words = self.by_number.values().map(|counts| counts.words).sum();
        let observed = |(number, counts): (&usize, &NumberCounts<C>)| {
            counts.equal_pairs as f64 / (number * (number - 1)) as f64
        };
        let equal: f64 = self.by_number.iter().map(observed).sum();
        let mut scores = WordAgreement {
            words,
            observed: (words > 0).then(|| equal / words as f64),
            fleiss_kappa: self.fleiss(),
            krippendorff_alpha: self.krippendorff(),
            undefined: BTreeMap::new(),
        };
        let all = self.by_number.contains_key(&self.annotators);
        let why = |any: bool, none: &str| if any { "one category only" } else { none }.to_owned();
        let two = "no word with two annotations";
        for (name, score, reason) in [
            ("observed", scores.observed, two.to_owned()),
            ("fleiss_kappa", scores.fleiss_kappa, why(all, "no word that all annotated")),
            ("krippendorff_alpha", scores.krippendorff_alpha, why(words > 0, two)),
        ] {
            if score.is_none() {
                scores.undefined.insert(name.to_owned(), reason);
            }
        }
        scores
    }

    fn fleiss(&self) -> Option<f64> {
        let counts = self.by_number.get(&self.annotators)?;
        let annotations = (counts.words as usize * self.annotators) as f64;
        let observed = counts.equal_pairs as f64 / (annotations * (self.annotators - 1) as f64);
        let chance = counts.categories.values().map(|&n| (n as f64 / annotations).powi(2)).sum();
        corrected(observed, chance)
    }

    fn krippendorff(&self) -> Option<f64> {
        let mut totals: FxHashMap<&C, u64> = FxHashMap::default();
        let mut equal = 0.0;
        for (number, counts) in &self.by_number {
            equal += counts.equal_pairs as f64 / (number - 1) as f64;
            for (category, count) in &counts.categories {
                *totals.entry(category).or_default() += count;
            }
        }
        let all = totals.values().sum::<u64>();
        // Integers up to here, so that the order of the map does not matter.
        let squares: u128 = totals.values().map(|&n| u128::from(n) * u128::from(n)).sum();
        let unequal_by_chance = (u128::from(all) * u128::from(all) - squares) as f64;
        (unequal_by_chance > 0.0)
            .then(|| 1.0 - (all - 1) as f64 * (all as f64 - equal) / unequal_by_chance)
    }
}

/// Agreement beyond that of chance, as a share of what is possible; `None` where chance alone makes
/// all agree.
pub(super) fn corrected(observed: f64, chance: f64) -> Option<f64> {
    (chance < 1.0).then(|| (observed - chance) / (1.0 - chance))
}
