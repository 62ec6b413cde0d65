//! Dropout whose masks cost little.

use std::cell::Cell;

use rayon::prelude::*;
use tch::{Device, Tensor};

use crate::error::Result;

/// Dropout of one pass through a model (Srivastava et al. 2014): what is kept is scaled up.
///
/// On the CPU torch draws its masks on one thread, a random number an element, which takes a
/// seventh of a training step of a small BERT. Here they come from a counter-based generator, for 64
/// elements at a time, on all threads; the probability is rounded to a multiple of 2^-16. Masks
/// follow from the seed and the order of the calls, not from the number of threads.
#[derive(Debug)]
pub(crate) struct Dropout {
    /// `None`: nothing is dropped.
    seed: Option<u64>,
    /// Groups of elements drawn so far.
    drawn: Cell<u64>,
}

/// A place of an encoder where something is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    Embeddings,
    /// The weights of attention in this layer.
    Attention(usize),
    /// The branch of attention.
    AfterAttention(usize),
    /// The branch of the perceptron.
    Output(usize),
}

/// The dropout of one pass for code that draws masks of rows by itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Masks {
    seed: Option<u64>,
}

impl Masks {
    /// For evaluation and prediction.
    pub(crate) const fn off() -> Self {
        Self { seed: None }
    }

    /// What drops this share at this place; `None` if nothing does.
    pub(crate) fn at(self, site: Site, share: f64) -> Option<ner_align_kernels::Dropout> {
        let number = match site {
            Site::Embeddings => 0,
            Site::Attention(layer) => 3 * layer as u64 + 1,
            Site::AfterAttention(layer) => 3 * layer as u64 + 2,
            Site::Output(layer) => 3 * layer as u64 + 3,
        };
        let seed = self.seed?.wrapping_add(mix(number + 1));
        ner_align_kernels::Dropout::new(seed, share)
    }
}

/// Elements that are drawn together, one a bit.
const GROUP: usize = u64::BITS as usize;
/// Elements that a thread draws at a time.
const CHUNK: usize = 512 * GROUP;

impl Dropout {
    /// For evaluation and prediction.
    pub(crate) const fn off() -> Self {
        Self { seed: None, drawn: Cell::new(0) }
    }

    /// For training.
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self { seed: Some(seed), drawn: Cell::new(0) }
    }

    /// The same for code that draws masks of rows by itself.
    pub(crate) const fn masks(&self) -> Masks {
        Masks { seed: self.seed }
    }

    /// True if this share of elements is dropped, not none.
    pub(crate) fn drops(&self, share: f64) -> bool {
        self.seed.is_some() && share > 0.0
    }

    /// `input` with each element 0 with probability `share`, else scaled so that the mean stays.
    pub(crate) fn apply(&self, input: &Tensor, share: f64) -> Result<Tensor> {
        if !self.drops(share) {
            return Ok(input.shallow_clone());
        }
        if input.device() != Device::Cpu {
            return Ok(input.f_dropout(share, true)?);
        }
        Ok(input.f_mul(&self.mask(input, share)?)?)
    }

    /// The same, added to `residual`.
    pub(crate) fn add(&self, residual: &Tensor, input: &Tensor, share: f64) -> Result<Tensor> {
        if self.drops(share) && input.device() == Device::Cpu {
            return Ok(residual.f_addcmul(input, &self.mask(input, share)?)?);
        }
        Ok(self.apply(input, share)?.f_add(residual)?)
    }

    /// What the elements of `input` are multiplied by: 0, or a number that keeps the mean.
    fn mask(&self, input: &Tensor, share: f64) -> Result<Tensor> {
        let dropped = (share.clamp(0.0, 1.0) * f64::from(SHARES)).round() as u32;
        let count = input.numel();
        let first = self.drawn.get();
        self.drawn.set(first + count.div_ceil(GROUP) as u64);
        let seed = self.seed.unwrap_or_default();
        let keep =
            Tensor::f_from_slice(&keep(seed, first, count, dropped))?.f_view(&*input.size())?;
        let kept = 1.0 - f64::from(dropped) / f64::from(SHARES);
        let scale = if kept > 0.0 { kept.recip() } else { 0.0 };
        Ok(keep.f_to_kind(input.kind())?.f_mul_scalar_(scale)?)
    }
}

