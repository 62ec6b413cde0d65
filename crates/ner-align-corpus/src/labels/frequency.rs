//! Labels by how often they occur.

use std::collections::BTreeMap;

use ner_align_core::Label;

/// Labels with their counts, the most frequent first, as text.
///
/// ```
/// # use ner_align_core::Label;
/// # use ner_align_corpus::by_frequency;
/// let counts = [("LOC", 1), ("PER", 3)].map(|(name, count)| (Label::new(name).unwrap(), count));
/// assert_eq!(by_frequency(&counts.into()), "PER 3, LOC 1");
/// ```
#[must_use]
pub fn by_frequency(counts: &BTreeMap<Label, usize>) -> String {
    let mut labels: Vec<_> = counts.iter().collect();
    labels.sort_by_key(|(label, count)| (std::cmp::Reverse(**count), *label));
    let labels = labels.into_iter().map(|(label, count)| format!("{label} {count}"));
    labels.collect::<Vec<_>>().join(", ")
}
