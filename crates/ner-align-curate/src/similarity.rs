//! Texts that are nearly the same: the sets of their word shingles, and which sets nearly agree.
//!
//! A text is its runs of three words, lower-cased, punctuation left out; two texts are as similar as
//! the Jaccard index of their sets, the share of all their runs that both have (Broder 1997).
//! Candidates are found by prefix filtering (Bayardo, Ma and Srikant 2007): two sets that agree
//! enough share one of their rarest few runs, so only those are indexed, and every candidate is
//! then compared for real. Nothing is random, and no pair is taken for similar that is not.

use rustc_hash::FxHashMap;

/// Words in a run.
const RUN: usize = 3;

/// How many of the texts that share a run are compared at most, the nearest in length first. In
/// crowds of texts from one mould each is still joined to others, and those to the next.
const CROWD: usize = 64;

/// The most entries of the table that separates rare runs from frequent ones.
const MAX_COUNTERS: usize = 1 << 24;

/// What two shares may differ by and still count as equal.
const TOLERANCE: f64 = 1e-9;

/// The runs of three words of a text, as a set of their hashes; of a text of one or two words, the
/// text itself.
///
/// ```
/// use ner_align_curate::similarity::Shingles;
/// let of = |text: &'static str| Shingles::of(text.split(' '));
/// assert_eq!(of("Ada met Charles in London .").len(), 3);
/// assert_eq!(of("ada met charles in london").jaccard(&of("Ada met Charles in London .")), 1.0);
/// // Two of four runs are in both.
/// assert_eq!(of("Ada met Charles in Rome").jaccard(&of("Ada met Charles in London")), 0.5);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Shingles(Box<[u64]>);

impl Shingles {
    /// The set of a text given as its words. Words without a letter or digit are passed over,
    /// unless there are no others.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str, IntoIter: Clone>) -> Self {
        let words = words.into_iter();
        let mut hashes: Vec<u64> = words
            .clone()
            .filter(|word| word.contains(char::is_alphanumeric))
            .map(hash_of_word)
            .collect();
        if hashes.is_empty() {
            hashes = words.map(hash_of_word).collect();
        }
        let mut runs: Vec<u64> = match hashes.len() {
            0 => Vec::new(),
            1..RUN => vec![hash_of_run(&hashes)],
            _ => hashes.windows(RUN).map(hash_of_run).collect(),
        };
        runs.sort_unstable();
        runs.dedup();
        Self(runs.into())
    }

    /// Number of different runs.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// True for a text without words.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The share of the runs of either text that are in both, from 0 to 1; 0 for texts without
    /// words.
    #[must_use]
    pub fn jaccard(&self, other: &Self) -> f64 {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = 0_usize;
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            match a.cmp(b) {
                std::cmp::Ordering::Less => drop(left.next()),
                std::cmp::Ordering::Greater => drop(right.next()),
                std::cmp::Ordering::Equal => {
                    both += 1;
                    left.next();
                    right.next();
                }
            }
        }
        let either = self.len() + other.len() - both;
        if either == 0 { 0.0 } else { both as f64 / either as f64 }
    }
}

/// FNV-1a over the lower-cased word: the same on every machine.
fn hash_of_word(word: &str) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    let mut take = |bytes: &[u8]| {
        for &byte in bytes {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    };
    if word.is_ascii() {
        word.bytes().for_each(|byte| take(&[byte.to_ascii_lowercase()]));
    } else {
        take(word.to_lowercase().as_bytes());
    }
    hash
}

fn hash_of_run(words: &[u64]) -> u64 {
    let mixed = words.iter().fold(words.len() as u64, |hash, word| {
        (hash.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    });
    // Spread over all bits, since tables take the lowest.
    (mixed ^ (mixed >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93) ^ (mixed >> 29)
}

/// Calls `found` with every two texts whose similarity is `threshold` or more: the one that comes
/// first, the other, the similarity. Of texts that are all the same, each is told together with the
/// first of them, which alone is compared with others. Texts without words are similar to none.
///
/// `threshold` lies above 0 and up to 1; below 0.5 the search is slow.
///
/// ```
/// use ner_align_curate::similarity::{Shingles, for_each_similar};
/// let texts = ["a b c d e f g h i j", "x y z", "a b c d e f g h i k", "X Y Z"];
/// let sets: Vec<Shingles> = texts.iter().map(|text| Shingles::of(text.split(' '))).collect();
/// let mut pairs = Vec::new();
/// for_each_similar(&sets, 0.7, |first, second, _| pairs.push((first, second)));
/// assert_eq!(pairs, [(1, 3), (0, 2)]);
/// ```
pub fn for_each_similar(
    texts: &[Shingles],
    threshold: f64,
    mut found: impl FnMut(usize, usize, f64),
) {
    let mut firsts: FxHashMap<&Shingles, usize> = FxHashMap::default();
    let mut distinct: Vec<usize> = Vec::new();
    for (index, text) in texts.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
        match firsts.get(text) {
            Some(&first) => found(first, index, 1.0),
            None => {
                firsts.insert(text, index);
                distinct.push(index);
            }
        }
    }
    drop(firsts);
    if threshold < 1.0 {
        near(texts, distinct, threshold, found);
    }
}

/// The pairs among texts that all differ.
fn near(
    texts: &[Shingles],
    mut distinct: Vec<usize>,
    threshold: f64,
    mut found: impl FnMut(usize, usize, f64),
) {
    let rarity = Rarity::of(distinct.iter().map(|&index| &texts[index]));
    // A set is compared with those before it, which are no larger.
    distinct.sort_by_key(|&index| texts[index].len());
    let mut holders: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    let mut compared_with = vec![usize::MAX; texts.len()];
    let mut prefix = Vec::new();
    for &index in &distinct {
        let text = &texts[index];
        let least = threshold * text.len() as f64 - TOLERANCE;
        rarity.rarest(text, text.len() - least.ceil() as usize + 1, &mut prefix);
        for &run in &prefix {
            let holders = holders.entry(run).or_default();
            for &other in holders.iter().rev().take(CROWD) {
                // Those further back are smaller still.
                if (texts[other].len() as f64) < least {
                    break;
                }
                if std::mem::replace(&mut compared_with[other], index) == index {
                    continue;
                }
                let similarity = text.jaccard(&texts[other]);
                if similarity >= threshold - TOLERANCE {
                    found(other.min(index), other.max(index), similarity);
                }
            }
            holders.push(index);
        }
    }
}

/// About how many texts hold each run. Runs that share a counter look more frequent than they are,
/// which costs time and changes nothing else.
struct Rarity(Vec<u32>);

impl Rarity {
    fn of<'a>(texts: impl Iterator<Item = &'a Shingles> + Clone) -> Self {
        let runs: usize = texts.clone().map(Shingles::len).sum();
        let mut counters = vec![0_u32; runs.next_power_of_two().min(MAX_COUNTERS)];
        let mask = counters.len() - 1;
        for run in texts.flat_map(|text| &text.0) {
            let counter = &mut counters[*run as usize & mask];
            *counter = counter.saturating_add(1);
        }
        Self(counters)
    }

    /// The `count` rarest runs of a text, in an order that is the same in all texts.
    fn rarest(&self, text: &Shingles, count: usize, into: &mut Vec<u64>) {
        let mask = self.0.len() - 1;
        let key = |run: &u64| (self.0[*run as usize & mask], *run);
        into.clear();
        into.extend_from_slice(&text.0);
        if count < into.len() {
            into.select_nth_unstable_by_key(count, key);
            into.truncate(count);
        }
    }
}

