//! What stands for surfaces that are too long to be kept.

/// Surfaces of more words are kept as numbers that stand for them: nested spans of a long text have a
/// sum of lengths that is the square of the text's.
pub(super) const LONGEST: usize = 1000;

/// The number of no word, which such a surface starts with.
pub(super) const LONG: u32 = u32::MAX;

/// Sums over the words of a document, from which the hash of any stretch follows at once.
#[derive(Default)]
pub(super) struct LongSurfaces {
    /// Of the words before each one.
    sums: Vec<u64>,
    powers: Vec<u64>,
}

impl LongSurfaces {
    /// What stands for these words of a document's own.
    pub(super) fn key(&mut self, own: &[u32], span: std::ops::Range<usize>) -> [u32; 4] {
        const BASE: u64 = 0x9E37_79B9_7F4A_7C15;
        if self.sums.is_empty() {
            let (mut sum, mut power) = (0_u64, 1_u64);
            (self.sums, self.powers) = (vec![sum], vec![power]);
            for &word in own {
                sum = sum.wrapping_mul(BASE).wrapping_add(u64::from(word) + 1);
                power = power.wrapping_mul(BASE);
                self.sums.push(sum);
                self.powers.push(power);
            }
        }
        let get = |list: &[u64], at: usize| list.get(at).copied().unwrap_or_default();
        let length = span.len();
        let before = get(&self.sums, span.start).wrapping_mul(get(&self.powers, length));
        let hash = get(&self.sums, span.end).wrapping_sub(before);
        [LONG, (hash >> 32) as u32, hash as u32, u32::try_from(length).unwrap_or(u32::MAX)]
    }
}
