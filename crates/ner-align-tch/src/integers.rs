//! Matrices as 8-bit integers, with a scale for each row (Jacob et al. 2018).

use tch::{Kind, Tensor};

use crate::error::Result;

/// The largest integer of a matrix.
const LARGEST: f64 = 127.0;

/// A matrix `[outputs, inputs]` as integers of the same shape and a scale for each output, `[outputs]`,
/// f32: a number is about its integer times its row's scale. What comes of that product is rounded to
/// the same integers.
pub(crate) fn to_integers(matrix: &Tensor) -> Result<(Tensor, Tensor)> {
    let matrix = matrix.f_to_kind(Kind::Float)?;
    let largest = matrix.f_abs()?.f_amax([1_i64].as_slice(), true)?;
    let scales = largest.f_div_scalar(LARGEST)?.f_clamp_min(f64::from(f32::MIN_POSITIVE))?;
    let integers = matrix.f_div(&scales)?.f_round()?.f_clamp(-LARGEST, LARGEST)?;
    let integers = integers.f_to_kind(Kind::Int8)?.f_contiguous()?;
    Ok((integers, scales.f_view([-1])?.f_contiguous()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_rounded_is_rounded_to_the_same_integers() {
        tch::manual_seed(7);
        let options = (Kind::Float, tch::Device::Cpu);
        for scale in [1e-30, 1e-3, 1.0, 1e30] {
            let matrix = Tensor::randn([50, 33], options) * scale;
            let _ = matrix.get(3).zero_();
            let (integers, scales) = to_integers(&matrix).unwrap();
            let product = &integers * scales.unsqueeze(1);
            let worst = (&product - &matrix).abs() / scales.unsqueeze(1);
            assert!(worst.max().double_value(&[]) < 0.51, "{scale}");
            let (again, _) = to_integers(&product).unwrap();
            assert_eq!(again, integers, "{scale}");
        }
    }
}