/// What probabilities are rounded to a share of.
const SHARES: u32 = 1 << 16;
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// 1 for each element that stays, out of the groups from `first` on; `dropped` of [`SHARES`] do
/// not.
fn keep(seed: u64, first: u64, count: usize, dropped: u32) -> Vec<u8> {
    let mut keep = vec![0_u8; count];
    keep.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, elements)| {
        let groups = first + (chunk * (CHUNK / GROUP)) as u64..;
        for (group, elements) in groups.zip(elements.chunks_mut(GROUP)) {
            let bits = keep_group(seed, group, dropped);
            for (eight, bits) in elements.chunks_mut(8).zip(bits.to_le_bytes()) {
                let spread = SPREAD[usize::from(bits)].to_le_bytes();
                eight.copy_from_slice(&spread[..eight.len()]);
            }
        }
    });
    keep
}

/// A bit for each of 64 elements, 1 with probability `1 - dropped / SHARES`.
///
/// Each element stands for a number of 16 random bits, and is dropped if that is less than
/// `dropped`. The numbers are drawn a digit at a time for all elements together, from the highest
/// down, until each differs from `dropped` in some digit: after about seven of them.
fn keep_group(seed: u64, group: u64, dropped: u32) -> u64 {
    if dropped >= SHARES {
        return 0;
    }
    let (mut keep, mut open) = (0, u64::MAX);
    let mut state = seed.wrapping_add(group.wrapping_mul(GOLDEN.wrapping_mul(DIGITS)));
    for digit in (0..DIGITS).rev() {
        // What has been equal up to here is not less if only zeros follow.
        if open == 0 || dropped & ((1 << (digit + 1)) - 1) == 0 {
            break;
        }
        let drawn = mix(state);
        state = state.wrapping_add(GOLDEN);
        if dropped >> digit & 1 == 1 {
            open &= drawn;
        } else {
            keep |= open & drawn;
            open &= !drawn;
        }
    }
    keep | open
}

/// Binary digits of the numbers that are drawn.
const DIGITS: u64 = SHARES.trailing_zeros() as u64;

/// For each byte its bits as bytes, the lowest first.
const SPREAD: [u64; 256] = {
    let mut spread = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < 8 {
            spread[byte] |= ((byte as u64 >> bit) & 1) << (8 * bit);
            bit += 1;
        }
        byte += 1;
    }
    spread
};

/// The mixer of SplitMix64 (Steele et al. 2014).
pub(crate) const fn mix(mut state: u64) -> u64 {
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::*;

    #[test]
    fn the_share_is_dropped_and_the_mean_stays() {
        let ones = Tensor::ones([1 << 10, 1 << 10], (Kind::Float, Device::Cpu));
        for share in [0.0, 1e-4, 0.1, 0.5, 0.9, 1.0] {
            let dropped = Dropout::seeded(7).apply(&ones, share).unwrap();
            let zeros = 1.0 - dropped.count_nonzero(None).double_value(&[]) / ones.numel() as f64;
            assert!((zeros - share).abs() < 2e-3, "{share}: {zeros}");
            let mean = dropped.mean(Kind::Double).double_value(&[]);
            assert!((mean - if share < 1.0 { 1.0 } else { 0.0 }).abs() < 3e-3, "{share}: {mean}");
        }
        assert_eq!(Dropout::off().apply(&ones, 0.5).unwrap(), ones);
    }

    #[test]
    fn masks_follow_from_seed_and_order_alone() {
        let ones = Tensor::ones([3, 7], (Kind::Float, Device::Cpu));
        let draw = |seed| {
            let dropout = Dropout::seeded(seed);
            [dropout.apply(&ones, 0.3).unwrap(), dropout.apply(&ones, 0.3).unwrap()]
        };
        let first = draw(1);
        assert_ne!(first[0], first[1]);
        assert_eq!(draw(1), first);
        assert_ne!(draw(2), first);

        let count = 5 * CHUNK + 3;
        let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let alone = one_thread.install(|| keep(9, 40, count, 20_000));
        assert_eq!(alone, keep(9, 40, count, 20_000));
        // Chunks go on where the one before stopped.
        assert_eq!(alone[CHUNK..CHUNK + 8], keep(9, 40 + 512, 8, 20_000)[..]);
        // Each element of a group has a number of its own.
        let dropped = (0..64).map(|group| keep_group(3, group, 20_000).count_zeros()).sum::<u32>();
        let expected = f64::from(64 * 64) * 20_000.0 / 65_536.0;
        assert!((f64::from(dropped) - expected).abs() < 150.0, "{dropped} for {expected}");
    }
}
