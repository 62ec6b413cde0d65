//! How a source spells its tags: what parts prefix and type, which of them comes first, and which
//! letters it has for the prefixes.

use ner_align_core::{Prefix, UNNAMED_TYPE};
use rustc_hash::FxHashMap;

/// What parts a prefix from its type, besides the hyphen.
const SEPARATORS: [char; 5] = ['_', '/', ':', '|', '.'];

/// More distinct spellings than this are a wrong column.
const MAX_SPELLINGS: usize = 1 << 12;

/// How tags are spelled. The default is `PREFIX-TYPE` with the letters of the schemes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct TagStyle {
    /// What parts prefix and type in tags without a hyphen behind the prefix.
    separator: Option<char>,
    /// The prefix comes after the type.
    suffix: bool,
    /// A tag is a prefix without a type.
    bare: bool,
    /// `M` is `I`, as in BMES.
    middle: bool,
    /// `W` is `S`, as in BMEOW.
    whole: bool,
}

impl TagStyle {
    /// The prefix that a letter stands for, whatever its case.
    pub(crate) fn prefix(self, letter: char) -> Option<Prefix> {
        match letter.to_ascii_uppercase() {
            'M' if self.middle => Some(Prefix::Inside),
            'W' if self.whole => Some(Prefix::Single),
            upper => u8::try_from(upper).ok().and_then(Prefix::from_letter),
        }
    }

    /// Prefix letter and type of a tag that the usual spelling does not read.
    pub(crate) fn split(self, text: &str) -> Option<(char, &str)> {
        if self.bare {
            let letter = single(text).filter(|letter| self.prefix(*letter).is_some())?;
            return Some((letter, UNNAMED_TYPE));
        }
        let separator = self.separator?;
        let (letter, name) = if self.suffix {
            let (name, letter) = text.rsplit_once(separator)?;
            (letter, name)
        } else {
            text.split_once(separator)?
        };
        let letter = single(letter).filter(|letter| self.prefix(*letter).is_some())?;
        (!name.is_empty()).then_some((letter, name))
    }

    /// True if the type comes first or is left out, so that [`TagStyle::split`] comes before the
    /// usual spelling.
    pub(crate) const fn comes_first(self) -> bool {
        self.suffix || self.bare
    }

    /// What a tag looks like and how it is read, in words; `None` if there is nothing to say.
    pub(crate) fn told(self) -> Option<(String, String)> {
        let mut seen = Vec::new();
        let mut read = Vec::new();
        match (self.separator, self.suffix) {
            (Some(separator), true) => seen.push(format!("TYPE{separator}PREFIX")),
            (Some(separator), false) => seen.push(format!("PREFIX{separator}TYPE")),
            (None, _) => {}
        }
        if !seen.is_empty() {
            read.push("PREFIX-TYPE");
        }
        if self.bare {
            seen.push("PREFIX alone".to_owned());
            read.push("PREFIX-ENTITY");
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

/// The only character of a text.
fn single(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.as_str().is_empty())
}

/// True if the text is a tag in one of the spellings that sources are known for, or `O` or `-`.
pub(crate) fn looks_like_tag(text: &str) -> bool {
    matches!(text, "O" | "-" | "o") || is_respelled(text) || is_usual(text)
}

fn any_letter(letter: char) -> bool {
    matches!(letter.to_ascii_uppercase(), 'B' | 'I' | 'E' | 'L' | 'S' | 'U' | 'M' | 'W')
}

fn is_usual(text: &str) -> bool {
    let parts = text.split_once('-');
    parts.is_some_and(|(letter, name)| single(letter).is_some_and(any_letter) && !name.is_empty())
}

/// True if what the text means depends on how the other tags of its source are spelled.
pub(crate) fn is_respelled(text: &str) -> bool {
    let letter = |letter: &str| single(letter).is_some_and(any_letter);
    let split = |separator: char| {
        let front =
            text.split_once(separator).is_some_and(|(l, name)| letter(l) && !name.is_empty());
        let back =
            text.rsplit_once(separator).is_some_and(|(name, l)| letter(l) && !name.is_empty());
        (front && separator != '-') || back
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
        let separated = SEPARATORS.map(|s| TagStyle { separator: Some(s), ..letters });
        let turned = std::iter::once('-').chain(SEPARATORS).map(|s| TagStyle {
            separator: Some(s),
            suffix: true,
            ..letters
        });
        let bare = (self.usual == 0).then_some(TagStyle { bare: true, ..letters });
        for style in bare.into_iter().chain(separated).chain(turned) {
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
        if style.suffix && style.separator == Some('-') { read } else { read + self.usual }
    }

    fn is_telling(&self, style: TagStyle) -> bool {
        let mut letters = self.others.keys().filter_map(|text| letter_in(style, text));
        letters.any(|letter| matches!(letter, 'B' | 'I' | 'S' | 'U'))
    }
}

/// The letter of a tag's prefix, in upper case.
fn letter_in(style: TagStyle, text: &str) -> Option<char> {
    let (letter, _) = style.split(text).or_else(|| {
        let (letter, name) = text.split_once('-').filter(|(_, name)| !name.is_empty())?;
        Some((single(letter).filter(|letter| style.prefix(*letter).is_some())?, name))
    })?;
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
        let separated = |separator| TagStyle { separator: Some(separator), ..usual };
        let turned = |separator| TagStyle { suffix: true, ..separated(separator) };
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
            ("O B I", TagStyle { bare: true, ..usual }),
            ("B M E S", TagStyle { bare: true, middle: true, ..usual }),
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
