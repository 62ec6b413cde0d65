//! A first column that counts words.

use super::Sample;

/// Steps that show an index which does not start at 0 or 1, as in a part of a file.
const ENOUGH_STEPS: usize = 3;

/// How sure it is that the first column counts the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(super) enum Counting {
    No,
    /// Each sentence has one row, so that it is a column of ones.
    Perhaps,
    Yes,
}

/// Whether the first of at least three columns counts the words: from 0 or 1, anew in each sentence
/// or on through the file.
pub(super) fn counting(sample: &Sample<'_>, width: usize) -> Counting {
    if width < 3 {
        return Counting::No;
    }
    let (mut next, mut steps, mut first) = (None, 0, 0);
    for row in 0..sample.len() {
        let Some(number) = sample.cells(row).first().and_then(|cell| cell.parse::<u64>().ok())
        else {
            return Counting::No;
        };
        if row == 0 {
            first = number;
        } else if next == Some(number) {
            steps += usize::from(!sample.starts_sentence(row));
        } else if !(sample.starts_sentence(row) && number < 2) {
            return Counting::No;
        }
        next = number.checked_add(1);
    }
    match (first < 2, steps) {
        (true, 0) => Counting::Perhaps,
        (true, _) | (false, ENOUGH_STEPS..) => Counting::Yes,
        (false, _) => Counting::No,
    }
}
