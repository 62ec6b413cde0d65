//! The sensitivities that are tried, from the most careful one on.

use std::ops::Range;

use super::counting::Counting;
use super::promise::Group;
use crate::sensitivity::Sensitivity;

/// The largest bonus that is tried: beyond it, the odds of a type are multiplied by nine million.
pub(super) const LARGEST: f64 = 16.0;
/// The distance of bonuses that are tried.
const STEP: f64 = 0.125;
/// Bonuses that are tried, 0 not counted.
const STEPS: usize = (LARGEST / STEP) as usize;
/// How often the aims of several groups are corrected by each other.
const SWEEPS: usize = 3;

/// The bonuses of each group, from the largest to none. Those of several groups are lowered together, at the distance
/// that `aims` has.
pub(super) fn path(aims: &[f64]) -> Vec<Vec<f64>> {
    let highest = aims.iter().copied().fold(0.0, f64::max);
    let lowered = |step: usize| {
        let shift = LARGEST - highest - step as f64 * STEP;
        aims.iter().map(|aim| (aim + shift).max(0.0)).collect()
    };
    (0..=STEPS).map(lowered).collect()
}

/// The sensitivity in which each group has its bonus.
pub(super) fn sensitivity(groups: &[Group], bonuses: &[f64]) -> Sensitivity {
    let of_types = groups
        .iter()
        .zip(bonuses)
        .flat_map(|(group, bonus)| group.types.iter().map(|label| (label.clone(), *bonus)));
    of_types.fold(Sensitivity::default(), |all, (label, bonus)| all.with_type(label, bonus))
}

/// The bonus of each group with which its recall is just reached in these documents, if all groups have theirs. What
/// one group gains another may lose.
pub(super) fn aims(counting: &Counting<'_>, groups: &[Group], documents: Range<usize>) -> Vec<f64> {
    let gold: Vec<usize> = sums(&counting.gold(documents.clone()));
    let mut aims = vec![0.0; groups.len()];
    for _ in 0..SWEEPS {
        for (index, group) in groups.iter().enumerate() {
            let allowed = (1.0 - group.target) * gold[index] as f64;
            let is_enough = |step: usize| {
                let mut bonuses = aims.clone();
                bonuses[index] = step as f64 * STEP;
                let missed = counting.missed(documents.clone(), &sensitivity(groups, &bonuses));
                sums(&missed)[index] as f64 <= allowed
            };
            let (mut low, mut high) = (0, STEPS);
            while low < high {
                let middle = usize::midpoint(low, high);
                if is_enough(middle) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            aims[index] = high as f64 * STEP;
        }
    }
    aims
}

/// The sum of each group.
pub(super) fn sums(counts: &[Vec<usize>]) -> Vec<usize> {
    counts.iter().map(|counts| counts.iter().sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bonuses_fall_to_none_and_keep_their_distance() {
        for aims in [vec![0.0], vec![5.0], vec![2.0, 6.5, 0.0]] {
            let path = path(&aims);
            assert_eq!(path.len(), STEPS + 1);
            assert_eq!(path[0].iter().copied().fold(0.0, f64::max), LARGEST);
            assert!(path[STEPS].iter().all(|bonus| *bonus == 0.0));
            for pair in path.windows(2) {
                assert!(pair[0].iter().zip(&pair[1]).all(|(before, after)| before >= after));
            }
            for (first, aim) in path[0].iter().zip(&aims) {
                let distance = path[0][0] - aims[0];
                assert!((first - aim - distance).abs() < 1e-9);
            }
        }
    }
}
