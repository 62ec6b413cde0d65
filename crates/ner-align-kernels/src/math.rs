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

/// The share of a normal distribution below `x`, with an absolute error below 3e-7.
#[inline(always)]
pub(crate) fn share_below<I: Isa>(x: f32) -> f32 {
    // Past this the share is 0 or 1 to the last digit.
    const FAR: f32 = 5.3;
    // A quotient of polynomials in the square, fitted to the error function by least squares with
    // weights that follow the largest error.
    const ABOVE: [f32; 6] =
        [0.398_942_23, 0.033_579_968, 4.662_095_6e-3, 1.662_517_3e-4, 6.354_683e-6, 2.309_803_7e-8];
    const BELOW: [f32; 6] =
        [1.0, 0.250_838_52, 0.028_493_777, 1.869_877_9e-3, 7.292_531_5e-5, 1.207_826_5e-6];
    let x = if x < -FAR { -FAR } else { x };
    let x = if x > FAR { FAR } else { x };
    let square = x * x;
    let [above, below] = [ABOVE, BELOW].map(|factors| {
        let [first, second, third, fourth, fifth, sixth] = factors;
        let sum = fma::<I>(sixth, square, fifth);
        let sum = fma::<I>(sum, square, fourth);
        let sum = fma::<I>(sum, square, third);
        let sum = fma::<I>(sum, square, second);
        fma::<I>(sum, square, first)
    });
    let share = fma::<I>(x, above / below, 0.5);
    // Less than the fit is exact to: zero, so that its product with a large number is too.
    if share < 6e-8 { 0.0 } else { share }
}

/// The density of a normal distribution at `x`, with an absolute error below 2e-7.
#[inline(always)]
pub(crate) fn density<I: Isa>(x: f32) -> f32 {
    exp::<I>(-0.5 * x * x) * 0.398_942_3
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
        assert_eq!([-1e9, 1e9].map(share_below::<Fused>), [0.0, 1.0]);
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
            let x = f64::from(at);
            let exact = (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
            for (below, density) in [
                (share_below::<Fused>(at), density::<Fused>(at)),
                (share_below::<Plain>(at), density::<Plain>(at)),
            ] {
                assert!((f64::from(below) - exact_normal(x)).abs() < 3e-7, "{at}: {below}");
                assert!((0.0..=1.0).contains(&below), "{at}: {below}");
                assert!((f64::from(density) - exact).abs() < 2e-7, "{at}");
            }
            assert!((f64::from(tanh::<Fused>(at)) - x.tanh()).abs() < 3e-7, "{at}");
            at += 0.0017;
        }
    }
}
