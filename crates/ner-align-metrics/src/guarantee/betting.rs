//! Whether a mean is below a number, by betting that it is not above.

use std::ops::RangeInclusive;

/// The largest share of the capital that a value can cost.
const LARGEST_STAKE: f64 = 0.75;
/// More values than these are not asked for.
const MOST_VALUES: usize = 1 << 22;

/// The p-value of the hypothesis that the mean of what these values are drawn from is `mean` or more: 0 to 1.
/// All values are within `range`, and `mean` is within it too; where that is not so, and without values, it is 1.
/// Values are independent, or at least in a random order.
///
/// A gambler who starts with a capital of 1 bets on each value to be low, before it is seen. If the hypothesis
/// is true, his capital does not grow on average, and exceeds 1/p with a probability of at most p (Ville 1939),
/// so that one over the highest capital is a p-value, at any number of values and without an approximation. The
/// bets are those of Waudby-Smith and Ramdas ("Estimating means of bounded random variables by betting", 2024,
/// the predictable plug-in for a fixed number of values): the less the values so far varied, the higher. `level`
/// tunes them for a decision at that level, and any level gives a valid p-value.
///
/// ```
/// use ner_align_metrics::guarantee::betting_p_value;
/// // Is the share of misses below 0.1? Of 200, 6 are misses.
/// let misses: Vec<f64> = (0..200).map(|i| f64::from(u8::from(i % 33 == 20))).collect();
/// assert!(betting_p_value(&misses, 0.0..=1.0, 0.1, 0.01) < 0.01);
/// assert!(betting_p_value(&misses, 0.0..=1.0, 0.03, 0.01) > 0.2);
/// assert!(betting_p_value(&misses[..20], 0.0..=1.0, 0.1, 0.01) > 0.1);
/// ```
#[must_use]
pub fn betting_p_value(values: &[f64], range: RangeInclusive<f64>, mean: f64, level: f64) -> f64 {
    p_value(values.iter().copied(), values.len(), range, mean, level)
}

