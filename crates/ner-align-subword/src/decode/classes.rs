//! Classes by prefix and type, and which of them stand beside each other.

use std::collections::HashMap;

use ndarray::{Array1, ArrayView1};
use ner_align_core::{Label, LabelSet, Prefix, Tag};

/// `O`, and the prefixes.
const KINDS: [Option<Prefix>; 5] =
    [None, Some(Prefix::Begin), Some(Prefix::Inside), Some(Prefix::End), Some(Prefix::Single)];

/// The kind of `O`.
const OUTSIDE: usize = 0;

/// The classes that a word can have, by their kind (an index of [`KINDS`]) and their type.
#[derive(Debug, Clone)]
pub(super) struct Classes {
    /// Kind and type of each class; `None` for what no word can have.
    places: Vec<Option<(usize, usize)>>,
    /// The class of each type and kind. `O` has a type of its own, the last.
    by_type: Vec<[Option<usize>; KINDS.len()]>,
}

impl Classes {
    pub(super) fn new(labels: &LabelSet) -> Self {
        let types = labels.types();
        let of_outside = types.len();
        let index: HashMap<&Label, usize> = types.iter().zip(0..).collect();
        let mut places = vec![None; labels.len()];
        let mut by_type = vec![[None; KINDS.len()]; types.len() + 1];
        for class in super::word_classes(labels) {
            let Some(tag) = labels.tag(class) else { continue };
            let kind = KINDS.iter().position(|kind| *kind == tag.prefix()).unwrap_or(OUTSIDE);
            let of_type = tag.label().and_then(|label| index.get(label).copied());
            let of_type = of_type.unwrap_or(of_outside);
            if let Some(place) = places.get_mut(class) {
                *place = Some((kind, of_type));
            }
            if let Some(classes) = by_type.get_mut(of_type) {
                classes[kind].get_or_insert(class);
            }
        }
        Self { places, by_type }
    }

    /// Number of classes, those that no word can have included.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The kind of a class that a word can have.
    pub(super) fn kind(&self, class: usize) -> Option<usize> {
        Some(self.places.get(class).copied()??.0)
    }

    /// The classes that a word can have, in order, with their kind and type.
    fn of_words(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        let place = |(class, place): (usize, &Option<(usize, usize)>)| {
            place.map(|(kind, of_type)| (class, kind, of_type))
        };
        self.places.iter().enumerate().filter_map(place)
    }
}

/// Pairs of classes that follow each other, which only their kinds and whether their types are the same decide: so
/// it is in every scheme. A sum over all pairs then needs one step a class and not one a pair.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pairs {
    /// For two classes of one type, `[from][to]`.
    same: [[bool; KINDS.len()]; KINDS.len()],
    /// For two of different types.
    other: [[bool; KINDS.len()]; KINDS.len()],
}

/// Where a class has its neighbours: before it or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

impl Pairs {
    /// The pairs for which this holds.
    pub(super) fn new(holds: impl Fn(&Tag, &Tag) -> bool) -> Self {
        let tag = |kind: usize, label: &str| match (KINDS[kind], Label::new(label)) {
            (Some(prefix), Some(label)) => Tag::Entity { prefix, label },
            _ => Tag::Outside,
        };
        let table = |second: &str| {
            let row = |from| std::array::from_fn(|to| holds(&tag(from, "A"), &tag(to, second)));
            std::array::from_fn(row)
        };
        Self { same: table("A"), other: table("B") }
    }

    /// True if the pair holds.
    pub(super) fn holds(&self, classes: &Classes, from: usize, to: usize) -> bool {
        let place = |class: usize| classes.places.get(class).copied().flatten();
        let (Some(from), Some(to)) = (place(from), place(to)) else { return false };
        if from.1 == to.1 { self.same[from.0][to.0] } else { self.other[from.0][to.0] }
    }

