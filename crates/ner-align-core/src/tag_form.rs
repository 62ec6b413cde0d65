//! Where a tag has its prefix and its type.

use crate::Prefix;

/// The type of entities whose tags have a prefix and no type: `B`, `I`, `O`.
pub const UNNAMED_TYPE: &str = "ENTITY";

/// Where a tag has its prefix and its type.
///
/// ```
/// use ner_align_core::TagForm;
/// let form = TagForm::Parted { separator: '_', prefix_last: false };
/// assert_eq!(form.split("b_work_of_art", |_| true), Some(('b', "work_of_art")));
/// assert_eq!(form.split("work_of_art", |_| true), None);
/// assert_eq!(TagForm::Bare.split("B", |_| true), Some(('B', "ENTITY")));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TagForm {
    /// A prefix alone.
    Bare,
    /// A prefix, a separator and a type, or the type first.
    Parted {
        /// What stands between prefix and type; the first one, or the last one if the type is first.
        separator: char,
        /// The type is first.
        prefix_last: bool,
    },
}

impl TagForm {
    /// The letter of the prefix as it is spelled, and the type, which is [`UNNAMED_TYPE`] for a prefix
    /// alone; `None` for a text that is not so, or whose letter is no prefix.
    pub fn split(self, text: &str, is_prefix: impl Fn(char) -> bool) -> Option<(char, &str)> {
        let (prefix, name) = match self {
            Self::Bare => (text, UNNAMED_TYPE),
            Self::Parted { separator, prefix_last: false } => text.split_once(separator)?,
            Self::Parted { separator, prefix_last: true } => {
                let (name, prefix) = text.rsplit_once(separator)?;
                (prefix, name)
            }
        };
        let mut letters = prefix.chars();
        let letter = letters.next().filter(|_| letters.as_str().is_empty())?;
        (is_prefix(letter) && !name.is_empty()).then_some((letter, name))
    }
}

/// The prefix that a letter stands for in any case, also in BMES and BMEOW, where `M` is inside and `W`
/// is single.
#[must_use]
pub const fn prefix_of_letter(letter: char) -> Option<Prefix> {
    match letter.to_ascii_uppercase() {
        'M' => Some(Prefix::Inside),
        'W' => Some(Prefix::Single),
        upper if upper.is_ascii() => Prefix::from_letter(upper as u8),
        _ => None,
    }
}
