//! The names of the classes of a corpus, in the order of class ids.

use std::collections::BTreeSet;

use ner_align_core::{Label, Prefix, Scheme, Tag};
use rustc_hash::FxHashMap;

/// The tags of a corpus as they come up.
#[derive(Debug, Default)]
pub(super) struct TagNames {
    texts: Vec<Box<str>>,
    index: FxHashMap<Box<str>, u32>,
    types: BTreeSet<Label>,
    schemes: BTreeSet<usize>,
}

impl TagNames {
    /// Takes note of a scheme in use.
    pub(super) fn see_scheme(&mut self, scheme: Scheme) {
        let place = Scheme::ALL.iter().position(|other| *other == scheme);
        self.schemes.extend(place);
    }

    /// The number of a tag in the order in which they come up.
    pub(super) fn number(&mut self, text: &str, tag: &Tag) -> u32 {
        if let Some(number) = self.index.get(text) {
            return *number;
        }
        self.types.extend(tag.label().cloned());
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX - 1);
        self.texts.push(text.into());
        self.index.insert(text.into(), number);
        number
    }

    /// The names by class id, and the id of each tag in the order in which they came up: `O`,
    /// types by code point each with the prefixes of their schemes, then spellings of no scheme.
    pub(super) fn finish(self) -> (Vec<String>, Vec<i64>) {
        let mut names = vec![Tag::Outside.display(Scheme::Iob2).to_string()];
        for label in &self.types {
            for prefix in Prefix::ALL {
                for place in &self.schemes {
                    let Some(scheme) = Scheme::ALL.get(*place) else { continue };
                    if !scheme.prefixes().contains(&prefix) {
                        continue;
                    }
                    let name = Tag::entity(prefix, label.clone()).display(*scheme).to_string();
                    if names.last() != Some(&name) {
                        names.push(name);
                    }
                }
            }
        }
        let mut ids: FxHashMap<String, i64> =
            (0..).zip(&names).map(|(id, n)| (n.clone(), id)).collect();
        let others: BTreeSet<&str> = self.texts.iter().map(AsRef::as_ref).collect();
        for text in others {
            if !ids.contains_key(text) {
                ids.insert(text.to_owned(), names.len() as i64);
                names.push(text.to_owned());
            }
        }
        let id = |text: &str| ids.get(text).copied().unwrap_or(super::MISSING);
        let numbers = self.texts.iter().map(|text| id(text)).collect();
        (names, numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_class_ids() {
        for (schemes, tags, expected) in [
            (&[Scheme::Iob2][..], "I-b O B-A", "O B-A I-A B-b I-b"),
            (&[Scheme::Biluo], "U-é", "O B-é I-é L-é U-é"),
            (&[Scheme::Biluo, Scheme::Iobes], "U-X S-X", "O B-X I-X E-X L-X S-X U-X"),
            // What the scheme does not have, and what is spelled in no scheme.
            (&[Scheme::Iob2], "S-X TIM b-X", "O B-X I-X S-X TIM b-X"),
            (&[Scheme::Iob2], "O", "O"),
        ] {
            let mut names = TagNames::default();
            schemes.iter().for_each(|scheme| names.see_scheme(*scheme));
            for text in tags.split(' ') {
                names.number(text, &Tag::parse(text).unwrap_or(Tag::Outside));
            }
            let (names, ids) = names.finish();
            assert_eq!(names.join(" "), expected);
            let back: Vec<&str> = ids.iter().map(|id| names[*id as usize].as_str()).collect();
            assert_eq!(back.join(" "), tags);
        }
    }
}
