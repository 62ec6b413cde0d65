//! A first column that counts words.

use ner_align_core::{Finding, Prefix, Severity, Tag};

use super::Sample;

/// Steps that show an index which does not start at 0 or 1, as in a part of a file.
const ENOUGH_STEPS: usize = 3;

/// What the numbers of the first column count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counting {
    Nothing,
    /// Words, if anything: each sentence has one row, so that it is a column of ones.
    PerhapsWords,
    Words,
    /// Sentences: it grows by one now and then.
    Sentences,
}

/// What the first of at least three columns counts: the words, from 0 or 1, anew in each sentence or on
/// through the file, or the sentences.
pub(super) fn counting(sample: &Sample<'_>, width: usize) -> Counting {
    if width < 3 {
        return Counting::Nothing;
    }
    let (mut words, mut sentences) = (true, true);
    let (mut before, mut steps, mut repeats, mut first) = (None, 0, 0, 0);
    for row in 0..sample.len() {
        let cell = sample.cells(row).first().copied().unwrap_or_default();
        let Ok(number) = cell.parse::<u64>() else {
            // Words of several parts, as CoNLL-U numbers them.
            let part =
                cell.split_once(['-', '.']).and_then(|(number, _)| number.parse::<u64>().ok());
            if before.is_none() || part.is_none() {
                return Counting::Nothing;
            }
            continue;
        };
        match before {
            None => first = number,
            Some(before) if number == before + 1 => {
                steps += usize::from(!sample.starts_sentence(row));
            }
            Some(before) => {
                repeats += usize::from(number == before && !sample.starts_sentence(row));
                words &= sample.starts_sentence(row) && number < 2;
                sentences &= number == before;
            }
        }
        before = Some(number).filter(|number| *number < u64::MAX);
    }
    match (words, first < 2, steps) {
        (true, true, 0) => Counting::PerhapsWords,
        (true, true, _) | (true, false, ENOUGH_STEPS..) => Counting::Words,
        _ if sentences && !words && repeats >= ENOUGH_STEPS => Counting::Sentences,
        _ => Counting::Nothing,
    }
}

/// True if no entity goes on where the number of the sentence in the first column changes, as far as
/// the tags tell.
pub(super) fn bound_sentences(sample: &Sample<'_>, tag: usize) -> bool {
    let cell =
        |row: usize, column: usize| sample.cells(row).get(column).copied().unwrap_or_default();
    let goes_on = |row: usize| {
        let label = |row: usize| Tag::split(cell(row, tag)).ok().flatten();
        let Some((prefix, here)) = label(row) else { return false };
        matches!(prefix, Prefix::Inside | Prefix::End)
            && label(row - 1).is_some_and(|(_, before)| before == here)
    };
    !(1..sample.len())
        .any(|row| cell(row, 0) != cell(row - 1, 0) && !sample.starts_sentence(row) && goes_on(row))
}

/// The finding of a column of sentence numbers.
pub(super) fn sentence_numbers(read: bool) -> Finding {
    if read {
        let message = "expected words in the first column, found numbers that count sentences; a sentence \
                       ends where the number changes";
        return Finding::new(Severity::Info, "sentence-numbers", message);
    }
    let message = "expected words in the first column, found numbers that seem to count sentences, which \
                   are not read; blank lines alone end a sentence";
    Finding::new(Severity::Warning, "sentence-numbers", message)
        .with_hint("with a header `sentence_id word tag` they are read, see `format: csv`")
}
