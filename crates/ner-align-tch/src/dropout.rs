//! Dropout whose masks cost little.

use std::cell::Cell;

use rayon::prelude::*;
use tch::{Device, Kind, Tensor};

use crate::error::Result;

/// Dropout of one pass through a model (Srivastava et al. 2014): what is kept is scaled up.
///
/// On the CPU torch draws its masks on one thread, a random number an element, which takes a
/// seventh of a training step of a small BERT. Here an element takes 16 bits of a counter-based
/// generator, on all threads, so that the probability is rounded to a multiple of 2^-16. Masks
/// follow from the seed and the order of the calls, not from the number of threads.
#[derive(Debug)]
pub(crate) struct Dropout {
    /// `None`: nothing is dropped.
    seed: Option<u64>,
    /// Numbers drawn so far, four elements each.
    drawn: Cell<u64>,
}

/// Elements that a thread draws at a time; a multiple of four.
const CHUNK: usize = 1 << 15;

impl Dropout {
    /// For evaluation and prediction.
    pub(crate) const fn off() -> Self {
        Self { seed: None, drawn: Cell::new(0) }
    }

    /// For training.
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self { seed: Some(seed), drawn: Cell::new(0) }
    }

    /// True if this share of elements is dropped, not none.
    pub(crate) fn drops(&self, share: f64) -> bool {
        self.seed.is_some() && share > 0.0
    }

    /// `input` with each element 0 with probability `share`, else scaled so that the mean stays.
    pub(crate) fn apply(&self, input: &Tensor, share: f64) -> Result<Tensor> {
        let Some(seed) = self.seed.filter(|_| share > 0.0) else {
            return Ok(input.shallow_clone());
        };
        if input.device() != Device::Cpu {
            return Ok(input.f_dropout(share, true)?);
        }
        let limit = (share.min(1.0) * 65_536.0).round() as u32;
        let count = input.numel();
        let first = seed.wrapping_add(self.drawn.get().wrapping_mul(GOLDEN));
        self.drawn.set(self.drawn.get() + count.div_ceil(4) as u64);
        let mask = Tensor::f_from_slice(&keep(first, count, limit))?.f_view(&*input.size())?;
        let kept = 1.0 - f64::from(limit) / 65_536.0;
        let scale = if kept > 0.0 { kept.recip() } else { 0.0 };
        let mut mask = mask.f_to_kind(Kind::Float)?;
        Ok(input.f_mul(&mask.f_mul_scalar_(scale)?)?)
    }
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// 1 for each element that stays: whose 16 bits are at least `limit`.
fn keep(first: u64, count: usize, limit: u32) -> Vec<u8> {
    let mut keep = vec![0_u8; count];
    keep.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, elements)| {
        let mut state = first.wrapping_add(((chunk * CHUNK / 4) as u64).wrapping_mul(GOLDEN));
        for four in elements.chunks_mut(4) {
            let mut bits = mix(state);
            state = state.wrapping_add(GOLDEN);
            for element in four {
                *element = u8::from((bits & 0xFFFF) as u32 >= limit);
                bits >>= 16;
            }
        }
    });
    keep
}

/// The mixer of SplitMix64 (Steele et al. 2014).
pub(crate) const fn mix(mut state: u64) -> u64 {
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_dropped_and_the_mean_stays() {
        let ones = Tensor::ones([1 << 10, 1 << 10], (Kind::Float, Device::Cpu));
        for share in [0.0, 0.1, 0.5, 1.0] {
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
        let alone = one_thread.install(|| keep(9, count, 20_000));
        assert_eq!(alone, keep(9, count, 20_000));
        // Chunks go on where the one before stopped.
        assert_eq!(
            alone[CHUNK..CHUNK + 8],
            keep(9_u64.wrapping_add((CHUNK as u64 / 4).wrapping_mul(GOLDEN)), 8, 20_000)[..]
        );
    }
}
