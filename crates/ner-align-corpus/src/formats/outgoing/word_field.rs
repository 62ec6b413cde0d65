//! Words that a format can hold, and what becomes of the others.

use std::borrow::Cow;

use super::Destination;
use crate::{CorpusError, Unwritable};

/// U+FFFD, which stands for what a format cannot hold.
const REPLACEMENT: &str = "\u{fffd}";

/// What a format asks of a word.
pub(crate) struct WordField<F> {
    /// The same in words, for messages.
    pub(crate) expected: &'static str,
    /// Characters that a word must not have.
    pub(crate) excluded: F,
    /// Whether a word of no character can be written.
    pub(crate) may_be_empty: bool,
    /// What no word may start with.
    pub(crate) reserved_prefix: Option<&'static str>,
}

impl<F: Fn(char) -> bool> WordField<F> {
    /// The word as it is written: unchanged where the format holds it, else by the policy. Under
    /// [`Unwritable::Replace`] an empty word is replaced even where it could be written.
    pub(crate) fn write<'w>(
        &self,
        word: &'w str,
        policy: Unwritable,
        destination: &Destination,
    ) -> Result<Cow<'w, str>, CorpusError> {
        let is_reserved = self.reserved_prefix.is_some_and(|prefix| word.starts_with(prefix));
        let has_excluded = word.contains(&self.excluded);
        match policy {
            Unwritable::Error
                if has_excluded || is_reserved || (word.is_empty() && !self.may_be_empty) =>
            {
                Err(destination
                    .refuse("unwritable-word", self.expected, format_args!("{word:?}"))
                    .with_hint("choose a format of text, such as jsonl, or `unwritable: replace`"))
            }
            Unwritable::Replace if word.is_empty() => Ok(REPLACEMENT.into()),
            Unwritable::Replace if has_excluded || is_reserved => {
                let mut written = String::from(if is_reserved { REPLACEMENT } else { "" });
                written.push_str(&word.replace(&self.excluded, REPLACEMENT));
                Ok(written.into())
            }
            Unwritable::Error | Unwritable::Replace => Ok(word.into()),
        }
    }
}
