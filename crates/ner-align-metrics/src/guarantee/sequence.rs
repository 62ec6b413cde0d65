//! Several hypotheses in an order that was fixed before.

/// The number of hypotheses that are rejected before the first one that is not, at this level: their p-values
/// are looked at in order, and no further than needed.
///
/// The probability that any of those is true is at most the level, however many there are, if their order does
/// not depend on the data of the p-values (Maurer, Hothorn and Lehmacher 1995). A p-value that is no number
/// rejects nothing.
///
/// ```
/// use ner_align_metrics::guarantee::fixed_sequence;
/// assert_eq!(fixed_sequence([0.001, 0.009, 0.04, 0.002], 0.01), 2);
/// assert_eq!(fixed_sequence([0.2, 0.001], 0.01), 0);
/// ```
#[must_use]
pub fn fixed_sequence(p_values: impl IntoIterator<Item = f64>, level: f64) -> usize {
    p_values.into_iter().take_while(|p_value| *p_value <= level).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_looked_at_behind_the_first_that_stays() {
        let mut seen = 0;
        let p_values = [0.0, 0.01, 0.5, 0.0].into_iter().inspect(|_| seen += 1);
        assert_eq!((fixed_sequence(p_values, 0.01), seen), (2, 3));
        assert_eq!(fixed_sequence([f64::NAN, 0.0], 0.01), 0);
        assert_eq!(fixed_sequence([], 0.01), 0);
    }
}
