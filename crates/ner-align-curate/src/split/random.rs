//! Chance that is the same on every machine: ChaCha with 8 rounds, and draws that are our own, so
//! that no other version of a library deals differently.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A stream of draws that its seed determines.
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number below `bound`, all alike but for one part in 2^64 / `bound`; 0 for 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.0.next_u64()) * bound as u128) >> 64) as usize
    }

    /// Puts items into any order, all alike (Fisher and Yates, as Durstenfeld has it).
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_never_change() {
        let mut chance = Chance::new(7);
        let mut items: Vec<usize> = (0..10).collect();
        chance.shuffle(&mut items);
        let draws: Vec<usize> = (0..8).map(|_| chance.below(100)).collect();
        assert_eq!(items, [4, 6, 2, 0, 8, 3, 7, 5, 9, 1]);
        assert_eq!(draws, [98, 20, 38, 52, 25, 42, 52, 30]);
    }

    #[test]
    fn orders_are_alike() {
        let mut chance = Chance::new(1);
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            let mut items = [0, 1, 2];
            chance.shuffle(&mut items);
            counts[items[0] * 2 + usize::from(items[1] > items[2])] += 1;
        }
        assert!(counts.iter().all(|&count| (9_600..10_400).contains(&count)), "{counts:?}");
    }
}