    /// For classes of a kind: if classes of another kind hold beside them, where their types are the same and where
    /// they differ.
    fn beside(&self, side: Side, kind: usize, neighbour: usize) -> (bool, bool) {
        match side {
            Side::Before => (self.same[neighbour][kind], self.other[neighbour][kind]),
            Side::After => (self.same[kind][neighbour], self.other[kind][neighbour]),
        }
    }

    /// The classes that may stand before classes of each kind, whatever their types, in order; and for each class those
    /// that must be of its type, in order.
    pub(super) fn before(&self, classes: &Classes) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
        let any = (0..KINDS.len()).map(|kind| {
            let holds = |&(_, neighbour, _): &(usize, usize, usize)| self.other[neighbour][kind];
            classes.of_words().filter(holds).map(|(class, ..)| class).collect()
        });
        let mut own = vec![Vec::new(); classes.len()];
        for (class, kind, of_type) in classes.of_words() {
            let of_own = classes.by_type[of_type].iter().enumerate();
            let must = of_own.filter(|(neighbour, _)| {
                self.beside(Side::Before, kind, *neighbour) == (true, false)
            });
            own[class] = must.filter_map(|(_, class)| *class).collect();
            own[class].sort_unstable();
        }
        (any.collect(), own)
    }

    /// For each class the sum of the values of the classes that hold on this side of it.
    pub(super) fn sums(
        &self,
        classes: &Classes,
        side: Side,
        values: ArrayView1<'_, f64>,
    ) -> Array1<f64> {
        let mut totals = [0.0; KINDS.len()];
        for (class, kind, _) in classes.of_words() {
            totals[kind] += values[class];
        }
        let mut sums = Array1::zeros(classes.len());
        for (class, kind, of_type) in classes.of_words() {
            let own = &classes.by_type[of_type];
            sums[class] = (0..KINDS.len())
                .map(|neighbour| {
                    let same = || own[neighbour].map_or(0.0, |class| values[class]);
                    match self.beside(side, kind, neighbour) {
                        (true, true) => totals[neighbour],
                        (true, false) => same(),
                        (false, true) => (totals[neighbour] - same()).max(0.0),
                        (false, false) => 0.0,
                    }
                })
                .sum();
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use ner_align_core::Scheme;

    use super::*;

    /// Every pair of every scheme, one by one.
    #[test]
    fn pairs_and_their_sums_are_those_of_the_scheme() {
        let types = ["A", "B", "C"].map(|name| Label::new(name).unwrap());
        for scheme in Scheme::ALL {
            let labels = LabelSet::new(types.clone(), scheme);
            let classes = Classes::new(&labels);
            let pairs = Pairs::new(|from, to| scheme.is_legal(Some(from), Some(to)));
            let legal = |from, to| scheme.is_legal(labels.tag(from), labels.tag(to));
            let values = Array1::from_shape_fn(labels.len(), |class| 1.0 + class as f64);
            let [before, after] =
                [Side::Before, Side::After].map(|side| pairs.sums(&classes, side, values.view()));
            let (any, own) = pairs.before(&classes);
            for here in 0..labels.len() {
                let sum = |holds: &dyn Fn(usize) -> bool| {
                    (0..labels.len()).filter(|&class| holds(class)).map(|c| values[c]).sum::<f64>()
                };
                assert_eq!(before[here], sum(&|class| legal(class, here)), "{scheme} {here}");
                assert_eq!(after[here], sum(&|class| legal(here, class)), "{scheme} {here}");
                let mut listed = any[classes.kind(here).unwrap()].clone();
                listed.extend(&own[here]);
                listed.sort_unstable();
                let expected: Vec<usize> =
                    (0..labels.len()).filter(|&class| legal(class, here)).collect();
                assert_eq!(listed, expected, "{scheme} {here}");
                for to in 0..labels.len() {
                    assert_eq!(pairs.holds(&classes, here, to), legal(here, to), "{scheme}");
                }
            }
        }
    }
}
