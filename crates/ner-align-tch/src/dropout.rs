//! Dropout whose masks cost little.

use std::cell::Cell;

pub(crate) use ner_align_kernels::mix;
use ner_align_kernels::{PER_WORD, words};
use tch::{Device, Tensor};

use crate::error::Result;

/// Dropout of one pass through a model (Srivastava et al. 2014): what is kept is scaled up.
///
/// On a CPU masks come from the generator of `ner-align-kernels`, which draws 64 elements at a time:
/// torch draws a random number an element. They follow from the seed and the order of the calls.
#[derive(Debug)]
pub(crate) struct Dropout {
    /// `None`: nothing is dropped.
    seed: Option<u64>,
    /// Masks drawn so far.
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
        let number = self.drawn.get();
        self.drawn.set(number + 1);
        let seed = self.seed.unwrap_or_default();
        let Some(dropout) = ner_align_kernels::Dropout::new(seed, share) else {
            return Ok(input.f_ones_like()?);
        };
        let mut bits = vec![0; words(input.numel())];
        dropout.draw(number, &mut bits);
        let factor = |at: usize| {
            let stays = bits[at / PER_WORD] >> (at % PER_WORD) & 1 == 1;
            if stays { dropout.scale() } else { 0.0 }
        };
        let factors: Vec<f32> = (0..input.numel()).map(factor).collect();
        Ok(Tensor::f_from_slice(&factors)?.f_view(&*input.size())?.f_to_kind(input.kind())?)
    }
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::*;

    #[test]
    fn the_share_is_dropped_and_the_mean_stays() {
        // So many that the bounds below are two deviations and more away for every share.
        let ones = Tensor::ones([1 << 11, 1 << 11], (Kind::Float, Device::Cpu));
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
    }
}
