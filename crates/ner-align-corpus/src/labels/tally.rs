//! What renaming and dropping of entity types came to.

use std::collections::{BTreeMap, BTreeSet};

use ner_align_core::{Finding, Label, Severity};

use super::LabelMap;

/// Labels of the corpus that a finding names; more are left out.
const SHOWN: usize = 10;

/// What a [`LabelMap`] met in the documents that it was applied to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LabelTally {
    /// Entities and other spans that were left out, by the label that was dropped.
    pub dropped: BTreeMap<Label, usize>,
    /// All labels, as they were read.
    met: BTreeSet<Label>,
}

impl LabelTally {
    /// Counts an entity, and gives its new label; `None` if it is left out.
    pub(crate) fn count(&mut self, map: &LabelMap, label: &Label) -> Option<Label> {
        if !self.met.contains(label) {
            self.met.insert(label.clone());
        }
        let new = map.get(label.as_str());
        if new.is_none() {
            *self.dropped.entry(map.renamed(label)).or_default() += 1;
        }
        new
    }

    /// Adds what was met elsewhere.
    pub fn add(&mut self, other: Self) {
        self.met.extend(other.met);
        for (label, count) in other.dropped {
            *self.dropped.entry(label).or_default() += count;
        }
    }

    /// Names of the map that no entity had: a slip of the pen, as a rule.
    #[must_use]
    pub fn unused(&self, map: &LabelMap) -> Option<Finding> {
        let renamed: BTreeSet<Label> = self.met.iter().map(|label| map.renamed(label)).collect();
        let in_map = map.sources().filter(|name| !self.met.contains(*name));
        let in_map = in_map.map(|name| format!("{name:?} of `map`"));
        let in_drop = map.dropped().filter(|name| !renamed.contains(*name));
        let names: Vec<String> =
            in_map.chain(in_drop.map(|name| format!("{name:?} of `drop`"))).collect();
        if names.is_empty() {
            return None;
        }
        let labels: Vec<&str> = self.met.iter().take(SHOWN).map(Label::as_str).collect();
        let labels = match labels.as_slice() {
            [] => "there are no entities".to_owned(),
            _ if self.met.len() > SHOWN => format!("they have {}, …", labels.join(", ")),
            _ => format!("they have {}", labels.join(", ")),
        };
        let names = names.join(", ");
        let message = format!("expected labels that entities have, found {names}; {labels}");
        Some(Finding::new(Severity::Info, "unused-label", message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_counted_and_those_that_never_occur_are_named() {
        let label = |name: &str| Label::new(name).unwrap();
        for (map, drop, met, dropped, unused) in [
            (&[][..], &["LOC"][..], "LOC PER LOC", &[("LOC", 2)][..], None),
            (&["GPE=LOC"], &["LOC"], "GPE LOC PER", &[("LOC", 2)], None),
            (&["GPE=LOC"], &["LOC"], "GPE", &[("LOC", 1)], None),
            (&["PER=LOC"], &["PER"], "PER", &[], Some("\"PER\" of `drop`; they have PER")),
            (
                &["person=PER", "LOC=L"],
                &["loc"],
                "PER LOC",
                &[],
                Some("\"person\" of `map`, \"loc\" of `drop`; they have LOC, PER"),
            ),
            (&[], &["LOC"], "", &[], Some("\"LOC\" of `drop`; there are no entities")),
            (
                &[],
                &["X"],
                "a b c d e f g h i j k",
                &[],
                Some("they have a, b, c, d, e, f, g, h, i, j, …"),
            ),
            (&[], &[], "LOC", &[], None),
        ] {
            let map = LabelMap::parse(map, drop).unwrap();
            let (mut tally, mut half) = (LabelTally::default(), LabelTally::default());
            for (index, name) in met.split_whitespace().enumerate() {
                let tally = if index % 2 == 0 { &mut tally } else { &mut half };
                tally.count(&map, &label(name));
            }
            tally.add(half);
            let expected = dropped.iter().map(|(name, count)| (label(name), *count)).collect();
            assert_eq!(tally.dropped, expected, "{met}");
            let found = tally.unused(&map).map(|finding| finding.message).unwrap_or_default();
            assert_eq!(!found.is_empty(), unused.is_some(), "{met}: {found}");
            assert!(found.ends_with(unused.unwrap_or_default()), "{met}: {found}");
        }
    }
}
