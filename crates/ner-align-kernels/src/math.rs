//! Exponential and error function, as polynomials that a compiler can make vectors of.

use crate::isa::{Isa, fma};

/// `e^x` with a relative error below 3e-7; 0 below -87, and the largest power above 88.
#[inline(always)]
pub(crate) fn exp<I: Isa>(x: f32) -> f32 {
    // Adding this number leaves the nearest whole one in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    let shifted = fma::<I>(x, std::f32::consts::LOG2_E, ROUND);
    let power = shifted - ROUND;
    // ln 2 in two parts, so that the rest is exact.
    let rest = fma::<I>(power, -0.693_359_4, x);
    let rest = fma::<I>(power, 2.121_944_4e-4, rest);
    // Cephes, `expf`.
    let p = fma::<I>(1.987_569_1e-4, rest, 1.398_2e-3);
    let p = fma::<I>(p, rest, 8.333_452e-3);
    let p = fma::<I>(p, rest, 4.166_579_6e-2);
    let p = fma::<I>(p, rest, 1.666_666_5e-1);
    let p = fma::<I>(p, rest, 0.5);
    let value = fma::<I>(p, rest * rest, rest + 1.0);
    f32::from_bits(value.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// The share of a normal distribution below `x`, and its density there.
///
/// Absolute error below 4e-7 (Abramowitz and Stegun 1964, 7.1.26).
#[inline(always)]
pub(crate) fn normal<I: Isa>(x: f32) -> (f32, f32) {
    let size = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let bell = exp::<I>(-size * size);
    let t = 1.0 / fma::<I>(0.327_591_1, size, 1.0);
    let p = fma::<I>(1.061_405_4, t, -1.453_152_1);
    let p = fma::<I>(p, t, 1.421_413_8);
    let p = fma::<I>(p, t, -0.284_496_72);
    let p = fma::<I>(p, t, 0.254_829_6);
    let tail = 0.5 * p * t * bell;
    let below = if x < 0.0 { tail } else { 1.0 - tail };
    (below, bell * 0.398_942_3)
}

/// Hyperbolic tangent.
#[inline(always)]
pub(crate) fn tanh<I: Isa>(x: f32) -> f32 {
    let power = exp::<I>(-2.0 * x.abs());
    let value = (1.0 - power) / (1.0 + power);
    if x < 0.0 { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::{Fused, Plain};

    /// The share below `x` by a sum that converges everywhere.
    fn exact_normal(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for n in 1..400 {
            term *= x * x / f64::from(2 * n + 1);
            sum += term;
        }
        0.5 + sum * (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt()
    }

    #[test]
    fn functions_are_close_to_exact_ones() {
        let mut at = -90.0_f32;
        while at < 88.0 {
            let exact = f64::from(at).exp();
            for found in [exp::<Fused>(at), exp::<Plain>(at)] {
                let error = (f64::from(found) - exact).abs() / exact;
                assert!(error < 3e-7 || at < -87.0, "exp {at}: {error}");
            }
            at += 0.013;
        }
        assert!(exp::<Fused>(f32::NEG_INFINITY) < 2e-38);
        assert!(exp::<Fused>(1e9).is_finite());
        let mut at = -8.0_f32;
        while at < 8.0 {
            let (below, density) = normal::<Fused>(at);
            let x = f64::from(at);
            assert!((f64::from(below) - exact_normal(x)).abs() < 4e-7, "{at}");
            let exact = (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
            assert!((f64::from(density) - exact).abs() < 2e-7, "{at}");
            assert!((f64::from(tanh::<Fused>(at)) - x.tanh()).abs() < 3e-7, "{at}");
            at += 0.0017;
        }
    }
}
