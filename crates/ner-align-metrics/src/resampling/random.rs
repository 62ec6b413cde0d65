//! Random numbers: SplitMix64 (Steele, Lea and Flood 2014), one stream a resample.

/// A generator whose numbers are a function of its seed, on every machine.
#[derive(Debug, Clone)]
pub(crate) struct SplitMix64(u64);

impl SplitMix64 {
    /// The stream `index` of a seed.
    pub(crate) fn stream(seed: u64, index: u64) -> Self {
        let mut seeds = Self(seed);
        let base = seeds.next();
        let mut start = Self(base ^ index.wrapping_mul(0xD1B5_4A32_D192_ED03));
        Self(start.next())
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Two numbers below `bound`, which is less than 2^32; off from uniform by at most
    /// `bound / 2^32`.
    pub(crate) fn two_below(&mut self, bound: usize) -> [usize; 2] {
        let number = self.next();
        let scale = |half: u64| ((half * bound as u64) >> 32) as usize;
        [scale(number >> 32), scale(number & 0xFFFF_FFFF)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_even_and_streams_differ() {
        let mut counts = [0_u32; 7];
        let mut random = SplitMix64::stream(3, 0);
        for _ in 0..70_000 {
            for draw in random.two_below(7) {
                counts[draw] += 1;
            }
        }
        assert!(counts.iter().all(|&count| (19_400..20_600).contains(&count)), "{counts:?}");
        let first = |index| SplitMix64::stream(3, index).next();
        let firsts: std::collections::HashSet<u64> = (0..10_000).map(first).collect();
        assert_eq!(firsts.len(), 10_000);
    }
}
