//! The types that activations are kept in. All arithmetic is in f32.

/// A number as it is kept in memory.
pub trait Element: Copy + Send + Sync + 'static {
    /// Zero.
    const ZERO: Self;

    /// The number.
    fn to_f32(self) -> f32;

    /// The nearest number that the type has; of two equally near the even one.
    fn from_f32(value: f32) -> Self;
}

impl Element for f32 {
    const ZERO: Self = 0.0;

    #[inline(always)]
    fn to_f32(self) -> f32 {
        self
    }

    #[inline(always)]
    fn from_f32(value: f32) -> f32 {
        value
    }
}

/// A bfloat16: the upper half of an f32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(transparent)]
pub struct Bf16(pub u16);

impl Element for Bf16 {
    const ZERO: Self = Self(0);

    #[inline(always)]
    fn to_f32(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 16)
    }

    #[inline(always)]
    fn from_f32(value: f32) -> Self {
        let bits = value.to_bits();
        let rounded = bits.wrapping_add(0x7FFF + ((bits >> 16) & 1)) >> 16;
        // Rounding would carry some of the numbers that are none into zero.
        let quiet = (bits >> 16) | 0x40;
        let is_nan = bits & 0x7FFF_FFFF > 0x7F80_0000;
        Self(if is_nan { quiet } else { rounded } as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_the_nearest_even() {
        for (value, bits) in [
            (0.0, 0x0000),
            (-0.0, 0x8000),
            (1.0, 0x3F80),
            (1.0 + 1.0 / 256.0, 0x3F80),
            (1.0 + 3.0 / 256.0, 0x3F82),
            (1.0 + 1.001 / 256.0, 0x3F81),
            (f32::MAX, 0x7F80),
            (f32::INFINITY, 0x7F80),
            (f32::NEG_INFINITY, 0xFF80),
        ] {
            assert_eq!(Bf16::from_f32(value).0, bits, "{value}");
        }
        for bits in [0x7F80_0001, 0x7FFF_FFFF, 0xFFFF_FFFF, 0x7FC0_0000] {
            assert!(Bf16::from_f32(f32::from_bits(bits)).to_f32().is_nan(), "{bits:x}");
        }
        for bits in 0..=u16::MAX {
            let value = Bf16(bits).to_f32();
            assert!(value.is_nan() || Bf16::from_f32(value) == Bf16(bits), "{bits:x}");
        }
    }
}
