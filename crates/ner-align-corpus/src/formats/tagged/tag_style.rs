//! How a source spells its tags: what parts prefix and type, which of them comes first, and which
//! letters it has for the prefixes.

use ner_align_core::{Prefix, TagForm, prefix_of_letter};
use rustc_hash::FxHashMap;

/// What parts a prefix from its type, besides the hyphen.
const SEPARATORS: [char; 5] = ['_', '/', ':', '|', '.'];

/// More distinct spellings than this are a wrong column.
const MAX_SPELLINGS: usize = 1 << 12;

/// How tags are spelled. The default is `PREFIX-TYPE` with the letters of the schemes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct TagStyle {
    /// Where tags that the usual spelling does not read have their prefix and type.
    form: Option<TagForm>,
    /// `M` is `I`, as in BMES.
    middle: bool,
    /// `W` is `S`, as in BMEOW.
    whole: bool,
}

impl TagStyle {
    /// The prefix that a letter stands for, whatever its case.
    pub(crate) fn prefix(self, letter: char) -> Option<Prefix> {
        match letter.to_ascii_uppercase() {
            'M' if !self.middle => None,
            'W' if !self.whole => None,
            upper => prefix_of_letter(upper),
        }
    }

    /// Prefix letter and type of a tag that the usual spelling does not read.
    pub(crate) fn split(self, text: &str) -> Option<(char, &str)> {
        self.form?.split(text, |letter| self.prefix(letter).is_some())
    }

    /// True if the type comes first or is left out, so that [`TagStyle::split`] comes before the
    /// usual spelling.
    pub(crate) const fn comes_first(self) -> bool {
        matches!(self.form, Some(TagForm::Bare | TagForm::Parted { prefix_last: true, .. }))
    }

    /// What a tag looks like and how it is read, in words; `None` if there is nothing to say.
    pub(crate) fn told(self) -> Option<(String, String)> {
        let mut seen = Vec::new();
        let mut read = Vec::new();
        match self.form {
            Some(TagForm::Parted { separator, prefix_last }) => {
                seen.push(match prefix_last {
                    true => format!("TYPE{separator}PREFIX"),
                    false => format!("PREFIX{separator}TYPE"),
                });
                read.push("PREFIX-TYPE");
            }
            Some(TagForm::Bare) => {
                seen.push("PREFIX alone".to_owned());
                read.push("PREFIX-ENTITY");
            }
            None => {}
        }
        if self.middle {
            seen.push("the prefix M".to_owned());
            read.push("I");
        }
        if self.whole {
            seen.push("the prefix W".to_owned());
            read.push("S");
        }
        (!seen.is_empty()).then(|| (seen.join(", "), read.join(", ")))
    }
}

/// A prefix, a separator and a type.
const fn prefix_first(separator: char) -> TagForm {
    TagForm::Parted { separator, prefix_last: false }
}

/// A type, a separator and a prefix.
const fn prefix_last(separator: char) -> TagForm {
    TagForm::Parted { separator, prefix_last: true }
}

/// True if the text is a tag in one of the spellings that sources are known for, or `O` or `-`.
pub(crate) fn looks_like_tag(text: &str) -> bool {
    matches!(text, "O" | "-" | "o") || is_respelled(text) || is_usual(text)
}

fn any_letter(letter: char) -> bool {
    prefix_of_letter(letter).is_some()
}

fn is_usual(text: &str) -> bool {
    prefix_first('-').split(text, any_letter).is_some()
}

/// True if what the text means depends on how the other tags of its source are spelled: a prefix alone, or
/// one of the spellings of [`is_respelled`].
pub(super) fn depends_on_others(text: &str) -> bool {
    let mut letters = text.chars();
    let alone = letters.next().filter(|_| letters.as_str().is_empty());
    alone.is_some_and(any_letter) || is_respelled(text)
}

/// True if the text is a tag in a spelling that is known beside the usual one.
pub(crate) fn is_respelled(text: &str) -> bool {
    let split = |separator: char| {
        let reads = |form: TagForm| form.split(text, any_letter).is_some();
        (separator != '-' && reads(prefix_first(separator))) || reads(prefix_last(separator))
    };
    let upper = text.as_bytes().first().map(u8::to_ascii_uppercase);
    let letters = matches!(upper, Some(b'M' | b'W')) && text.as_bytes().get(1) == Some(&b'-');
    letters || std::iter::once('-').chain(SEPARATORS).any(split)
}

/// Collects tags that the usual spelling does not read, and says how they are spelled.
#[derive(Debug, Default)]
pub(crate) struct StyleGuess {
    /// Tags that are spelled as usual.
    usual: usize,
    /// Those among them whose prefix is I, and S or U.
    inside: bool,
    single: bool,
    others: FxHashMap<Box<str>, usize>,
}

