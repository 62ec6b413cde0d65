//! Groups windows into batches and orders the batches.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// How large batches may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Limit {
    Windows(usize),
    Subtokens(usize),
    Padded(usize),
}

/// How windows are grouped into batches: by number or by subtokens, by similar length or not,
/// shuffled or in order.
///
/// Every window is in exactly one batch. No batch is dropped because it is small, and a window that
/// exceeds the limit gets its own batch. The result depends only on the lengths, the plan and the
/// epoch.
///
/// ```
/// use ner_align_core::BatchPlan;
/// let lengths = [3, 9, 4, 3];
/// assert_eq!(BatchPlan::windows(3).batches(&lengths, 0), [vec![0, 1, 2], vec![3]]);
/// assert_eq!(BatchPlan::subtokens(8).batches(&lengths, 0), [vec![0], vec![1], vec![2, 3]]);
/// let bucketed = BatchPlan::padded_subtokens(9).bucketed();
/// assert_eq!(bucketed.batches(&lengths, 0), [vec![1], vec![2, 0], vec![3]]);
/// let even = BatchPlan::subtokens(99).bucketed().with_little_padding();
/// assert_eq!(even.batches(&[40, 2, 2, 2], 0), [vec![0, 1], vec![2, 3]]);
/// let shuffled = BatchPlan::windows(2).shuffled(42);
/// assert_eq!(shuffled.batches(&lengths, 7), shuffled.batches(&lengths, 7));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BatchPlan {
    limit: Limit,
    bucketed: bool,
    little_padding: bool,
    seed: Option<u64>,
}

impl BatchPlan {
    const fn new(limit: Limit) -> Self {
        Self { limit, bucketed: false, little_padding: false, seed: None }
    }

    /// Batches of this many windows; 0 counts as 1.
    #[must_use]
    pub const fn windows(windows: usize) -> Self {
        Self::new(Limit::Windows(windows))
    }

    /// Batches of at most this many subtokens, special tokens included. This is the cost of a
    /// packed batch.
    #[must_use]
    pub const fn subtokens(subtokens: usize) -> Self {
        Self::new(Limit::Subtokens(subtokens))
    }

    /// Batches of at most this many padded positions: number of windows times the longest window.
    /// This is the cost of a padded batch.
    #[must_use]
    pub const fn padded_subtokens(positions: usize) -> Self {
        Self::new(Limit::Padded(positions))
    }

    /// Puts windows of similar length together. Without shuffling, the longest windows come first,
    /// so that a lack of memory shows at once.
    #[must_use]
    pub const fn bucketed(mut self) -> Self {
        self.bucketed = true;
        self
    }

    /// Ends a batch before the window that would make its padded positions more than twice its
    /// subtokens. Attention computes all of them, even in a packed batch: some long windows among many
    /// short ones cost a multiple of what two batches cost.
    #[must_use]
    pub const fn with_little_padding(mut self) -> Self {
        self.little_padding = true;
        self
    }

    /// Shuffles the windows, differently in each epoch.
    #[must_use]
    pub const fn shuffled(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The batches of one epoch, as indices into `lengths`, the windows' numbers of subtokens.
    #[must_use]
    pub fn batches(&self, lengths: &[usize], epoch: usize) -> Vec<Vec<usize>> {
        let mut random = self.seed.map(|seed| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(epoch as u64);
            random
        });
        let mut order: Vec<usize> = (0..lengths.len()).collect();
        if let Some(random) = &mut random {
            order.shuffle(random);
        }
        // The sorts are stable: windows of one length stay shuffled, or in order.
        match (self.bucketed, &random) {
            (true, Some(_)) => order.sort_by_key(|&window| lengths[window]),
            (true, None) => order.sort_by_key(|&window| std::cmp::Reverse(lengths[window])),
            (false, _) => {}
        }
        let mut batches = self.group(&order, lengths);
        if let Some(random) = random.as_mut().filter(|_| self.bucketed) {
            batches.shuffle(random);
        }
        batches
    }

    fn group(&self, order: &[usize], lengths: &[usize]) -> Vec<Vec<usize>> {
        let mut batches: Vec<Vec<usize>> = Vec::new();
        let (mut sum, mut longest) = (0_usize, 0);
        for &window in order {
            let length = lengths[window];
            let (next_sum, next_longest) = (sum.saturating_add(length), length.max(longest));
            let joins = |batch: &Vec<usize>| {
                let padded = next_longest.saturating_mul(batch.len() + 1);
                let fits = match self.limit {
                    Limit::Windows(limit) => batch.len() < limit,
                    Limit::Subtokens(limit) => next_sum <= limit,
                    Limit::Padded(limit) => padded <= limit,
                };
                fits && (!self.little_padding || padded / 2 <= next_sum)
            };
            match batches.last_mut().filter(|batch| joins(batch)) {
                Some(batch) => {
                    batch.push(window);
                    (sum, longest) = (next_sum, next_longest);
                }
                None => {
                    batches.push(vec![window]);
                    (sum, longest) = (length, length);
                }
            }
        }
        batches
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_window_is_in_one_batch_within_the_limit(
            lengths in prop::collection::vec(1_usize..60, 0..80),
            limit in 0_usize..120,
            bucketed: bool,
            little_padding: bool,
            seed in prop::option::of(any::<u64>()),
        ) {
            for mut plan in [
                BatchPlan::windows(limit),
                BatchPlan::subtokens(limit),
                BatchPlan::padded_subtokens(limit),
            ] {
                plan = if bucketed { plan.bucketed() } else { plan };
                plan = if little_padding { plan.with_little_padding() } else { plan };
                plan = seed.map_or(plan, |seed| plan.shuffled(seed));
                let batches = plan.batches(&lengths, 3);
                prop_assert_eq!(&batches, &plan.batches(&lengths, 3));
                let mut seen = batches.concat();
                seen.sort_unstable();
                prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
                for batch in &batches {
                    let of = |&window: &usize| lengths[window];
                    let size = match plan.limit {
                        Limit::Windows(_) => batch.len(),
                        Limit::Subtokens(_) => batch.iter().map(of).sum(),
                        Limit::Padded(_) => batch.len() * batch.iter().map(of).max().unwrap_or(0),
                    };
                    prop_assert!(batch.len() == 1 || size <= limit, "{:?} {:?}", plan, batch);
                    let longest = batch.iter().map(of).max().unwrap_or(0);
                    let padded = batch.len() * longest / 2;
                    let within = padded <= batch.iter().map(of).sum();
                    prop_assert!(!little_padding || within, "{:?} {:?}", plan, batch);
                }
                if let (Limit::Windows(windows), false) = (plan.limit, little_padding) {
                    prop_assert_eq!(batches.len(), lengths.len().div_ceil(windows.max(1)));
                }
            }
        }
    }

    #[test]
    fn a_budget_that_is_met_exactly_is_kept() {
        // Another tool drops the whole batch here.
        let lengths = [100; 20];
        for plan in [BatchPlan::subtokens(2_000), BatchPlan::padded_subtokens(2_000)] {
            let sizes: Vec<usize> = plan.batches(&lengths, 0).iter().map(Vec::len).collect();
            assert_eq!(sizes, [20], "{plan:?}");
        }
    }

    #[test]
    fn epochs_and_seeds_differ() {
        let lengths = [5; 64];
        let of = |seed, epoch| BatchPlan::windows(8).shuffled(seed).batches(&lengths, epoch);
        assert_ne!(of(1, 0), of(1, 1));
        assert_ne!(of(1, 0), of(2, 0));
    }
}
