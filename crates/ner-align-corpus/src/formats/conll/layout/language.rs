//! Words with the code of their language before them, as WikiANN (PAN-X) has them: `en:Oslo`.

use ner_align_core::{Finding, Severity};

use super::Sample;

/// Fewer rows may have such words by chance.
const ENOUGH_ROWS: usize = 4;
/// Letters of a code; a variant may follow.
const LETTERS: std::ops::RangeInclusive<usize> = 2..=3;

/// What is before each word, the colon included.
pub(super) fn prefix(sample: &Sample<'_>) -> Option<Box<str>> {
    let word = |row: usize| sample.cells(row).first().copied().unwrap_or_default();
    let (code, _) = word(0).split_once(':')?;
    let mut parts = code.split('-');
    let lower = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_code = parts.next().is_some_and(|part| LETTERS.contains(&part.len()) && lower(part))
        && parts.all(lower);
    let prefix = word(0).get(..=code.len())?;
    let has = |row: usize| word(row).strip_prefix(prefix).is_some_and(|rest| !rest.is_empty());
    (is_code && sample.len() >= ENOUGH_ROWS && (0..sample.len()).all(has)).then(|| prefix.into())
}

/// The finding of such a prefix.
pub(super) fn finding(prefix: &str) -> Finding {
    let message = format!(
        "expected words alone, found {prefix:?} before each; the words are read without it, as those of \
         WikiANN"
    );
    Finding::new(Severity::Info, "language-prefix", message)
}
