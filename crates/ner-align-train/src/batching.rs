//! Which windows share a batch, and in which order batches come.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::Batching;

/// How large a batch may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchSize {
    /// This many windows; only one batch of an epoch may be smaller.
    Windows(usize),
    /// At most this many subtokens; one window always fits.
    Subtokens(usize),
}

/// Indices of the windows of each batch of one epoch. Every window is in exactly one batch.
///
/// The order depends on `lengths`, the settings, `seed` and `epoch` alone, so that an epoch can be
/// repeated.
#[must_use]
pub fn batches(
    lengths: &[usize],
    size: BatchSize,
    batching: Batching,
    seed: u64,
    epoch: usize,
) -> Vec<Vec<usize>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(epoch as u64);
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.shuffle(&mut rng);
    if batching == Batching::Bucketed {
        // The sort is stable, so windows of one length stay shuffled among themselves.
        order.sort_by_key(|&window| lengths[window]);
    }
    let mut batches: Vec<Vec<usize>> = match size {
        BatchSize::Windows(windows) => {
            order.chunks(windows.max(1)).map(<[usize]>::to_vec).collect()
        }
        BatchSize::Subtokens(subtokens) => within(order, lengths, subtokens),
    };
    if batching == Batching::Bucketed {
        batches.shuffle(&mut rng);
    }
    batches
}

/// Indices of the windows of each batch of an evaluation: by length, longest first, so that running
/// out of memory happens at once, and at most `subtokens` in a batch unless one window has more.
#[must_use]
pub fn evaluation_batches(lengths: &[usize], subtokens: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&window| std::cmp::Reverse(lengths[window]));
    within(order, lengths, subtokens)
}

/// Runs of windows with at most `subtokens` each, unless one window alone has more.
fn within(order: Vec<usize>, lengths: &[usize], subtokens: usize) -> Vec<Vec<usize>> {
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut used = usize::MAX;
    for window in order {
        let length = lengths[window];
        match batches.last_mut().filter(|_| used.saturating_add(length) <= subtokens) {
            Some(batch) => {
                batch.push(window);
                used += length;
            }
            None => {
                batches.push(vec![window]);
                used = length;
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_window_is_in_one_batch(
            lengths in prop::collection::vec(1_usize..60, 0..80), size in 1_usize..9, seed: u64,
        ) {
            let all: Vec<usize> = (0..lengths.len()).collect();
            for batching in [Batching::Random, Batching::Bucketed] {
                for limit in [BatchSize::Windows(size), BatchSize::Subtokens(10 * size)] {
                    let made = batches(&lengths, limit, batching, seed, 3);
                    prop_assert_eq!(&made, &batches(&lengths, limit, batching, seed, 3));
                    let mut seen = made.concat();
                    seen.sort_unstable();
                    prop_assert_eq!(&seen, &all);
                    if limit == BatchSize::Windows(size) {
                        prop_assert_eq!(made.len(), lengths.len().div_ceil(size));
                    }
                }
            }
            let made = evaluation_batches(&lengths, 50);
            for batch in &made {
                let total: usize = batch.iter().map(|&window| lengths[window]).sum();
                prop_assert!(batch.len() == 1 || total <= 50);
            }
            let mut seen = made.concat();
            seen.sort_unstable();
            prop_assert_eq!(seen, all);
        }
    }

    #[test]
    fn epochs_and_seeds_differ() {
        let lengths = vec![5; 64];
        let of =
            |seed, epoch| batches(&lengths, BatchSize::Windows(8), Batching::Random, seed, epoch);
        assert_ne!(of(1, 0), of(1, 1));
        assert_ne!(of(1, 0), of(2, 0));
    }
}