/// The smallest number of values, taken from `values` in their order and again from the start, whose p-value
/// reaches the level: so many are needed if further ones are as good as these. `None` if four million are not
/// enough.
///
/// ```
/// use ner_align_metrics::guarantee::fewest_values;
/// // Without a single miss, a share below 0.05 shows after this many.
/// assert_eq!(fewest_values(&[0.0], 0.0..=1.0, 0.05, 0.01), Some(120));
/// assert_eq!(fewest_values(&[0.05], 0.0..=1.0, 0.05, 0.01), None);
/// ```
#[must_use]
pub fn fewest_values(
    values: &[f64],
    range: RangeInclusive<f64>,
    mean: f64,
    level: f64,
) -> Option<usize> {
    let enough = |count: usize| {
        let repeated = values.iter().copied().cycle().take(count);
        p_value(repeated, count, range.clone(), mean, level) <= level
    };
    let mut high = 1;
    while !enough(high) {
        high *= 2;
        if high > MOST_VALUES {
            return None;
        }
    }
    let mut low = high / 2;
    while low + 1 < high {
        let middle = usize::midpoint(low, high);
        if enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

fn p_value(
    values: impl Iterator<Item = f64>,
    count: usize,
    range: RangeInclusive<f64>,
    mean: f64,
    level: f64,
) -> f64 {
    let (low, high) = range.into_inner();
    let width = high - low;
    // Everything from 0 to 1.
    let mean = (mean - low) / width;
    // Also refuses what is no number.
    if !(width.is_finite() && width > 0.0 && mean > 0.0 && mean < 1.0 && level > 0.0 && level < 1.0)
    {
        return 1.0;
    }
    let largest = LARGEST_STAKE / (1.0 - mean);
    let aim = 2.0 * level.recip().ln() / count as f64;
    // One value of ½ with a variance of ¼ is taken to come before the first.
    let (mut sum, mut spread, mut seen) = (0.5, 0.25, 1.0);
    // Logarithms of the capital, which starts with 1.
    let (mut capital, mut highest) = (0.0_f64, 0.0_f64);
    for value in values {
        let value = (value - low) / width;
        // Rounding may push a value at an edge past it.
        if !(value > -1e-9 && value < 1.0 + 1e-9) {
            return 1.0;
        }
        let bet = (aim * seen / spread).sqrt().min(largest);
        capital += (-bet * (value - mean)).ln_1p();
        highest = highest.max(capital);
        sum += value;
        seen += 1.0;
        spread += (value - sum / seen).powi(2);
    }
    (-highest).exp()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Numbers from 0 to 1 (SplitMix64).
    fn random(mut state: u64) -> impl Iterator<Item = f64> {
        std::iter::repeat_with(move || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        })
    }

    /// Where the hypothesis is true, it is rejected no more often than the level says.
    #[test]
    fn a_true_hypothesis_is_rarely_rejected() {
        const DRAWS: usize = 4000;
        for (share, count) in [(0.05, 200), (0.01, 300), (0.3, 60)] {
            for level in [0.01, 0.1] {
                let mut numbers = random(7);
                let rejected = (0..DRAWS)
                    .filter(|_| {
                        let draw = numbers.by_ref().take(count);
                        let values: Vec<f64> =
                            draw.map(|number| f64::from(u8::from(number < share))).collect();
                        betting_p_value(&values, 0.0..=1.0, share, level) <= level
                    })
                    .count();
                let allowed = level + 3.0 * (level * (1.0 - level) / DRAWS as f64).sqrt();
                let found = rejected as f64 / DRAWS as f64;
                assert!(found <= allowed, "{share} {count} {level}: {found}");
            }
        }
    }

    /// The same means are told apart with fewer values where these vary less.
    #[test]
    fn it_adapts_to_the_variance() {
        let values: Vec<f64> = (0..400).map(|index| f64::from(index % 2)).collect();
        let calm: Vec<f64> = values.iter().map(|value| 0.5 + (value - 0.5) / 10.0).collect();
        let [wild, calm] =
            [&values, &calm].map(|values| betting_p_value(values, 0.0..=1.0, 0.55, 0.01));
        assert!(calm < wild * 1e-3, "{calm} {wild}");
    }

    #[test]
    fn what_is_out_of_range_rejects_nothing() {
        for (values, mean, level) in [
            (vec![0.0, 1.5], 0.5, 0.01),
            (vec![0.0, f64::NAN], 0.5, 0.01),
            (vec![0.0; 1000], 0.0, 0.01),
            (vec![0.0; 1000], 1.0, 0.01),
            (vec![0.0; 1000], f64::NAN, 0.01),
            (vec![0.0; 1000], 0.5, 0.0),
            (Vec::new(), 0.5, 0.01),
        ] {
            assert_eq!(betting_p_value(&values, 0.0..=1.0, mean, level), 1.0, "{values:?} {mean}");
        }
        assert_eq!(fewest_values(&[], 0.0..=1.0, 0.5, 0.01), None);
    }

    proptest! {
        #[test]
        fn units_do_not_matter(
            values in prop::collection::vec(0.0_f64..=1.0, 1..60),
            mean in 0.01_f64..0.99,
            shift in -5.0_f64..5.0,
            scale in 0.1_f64..9.0,
        ) {
            let moved: Vec<f64> = values.iter().map(|value| shift + scale * value).collect();
            let own = betting_p_value(&values, 0.0..=1.0, mean, 0.05);
            let other =
                betting_p_value(&moved, shift..=shift + scale, shift + scale * mean, 0.05);
            prop_assert!((own - other).abs() < 1e-6, "{own} {other}");
            prop_assert!(own > 0.0 && own <= 1.0);
        }

        /// A higher mean is easier to reject, value by value.
        #[test]
        fn a_higher_mean_has_a_lower_p_value(
            values in prop::collection::vec(0.0_f64..=1.0, 1..60),
            mean in 0.01_f64..0.9,
        ) {
            let [near, far] = [mean, mean + 0.09]
                .map(|mean| betting_p_value(&values, 0.0..=1.0, mean, 0.05));
            prop_assert!(far <= near + 1e-9, "{far} {near}");
        }

        #[test]
        fn the_fewest_values_are_enough_and_one_less_is_not(
            value in 0.0_f64..0.04,
            mean in 0.05_f64..0.5,
        ) {
            let Some(count) = fewest_values(&[value], 0.0..=1.0, mean, 0.01) else { return Ok(()) };
            let p_value = |count| betting_p_value(&vec![value; count], 0.0..=1.0, mean, 0.01);
            prop_assert!(p_value(count) <= 0.01);
            prop_assert!(count == 1 || p_value(count - 1) > 0.01);
        }
    }
}