/// Puts texts that are similar, or are linked by others that are, into one cluster: for each text
/// the first text of its cluster, itself where it is alone.
///
/// ```
/// use ner_align_curate::similarity::{Shingles, clusters};
/// let texts = ["to be or not to be", "to be, or not", "To be or not to be !"];
/// let sets: Vec<Shingles> = texts.iter().map(|text| Shingles::of(text.split(' '))).collect();
/// assert_eq!(clusters(&sets, 0.8), [0, 1, 0]);
/// ```
#[must_use]
pub fn clusters(texts: &[Shingles], threshold: f64) -> Vec<usize> {
    let mut clusters = Clusters::new(texts.len());
    for_each_similar(texts, threshold, |first, second, _| clusters.join(first, second));
    clusters.firsts()
}

/// Disjoint sets of indices, joined pair by pair.
#[derive(Debug, Clone)]
pub(crate) struct Clusters(Vec<usize>);

impl Clusters {
    pub(crate) fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn first(&mut self, mut index: usize) -> usize {
        while self.0[index] != index {
            // Halves the way for the next one.
            self.0[index] = self.0[self.0[index]];
            index = self.0[index];
        }
        index
    }

    pub(crate) fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        // The smaller index stays the first.
        self.0[a.max(b)] = a.min(b);
    }

    /// The smallest index of each one's set.
    pub(crate) fn firsts(mut self) -> Vec<usize> {
        (0..self.0.len()).map(|index| self.first(index)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_are_as_similar_as_their_runs() {
        let of = |text: &'static str| Shingles::of(text.split_whitespace());
        for (a, b, expected) in [
            ("", "", 0.0),
            ("a", "A", 1.0),
            ("a b", "b a", 0.0),
            ("a , b !", "a b", 1.0),
            ("! ?", "! ?", 1.0),
            ("! ?", "! !", 0.0),
            ("É b c", "é b c", 1.0),
            ("a b c d", "b c d e", 1.0 / 3.0),
            ("a a a a", "a a a", 1.0),
        ] {
            let similarity = of(a).jaccard(&of(b));
            assert!((similarity - expected).abs() < 1e-12, "{a:?} {b:?} {similarity}");
        }
    }

    #[test]
    fn crowds_are_joined_without_comparing_all() {
        let texts: Vec<Shingles> = (0..5_000)
            .map(|number| {
                let text = format!("invoice number {number} is due within ten days of its receipt and no discount is given to anyone at all");
                Shingles::of(text.split(' '))
            })
            .collect();
        let mut compared = 0;
        for_each_similar(&texts, 0.6, |_, _, _| compared += 1);
        assert!(compared < 5_000 * 200, "{compared}");
        assert!(clusters(&texts, 0.6).iter().all(|&first| first == 0));
    }

    proptest! {
        #[test]
        fn every_pair_is_found(
            texts in proptest::collection::vec(proptest::collection::vec("[a-c]", 0..12), 0..30),
            threshold in prop::sample::select(vec![0.3, 0.5, 0.7, 0.75, 0.8, 1.0]),
        ) {
            let sets: Vec<Shingles> =
                texts.iter().map(|words| Shingles::of(words.iter().map(String::as_str))).collect();
            let mut expected = Clusters::new(sets.len());
            let mut pairs = std::collections::BTreeSet::new();
            for first in 0..sets.len() {
                for second in first + 1..sets.len() {
                    let similarity = sets[first].jaccard(&sets[second]);
                    if similarity >= threshold - 1e-9 {
                        expected.join(first, second);
                        pairs.insert((first, second));
                    }
                }
            }
            for_each_similar(&sets, threshold, |first, second, similarity| {
                assert!(pairs.contains(&(first, second)), "{first} {second} {similarity}");
            });
            prop_assert_eq!(clusters(&sets, threshold), expected.firsts());
        }
    }
}
