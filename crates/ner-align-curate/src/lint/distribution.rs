//! Lengths: how often each occurs.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// How often each length occurs; exact, and as small as there are different lengths.
///
/// ```
/// use ner_align_curate::lint::Distribution;
/// let lengths: Distribution = (1..=100).collect();
/// assert_eq!((lengths.quantile(0.5), lengths.quantile(0.9)), (Some(50), Some(90)));
/// assert_eq!((lengths.mean(), lengths.max()), (Some(50.5), Some(100)));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distribution {
    /// Lengths and how often each came, by length. Lengths that differ are few, since they add up to the corpus.
    counts: Vec<(usize, usize)>,
    count: usize,
    sum: usize,
}

impl Distribution {
    /// Counts one length.
    pub fn add(&mut self, length: usize) {
        self.add_many(length, 1);
        self.count += 1;
        self.sum += length;
    }

    fn add_many(&mut self, length: usize, count: usize) {
        let at = self.counts.partition_point(|(known, _)| *known < length);
        match self.counts.get_mut(at) {
            Some((known, total)) if *known == length => *total += count,
            _ => {
                // Most labels have one or two lengths, and there may be very many labels.
                if self.counts.len() < 2 {
                    self.counts.reserve_exact(1);
                }
                self.counts.insert(at, (length, count));
            }
        }
    }

    /// Number of lengths counted.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Sum of all lengths.
    #[must_use]
    pub const fn sum(&self) -> usize {
        self.sum
    }

    /// The mean, if any length was counted.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The shortest.
    #[must_use]
    pub fn min(&self) -> Option<usize> {
        self.counts.first().map(|(length, _)| *length)
    }

    /// The longest.
    #[must_use]
    pub fn max(&self) -> Option<usize> {
        self.counts.last().map(|(length, _)| *length)
    }

    /// The smallest length that is at least as long as this share of all, from 0 to 1.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<usize> {
        let wanted = (share * self.count as f64).ceil().max(1.0);
        let mut seen = 0;
        self.counts.iter().find_map(|(length, count)| {
            seen += count;
            (seen as f64 >= wanted).then_some(*length)
        })
    }

    /// Number of lengths above `length`.
    #[must_use]
    pub fn above(&self, length: usize) -> usize {
        let from = self.counts.partition_point(|(known, _)| *known <= length);
        self.counts.iter().skip(from).map(|(_, count)| count).sum()
    }

    /// Takes in what another one counted.
    pub fn merge(&mut self, other: &Self) {
        for (length, count) in &other.counts {
            self.add_many(*length, *count);
        }
        self.count += other.count;
        self.sum += other.sum;
    }
}

impl FromIterator<usize> for Distribution {
    fn from_iter<T: IntoIterator<Item = usize>>(lengths: T) -> Self {
        let mut distribution = Self::default();
        lengths.into_iter().for_each(|length| distribution.add(length));
        distribution
    }
}

impl Serialize for Distribution {
    /// `count`, `mean`, `min`, quantiles, `max`; `null` where nothing was counted.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("count", &self.count)?;
        map.serialize_entry("mean", &self.mean())?;
        map.serialize_entry("min", &self.min())?;
        for (name, share) in
            [("p25", 0.25), ("median", 0.5), ("p75", 0.75), ("p90", 0.9), ("p99", 0.99)]
        {
            map.serialize_entry(name, &self.quantile(share))?;
        }
        map.serialize_entry("max", &self.max())?;
        map.end()
    }
}
