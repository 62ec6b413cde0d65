//! Labels by how often they occur.

use std::collections::BTreeMap;

use ner_align_core::Label;

use crate::text::shorten;

/// Labels that are named; more are only counted.
const SHOWN: usize = 10;

/// Labels with their counts, the most frequent first, as text: the first ten, and how many more there are.
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
    let more = labels.len().saturating_sub(SHOWN);
    let shown = labels.into_iter().take(SHOWN);
    let shown = shown.map(|(label, count)| format!("{} {count}", shorten(label.as_str())));
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if more > 0 {
        let s = if more == 1 { "" } else { "s" };
        text += &format!(" and {more} more label{s}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_labels_is_counted() {
        let counts = |labels: usize| {
            let label = |number| Some((Label::new(&format!("L{number:02}"))?, 100 - number));
            by_frequency(&(0..labels).filter_map(label).collect())
        };
        let ten = "L00 100, L01 99, L02 98, L03 97, L04 96, L05 95, L06 94, L07 93, L08 92, L09 91";
        assert_eq!(counts(10), ten);
        assert_eq!(counts(11), format!("{ten} and 1 more label"));
        assert_eq!(counts(90), format!("{ten} and 80 more labels"));
        let long = Label::new(&"L".repeat(1_000_000)).into_iter().map(|label| (label, 1));
        assert_eq!(by_frequency(&long.collect()), format!("{}… 1", "L".repeat(60)));
    }
}
