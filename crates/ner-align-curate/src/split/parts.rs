//! The parts that a corpus is cut into, and how many units each shall have.

use std::str::FromStr;

use ner_align_corpus::{CorpusError, ErrorKind};

/// The parts that a corpus is cut into.
///
/// ```
/// use ner_align_curate::split::Parts;
/// assert_eq!("8:1:1".parse::<Parts>()?, Parts::Ratio(vec![8.0, 1.0, 1.0]));
/// assert_eq!(Parts::counts("rest:100:100")?, Parts::Counts(vec![None, Some(100), Some(100)]));
/// assert!("8:0".parse::<Parts>().is_err());
/// # Ok::<(), ner_align_corpus::CorpusError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Parts {
    /// In this ratio; only the proportions count, so that 8:1:1 is 0.8:0.1:0.1.
    Ratio(Vec<f64>),
    /// With these numbers of units; at most one is `None`, the rest.
    Counts(Vec<Option<usize>>),
    /// This many parts of one size, each of which is tested once while the others train.
    Folds(usize),
}

impl FromStr for Parts {
    type Err = CorpusError;

    /// Reads a ratio such as `8:1:1`.
    fn from_str(ratio: &str) -> Result<Self, CorpusError> {
        let shares: Option<Vec<f64>> = ratio
            .split(':')
            .map(|share| {
                let share: f64 = share.trim().parse().ok()?;
                // Larger ones would say nothing more, and their sum would not be a number.
                (share > 0.0 && share <= 1e15).then_some(share)
            })
            .collect();
        match shares {
            Some(shares) if shares.len() > 1 => Ok(Self::Ratio(shares)),
            _ => Err(usage("two or more numbers above 0, parted by colons", ratio)
                .with_hint("write a ratio such as 8:1:1")),
        }
    }
}

impl Parts {
    /// Reads numbers of units such as `800:100:100`, or `rest:100:100`.
    ///
    /// # Errors
    /// Fewer than two parts, a part that is no number or 0, two that are the rest.
    pub fn counts(counts: &str) -> Result<Self, CorpusError> {
        let read = |count: &str| match count.trim() {
            "rest" => Some(None),
            count => count.parse::<usize>().ok().filter(|&count| count > 0).map(Some),
        };
        let counts_read: Option<Vec<Option<usize>>> = counts.split(':').map(read).collect();
        match counts_read {
            Some(counts)
                if counts.len() > 1 && counts.iter().filter(|c| c.is_none()).count() < 2 =>
            {
                Ok(Self::Counts(counts))
            }
            _ => Err(usage("two or more whole numbers above 0, parted by colons", counts)
                .with_hint("write numbers such as 800:100:100, one of them may be `rest`")),
        }
    }

    /// Cross-validation with this many folds.
    ///
    /// # Errors
    /// Fewer than two folds.
    pub fn folds(folds: usize) -> Result<Self, CorpusError> {
        if folds < 2 {
            return Err(usage("two or more folds", &folds.to_string())
                .with_hint("each fold is tested by what the others teach"));
        }
        Ok(Self::Folds(folds))
    }

    /// Number of parts.
    #[must_use]
    pub(super) const fn len(&self) -> usize {
        match self {
            Self::Ratio(shares) => shares.len(),
            Self::Counts(counts) => counts.len(),
            Self::Folds(folds) => *folds,
        }
    }

    /// How many of `units` units each part gets, and at the end how many none gets. No part gets
    /// none where there are enough.
    pub(super) fn targets(&self, units: usize) -> Result<Vec<usize>, CorpusError> {
        let shares = match self {
            Self::Counts(counts) => return counted(counts, units),
            Self::Ratio(shares) => shares.clone(),
            Self::Folds(folds) => vec![1.0; *folds],
        };
        // The largest remainders are rounded up.
        let sum: f64 = shares.iter().sum();
        let exact: Vec<f64> = shares.iter().map(|share| share / sum * units as f64).collect();
        let mut targets: Vec<usize> = exact.iter().map(|exact| exact.floor() as usize).collect();
        let mut order: Vec<usize> = (0..shares.len()).collect();
        order.sort_by(|&a, &b| (exact[b].fract()).total_cmp(&exact[a].fract()));
        let given: usize = targets.iter().sum();
        for &part in order.iter().cycle().take(units.saturating_sub(given)) {
            targets[part] += 1;
        }
        for part in 0..targets.len() {
            let largest = (0..targets.len()).max_by_key(|&part| targets[part]);
            if let Some(largest) = largest
                && targets[part] == 0
                && targets[largest] > 1
            {
                targets[largest] -= 1;
                targets[part] = 1;
            }
        }
        targets.push(0);
        Ok(targets)
    }
}

fn counted(counts: &[Option<usize>], units: usize) -> Result<Vec<usize>, CorpusError> {
    let sum = counts.iter().flatten().fold(0_usize, |sum, count| sum.saturating_add(*count));
    let has_rest = counts.iter().any(Option::is_none);
    if sum.saturating_add(usize::from(has_rest)) > units {
        let expected = format!("at least {sum} units{}", if has_rest { " and a rest" } else { "" });
        return Err(CorpusError::input("too-few-units", expected, format!("{units} units"))
            .with_hint("ask for fewer, or cut by ratio"));
    }
    let rest = units - sum;
    let mut targets: Vec<usize> = counts.iter().map(|count| count.unwrap_or(rest)).collect();
    targets.push(if has_rest { 0 } else { rest });
    Ok(targets)
}

fn usage(expected: &str, found: &str) -> CorpusError {
    CorpusError::new(ErrorKind::Usage, "split-parts", expected, format!("{found:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_large_as_asked() {
        for (parts, units, expected) in [
            ("8:1:1", 10, &[8, 1, 1, 0][..]),
            ("0.8:0.1:0.1", 1000, &[800, 100, 100, 0]),
            ("8:1:1", 7, &[5, 1, 1, 0]),
            ("1:1:1", 4, &[2, 1, 1, 0]),
            ("1000:1", 10, &[9, 1, 0]),
            ("1e15:1", 3, &[2, 1, 0]),
            ("1:1:1", 2, &[1, 1, 0, 0]),
            ("8:1:1", 0, &[0, 0, 0, 0]),
        ] {
            let targets = parts.parse::<Parts>().unwrap().targets(units).unwrap();
            assert_eq!(targets, expected, "{parts} of {units}");
        }
        assert_eq!(Parts::counts("5:3").unwrap().targets(10).unwrap(), [5, 3, 2]);
        assert_eq!(Parts::counts("rest:3").unwrap().targets(10).unwrap(), [7, 3, 0]);
        assert_eq!(Parts::folds(3).unwrap().targets(10).unwrap(), [4, 3, 3, 0]);
        for (counts, units) in [("5:6", 10), ("rest:10", 10), ("18446744073709551615:2", 10)] {
            let error = Parts::counts(counts).unwrap().targets(units).unwrap_err();
            assert_eq!(error.code(), "too-few-units");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for ratio in ["", "8", "8:0", "8:-1", "8:x", "8::1", "nan:1", "inf:1", "8,1,1"] {
            assert_eq!(ratio.parse::<Parts>().unwrap_err().kind(), ErrorKind::Usage, "{ratio}");
        }
        for counts in ["", "8", "8:0", "8:1.5", "rest:rest", "8:-1", "99999999999999999999:1"] {
            assert_eq!(Parts::counts(counts).unwrap_err().kind(), ErrorKind::Usage, "{counts}");
        }
        assert!(Parts::folds(1).is_err());
    }
}
