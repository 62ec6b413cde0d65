//! Dropout masks (Srivastava et al. 2014) as bits, from a generator that counts.

/// What probabilities are rounded to a share of.
const SHARES: u32 = 1 << 16;
/// Binary digits of the numbers that are drawn.
const DIGITS: u64 = SHARES.trailing_zeros() as u64;
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
/// Elements of one word of a mask.
pub const PER_WORD: usize = u32::BITS as usize;

/// The dropout of one place in a model.
///
/// A mask follows from seed, row and column alone, so that it is the same on however many threads it
/// is drawn. The probability is rounded to a multiple of 2^-16.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropout {
    seed: u64,
    dropped: u32,
}

impl Dropout {
    /// Drops this share of elements, 0 to 1; `None` if that is none of them. Each place of a model
    /// needs a seed of its own.
    #[must_use]
    pub fn new(seed: u64, share: f64) -> Option<Self> {
        let dropped = (share.clamp(0.0, 1.0) * f64::from(SHARES)).round() as u32;
        (dropped > 0).then(|| Self { seed: mix(seed), dropped })
    }

    /// What an element that stays is multiplied by, so that the mean stays too.
    #[must_use]
    pub fn scale(&self) -> f32 {
        match SHARES - self.dropped {
            0 => 0.0,
            kept => SHARES as f32 / kept as f32,
        }
    }

    /// Draws the mask of one row: a bit for each element, 1 if it stays, the lowest bit first.
    #[inline(always)]
    pub fn draw(&self, row: u64, mask: &mut [u32]) {
        let seed = self.seed_of(row);
        for (round, words) in mask.chunks_mut(2 * TOGETHER).enumerate() {
            let states = std::array::from_fn(|lane| state(seed, round * TOGETHER + lane));
            let bits: [u64; TOGETHER] = keep_groups(states, self.dropped);
            for (at, word) in words.iter_mut().enumerate() {
                *word = (bits[at / 2] >> (at % 2 * PER_WORD)) as u32;
            }
        }
    }

    /// Draws the masks of some rows side by side: `mask[word][lane]` is what [`Dropout::draw`] gives
    /// for `rows[lane]`.
    #[inline(always)]
    pub(crate) fn draw_rows<const LANES: usize>(
        &self,
        rows: [u64; LANES],
        mask: &mut [[u32; LANES]],
    ) {
        let seeds = rows.map(|row| self.seed_of(row));
        for (group, words) in mask.chunks_mut(2).enumerate() {
            let bits = keep_groups(seeds.map(|seed| state(seed, group)), self.dropped);
            let (mut low, mut high) = ([0; LANES], [0; LANES]);
            for lane in 0..LANES {
                low[lane] = bits[lane] as u32;
                high[lane] = (bits[lane] >> PER_WORD) as u32;
            }
            words[0] = low;
            if let Some(word) = words.get_mut(1) {
                *word = high;
            }
        }
    }

    #[inline(always)]
    const fn seed_of(&self, row: u64) -> u64 {
        mix(self.seed ^ row.wrapping_mul(GOLDEN))
    }
}

/// Number of words of a mask for so many elements.
#[must_use]
pub const fn words(elements: usize) -> usize {
    elements.div_ceil(PER_WORD)
}

/// Groups of 64 elements of one row that are drawn side by side.
const TOGETHER: usize = 8;

/// Where the generator of one group of a row starts.
#[inline(always)]
const fn state(seed: u64, group: usize) -> u64 {
    seed.wrapping_add((group as u64).wrapping_mul(GOLDEN.wrapping_mul(DIGITS)))
}

/// A bit for each of 64 elements of each group, 1 with probability `1 - dropped / SHARES`.
///
/// Each element stands for a number of 16 random bits, and is dropped if that is less than
/// `dropped`. The numbers are drawn a digit at a time for all elements together, from the highest
/// down, until each differs from `dropped` in some digit: after about ten of them.
#[inline(always)]
fn keep_groups<const GROUPS: usize>(mut states: [u64; GROUPS], dropped: u32) -> [u64; GROUPS] {
    if dropped >= SHARES {
        return [0; GROUPS];
    }
    let (mut keep, mut open) = ([0; GROUPS], [u64::MAX; GROUPS]);
    for digit in (0..DIGITS).rev() {
        // What has been equal up to here is not less if only zeros follow.
        let undecided = open.iter().fold(0, |any, open| any | open);
        if undecided == 0 || dropped & ((1 << (digit + 1)) - 1) == 0 {
            break;
        }
        // All ones if the digit of `dropped` is 1.
        let one = 0_u64.wrapping_sub(u64::from(dropped >> digit & 1));
        for at in 0..GROUPS {
            let drawn = mix(states[at]);
            states[at] = states[at].wrapping_add(GOLDEN);
            keep[at] |= open[at] & drawn & !one;
            open[at] &= !(drawn ^ one);
        }
    }
    std::array::from_fn(|at| keep[at] | open[at])
}

/// The mixer of SplitMix64 (Steele et al. 2014): neighbouring seeds become distant ones.
#[must_use]
#[inline(always)]
pub const fn mix(mut state: u64) -> u64 {
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_dropped() {
        assert_eq!(Dropout::new(1, 0.0), None);
        for share in [1e-3, 0.1, 0.5, 0.9, 1.0] {
            let dropout = Dropout::new(7, share).unwrap();
            let (mut mask, mut kept) = ([0_u32; 13], 0);
            for row in 0..2_000 {
                dropout.draw(row, &mut mask);
                kept += mask.iter().map(|word| word.count_ones()).sum::<u32>();
            }
            let found = 1.0 - f64::from(kept) / (2_000.0 * 13.0 * 32.0);
            assert!((found - share).abs() < 3e-3, "{share}: {found}");
            let mean = (1.0 - found) as f32 * dropout.scale();
            assert!((mean - if share < 1.0 { 1.0 } else { 0.0 }).abs() < 3e-2, "{share}: {mean}");
        }
    }

    #[test]
    fn masks_follow_from_seed_and_row_alone() {
        let draw = |seed, row| {
            let mut mask = [0; 3];
            Dropout::new(seed, 0.3).unwrap().draw(row, &mut mask);
            mask
        };
        assert_eq!(draw(1, 5), draw(1, 5));
        assert_ne!(draw(1, 5), draw(1, 6));
        assert_ne!(draw(1, 5), draw(2, 5));
    }
}
