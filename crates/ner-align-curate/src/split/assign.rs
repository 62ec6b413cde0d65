//! Groups of units to parts.

use std::collections::BTreeSet;

use super::SplitOptions;
use super::random::Chance;

/// Units that stay together.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    pub(super) units: Vec<usize>,
    /// How many entities of each label they have, by the number of the label.
    pub(super) entities: Vec<(u32, usize)>,
}

impl Group {
    /// Makes one entry of all those of a label.
    pub(super) fn sum_up(&mut self) {
        self.entities.sort_unstable();
        self.entities.dedup_by(|next, known| {
            let is_same = next.0 == known.0;
            if is_same {
                known.1 += next.1;
            }
            is_same
        });
    }
}

/// Gives each group a part; `None` is what the last of `targets` counts, units that no part gets.
pub(super) fn assign(
    groups: &[Group],
    targets: &[usize],
    parts: usize,
    options: &SplitOptions,
) -> Vec<Option<usize>> {
    let mut chance = Chance::new(options.seed);
    let mut order: Vec<usize> = (0..groups.len()).collect();
    chance.shuffle(&mut order);
    // What is hard to place goes first. The sort is stable: equal sizes stay in random order.
    order.sort_by_key(|&group| std::cmp::Reverse(groups[group].units.len()));
    let mut dealer = Dealer {
        groups,
        room: targets.iter().map(|&target| target as i64).collect(),
        part_of: vec![usize::MAX; groups.len()],
        empty: (0..parts).collect(),
        left: groups.len(),
        chance,
    };
    if options.stratify {
        stratify(&mut dealer, &order, targets);
    }
    for &group in &order {
        if dealer.part_of[group] == usize::MAX {
            let part = dealer.any_part(group);
            dealer.deal(group, part);
        }
    }
    dealer.part_of.into_iter().map(|part| (part < parts).then_some(part)).collect()
}

/// Deals groups out, and knows how much room is left.
struct Dealer<'a> {
    groups: &'a [Group],
    /// Units that each part still lacks; below 0 if it was given too many.
    room: Vec<i64>,
    part_of: Vec<usize>,
    /// Parts that have nothing.
    empty: Vec<usize>,
    /// Groups that have no part.
    left: usize,
    chance: Chance,
}

impl Dealer<'_> {
    /// The parts that a group may go to: those with room for it; if there are none, the one with
    /// most; and where only as many groups are left as parts are empty, one of these.
    fn open_parts(&self, group: usize) -> Vec<usize> {
        if self.left <= self.empty.len() {
            return self.empty.clone();
        }
        let size = self.groups[group].units.len() as i64;
        let open: Vec<usize> =
            (0..self.room.len()).filter(|&part| self.room[part] >= size).collect();
        if open.is_empty() {
            return (0..self.room.len())
                .rev()
                .max_by_key(|&part| self.room[part])
                .into_iter()
                .collect();
        }
        open
    }

    /// Any part that is open, the likelier the more room it has: what single units are dealt by is
    /// then a draw from all ways to deal them.
    fn any_part(&mut self, group: usize) -> usize {
        let open = self.open_parts(group);
        let room = |part: usize| self.room[part].max(1) as usize;
        let mut draw = self.chance.below(open.iter().map(|&part| room(part)).sum());
        for &part in &open {
            match draw.checked_sub(room(part)) {
                Some(rest) => draw = rest,
                None => return part,
            }
        }
        0
    }

    fn deal(&mut self, group: usize, part: usize) {
        self.part_of[group] = part;
        self.room[part] -= self.groups[group].units.len() as i64;
        self.empty.retain(|&empty| empty != part);
        self.left -= 1;
    }
}

/// Deals out all groups with entities: those of the type that has fewest left first, each to the
/// open part that lacks most of the type, then most units.
fn stratify(dealer: &mut Dealer<'_>, order: &[usize], targets: &[usize]) {
    let groups = dealer.groups;
    let numbers = groups.iter().flat_map(|group| &group.entities).map(|(label, _)| *label as usize);
    let labels = numbers.max().map_or(0, |last| last + 1);
    let mut left = vec![0; labels];
    let mut holders: Vec<Vec<usize>> = vec![Vec::new(); labels];
    for &group in order {
        for &(label, count) in &groups[group].entities {
            left[label as usize] += count;
            holders[label as usize].push(group);
        }
    }
    let units: usize = targets.iter().sum();
    // Of each label a row, with what each target lacks.
    let share = |count: usize, target: usize| count as f64 * target as f64 / units as f64;
    let mut lacking: Vec<f64> = left
        .iter()
        .flat_map(|&count| targets.iter().map(move |&target| share(count, target)))
        .collect();
    // Rarest first, so that each step costs no look at all labels.
    let mut queue: BTreeSet<(usize, usize)> =
        left.iter().enumerate().map(|(label, &count)| (count, label)).collect();
    while let Some((_, label)) = queue.pop_first() {
        for group in std::mem::take(&mut holders[label]) {
            if dealer.part_of[group] != usize::MAX {
                continue;
            }
            let open = dealer.open_parts(group);
            let lacks = |part: usize| lacking[label * targets.len() + part];
            let best = open.iter().copied().max_by(|&a, &b| {
                let by_room = || dealer.room[a].cmp(&dealer.room[b]);
                lacks(a).total_cmp(&lacks(b)).then_with(by_room)
            });
            let alike: Vec<usize> = open
                .into_iter()
                .filter(|&part| {
                    best.is_some_and(|best| {
                        lacks(part).total_cmp(&lacks(best)).is_eq()
                            && dealer.room[part] == dealer.room[best]
                    })
                })
                .collect();
            let part = alike[dealer.chance.below(alike.len())];
            dealer.deal(group, part);
            for &(label, count) in &groups[group].entities {
                let label = label as usize;
                lacking[label * targets.len() + part] -= count as f64;
                // Those that had their turn are no longer in the queue.
                if queue.remove(&(left[label], label)) {
                    left[label] -= count;
                    queue.insert((left[label], label));
                }
            }
        }
    }
}
