//! How files and models of other tools spell tags.

use crate::tag_form::{TagForm, prefix_of_letter};
use crate::{Label, Tag};

/// What separates a prefix from a type. The first one that fits is taken.
const SEPARATORS: [char; 4] = ['-', '_', '/', ':'];

/// Names of the class outside entities, in the order in which they are looked for.
const OUTSIDE: [&str; 6] = ["O", "0", "OTHER", "OUTSIDE", "NONE", "OUT"];

/// How the tags of a source are spelled: `B-PER`, and also `B_PER`, `b-per`, `PER-B`, a bare `B`,
/// and `M` and `W` for inside and single (BMES, BMEOW).
///
/// One reading is chosen for all tags of a source, because a single tag cannot tell: `E-MAIL` is
/// the end of a `MAIL` or a type of its own.
///
/// ```
/// use ner_align_core::{Tag, TagSpelling};
/// let names = ["O", "B_work_of_art", "I_work_of_art"];
/// let spelling = TagSpelling::of(names);
/// assert_eq!(spelling.read("I_work_of_art"), Some(Tag::parse("I-work_of_art")?));
/// assert_eq!(TagSpelling::of(["O", "PER-B", "PER-I"]).read("PER-B"), Some(Tag::parse("B-PER")?));
/// # Ok::<(), ner_align_core::TagError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TagSpelling {
    /// `None`: what [`Tag::parse`] reads.
    form: Option<TagForm>,
    outside: &'static str,
}

impl TagSpelling {
    /// The spelling in which all of these tags can be read; the usual one if there is none, or if
    /// the tags are read in it already.
    #[must_use]
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Vec<&str> = names.into_iter().collect();
        let is_outside =
            |name: &&&'static str| names.iter().any(|own| own.eq_ignore_ascii_case(name));
        let outside = OUTSIDE.iter().find(is_outside).copied().unwrap_or("O");
        let usual = Self { form: None, outside };
        let entities: Vec<&str> = names
            .into_iter()
            .filter(|name| *name != "-" && !name.eq_ignore_ascii_case(outside))
            .collect();
        if entities.is_empty() || entities.iter().all(|name| Tag::parse(name).is_ok()) {
            return usual;
        }
        let parted = [false, true].into_iter().flat_map(|prefix_last| {
            SEPARATORS.map(|separator| TagForm::Parted { separator, prefix_last })
        });
        let mut others = std::iter::once(TagForm::Bare).chain(parted);
        let fits = |form: &TagForm| {
            let letters = entities.iter().map(|name| split(*form, name).map(|(letter, _)| letter));
            let letters: Option<Vec<char>> = letters.collect();
            letters.is_some_and(|letters| letters.iter().any(|letter| matches!(letter, 'B' | 'I')))
        };
        others.find(fits).map_or(usual, |form| Self { form: Some(form), outside })
    }

    /// The tag that a name means in this spelling; `None` for a name that is not a tag in it.
    #[must_use]
    pub fn read(&self, name: &str) -> Option<Tag> {
        if name.eq_ignore_ascii_case(self.outside) {
            return Some(Tag::Outside);
        }
        let Some(form) = self.form.filter(|_| name != "-") else { return Tag::parse(name).ok() };
        let (letter, kind) = split(form, name)?;
        Some(Tag::entity(prefix_of_letter(letter)?, Label::new(kind)?))
    }

    /// The prefix letter of a name as it is spelled, in upper case.
    #[must_use]
    pub fn letter(&self, name: &str) -> Option<char> {
        let usual = TagForm::Parted { separator: '-', prefix_last: false };
        split(self.form.unwrap_or(usual), name).map(|(letter, _)| letter)
    }
}

/// The letter of the prefix in upper case, and the type.
fn split(form: TagForm, name: &str) -> Option<(char, &str)> {
    let (letter, kind) = form.split(name, |letter| prefix_of_letter(letter).is_some())?;
    Some((letter.to_ascii_uppercase(), kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scheme;

    #[test]
    fn one_reading_for_all_names() {
        for (names, expected) in [
            ("O B-PER I-PER", "O B-PER I-PER"),
            ("O B_PER I_PER", "O B-PER I-PER"),
            ("O B/PER I/PER", "O B-PER I-PER"),
            ("O B:PER I:PER", "O B-PER I-PER"),
            ("O PER-B PER-I", "O B-PER I-PER"),
            ("O PER_B WORK_OF_ART_I", "O B-PER I-WORK_OF_ART"),
            ("o b-per i-per", "O B-per I-per"),
            ("0 B-PER I-PER", "O B-PER I-PER"),
            ("Other B-PER I-PER", "O B-PER I-PER"),
            ("O OTHER B-PER", "O ? B-PER"),
            ("O B I", "O B-ENTITY I-ENTITY"),
            ("B M E S O", "B-ENTITY I-ENTITY E-ENTITY S-ENTITY O"),
            ("O B-X M-X E-X S-X", "O B-X I-X E-X S-X"),
            ("B-X M-X E-X W-X O", "B-X I-X E-X S-X O"),
            ("O B-work-of-art I-work-of-art", "O B-work-of-art I-work-of-art"),
            // No prefixes: names of types, whatever they look like.
            ("O E-MAIL NAME", "O E-MAIL ?"),
            ("O e-mail name", "O ? ?"),
            ("O PER LOC", "O ? ?"),
            ("OTHER PER LOC", "O ? ?"),
            // A single misspelled name does not change how the others are read.
            ("O B-PER I_PER", "O B-PER ?"),
            ("O - B_PER", "O - B-PER"),
        ] {
            let names: Vec<&str> = names.split(' ').collect();
            let spelling = TagSpelling::of(names.iter().copied());
            let read = names.iter().map(|name| {
                let tag = spelling.read(name);
                tag.map_or("?".to_owned(), |tag| tag.display(Scheme::Iobes).to_string())
            });
            assert_eq!(read.collect::<Vec<_>>().join(" "), expected, "{names:?}");
        }
    }
}