impl StyleGuess {
    /// Adds a tag of an entity that is spelled as usual.
    pub(crate) fn saw_usual(&mut self, prefix: Prefix) {
        self.usual += 1;
        self.inside |= prefix == Prefix::Inside;
        self.single |= prefix == Prefix::Single;
    }

    /// Adds a tag that is not.
    pub(crate) fn saw_other(&mut self, text: &str) {
        if let Some(count) = self.others.get_mut(text) {
            *count += 1;
        } else if self.others.len() < MAX_SPELLINGS {
            self.others.insert(text.into(), 1);
        }
    }

    /// How the tags are spelled.
    pub(crate) fn style(&self) -> TagStyle {
        let usual = TagStyle::default();
        if self.others.is_empty() {
            return usual;
        }
        let letters = TagStyle { middle: true, whole: true, ..usual };
        let total = self.usual + self.others.values().sum::<usize>();
        let (mut best, mut most) = (letters, self.read_in(letters));
        let separated = SEPARATORS.into_iter().map(prefix_first);
        let turned = std::iter::once('-').chain(SEPARATORS).map(prefix_last);
        let bare = (self.usual == 0).then_some(TagForm::Bare);
        for form in bare.into_iter().chain(separated).chain(turned) {
            let style = TagStyle { form: Some(form), ..letters };
            let read = self.read_in(style);
            // Nearly all tags are spelled so, and one starts or goes on with an entity.
            if read > most && read * 20 >= total * 19 && self.is_telling(style) {
                (best, most) = (style, read);
            }
        }
        let has = |wanted: &[char]| {
            self.others.keys().filter_map(|text| letter_in(best, text)).any(|l| wanted.contains(&l))
        };
        let (middle, whole) = (has(&['M']), has(&['W']));
        TagStyle {
            middle: middle && !self.inside && !has(&['I']),
            whole: whole && !self.single && !has(&['S', 'U']),
            ..best
        }
    }

    /// Tags that a style reads.
    fn read_in(&self, style: TagStyle) -> usize {
        let others = self.others.iter().filter(|(text, _)| letter_in(style, text).is_some());
        let read: usize = others.map(|(_, count)| count).sum();
        // A usual tag in a source of suffixes is one with the letters in both places.
        if style.form == Some(prefix_last('-')) { read } else { read + self.usual }
    }

    fn is_telling(&self, style: TagStyle) -> bool {
        let mut letters = self.others.keys().filter_map(|text| letter_in(style, text));
        letters.any(|letter| matches!(letter, 'B' | 'I' | 'S' | 'U'))
    }
}

/// The letter of a tag's prefix, in upper case.
fn letter_in(style: TagStyle, text: &str) -> Option<char> {
    let usual = || prefix_first('-').split(text, |letter| style.prefix(letter).is_some());
    let (letter, _) = style.split(text).or_else(usual)?;
    Some(letter.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(tags: &str) -> TagStyle {
        let mut guess = StyleGuess::default();
        for text in tags.split(' ') {
            match ner_align_core::Tag::split(text) {
                Ok(Some((prefix, _))) => guess.saw_usual(prefix),
                Ok(None) => {}
                Err(_) => guess.saw_other(text),
            }
        }
        guess.style()
    }

    #[test]
    fn spellings_are_told_from_all_tags() {
        let usual = TagStyle::default();
        let bare = TagStyle { form: Some(TagForm::Bare), ..usual };
        let separated = |separator| TagStyle { form: Some(prefix_first(separator)), ..usual };
        let turned = |separator| TagStyle { form: Some(prefix_last(separator)), ..usual };
        for (tags, expected) in [
            ("O B-X I-X", usual),
            ("O B_X I_X O", separated('_')),
            ("B/PER I/PER", separated('/')),
            ("B:PER", separated(':')),
            ("b_per i_per", separated('_')),
            ("PER-B PER-I LOC-B", turned('-')),
            ("PER_B PER_I", turned('_')),
            ("B-X M-X E-X S-X", TagStyle { middle: true, ..usual }),
            ("B-X M-X E-X W-X", TagStyle { middle: true, whole: true, ..usual }),
            ("O B I", bare),
            ("B M E S", TagStyle { middle: true, ..bare }),
            ("B-X I-X B", usual),
            ("E M", usual),
            ("B_X M_X E_X", TagStyle { middle: true, ..separated('_') }),
            // Types that hold such signs, and letters that mean something else.
            ("B-GPE_LOC I-GPE_LOC B-A/B", usual),
            ("B-X I-X M-X", usual),
            ("B-X-I I-X-I", usual),
            ("PER LOC B_CELL", usual),
            ("E_MAIL", usual),
        ] {
            assert_eq!(style(tags), expected, "{tags}");
        }
        assert_eq!(turned('-').split("sub-type-B"), Some(('B', "sub-type")));
        assert_eq!(separated('_').split("I_WORK_OF_ART"), Some(('I', "WORK_OF_ART")));
        assert_eq!(separated('_').split("X_ART"), None);
    }
}
