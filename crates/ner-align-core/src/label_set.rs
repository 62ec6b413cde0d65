//! The classes of a model: ids, names and tags.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use thiserror::Error;

use crate::{Label, Prefix, Scheme, Tag};

/// Name of the class that the alignment strategy `mark-x` gives to continuation subtokens.
pub const CONTINUATION_CLASS: &str = "X";

/// The classes of a token classifier: the name and the tag of each class id.
///
/// Class ids count from 0. [`LabelSet::new`] orders them `O`, then entity types by code point, each
/// with its prefixes in the order B, I, E/L, S/U, then `X` if it is used. [`LabelSet::from_names`]
/// keeps the order of the names.
///
/// ```
/// use ner_align_core::{Label, LabelSet, Scheme};
/// let types = ["PER", "LOC"].iter().filter_map(|name| Label::new(name));
/// let labels = LabelSet::new(types, Scheme::Iob2);
/// assert_eq!(labels.names(), ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelSet {
    scheme: Scheme,
    names: Vec<String>,
    /// The tag of each class; `None` for `X`.
    tags: Vec<Option<Tag>>,
    ids: FxHashMap<Tag, usize>,
}

/// Why names do not make a label set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LabelSetError {
    /// The list has no name.
    #[error("no classes")]
    Empty,
    /// Two classes have the same tag.
    #[error("classes {first} and {second} are both {name:?}")]
    Duplicate {
        /// The name of the second class.
        name: String,
        /// Id of the first class with that tag.
        first: usize,
        /// Id of the second class with that tag.
        second: usize,
    },
    /// The scheme lacks the prefix of a class.
    #[error("class {name:?} does not occur in {scheme}")]
    Scheme {
        /// The name of the class.
        name: String,
        /// The scheme.
        scheme: Scheme,
    },
}

impl LabelSetError {
    /// What to do about it, where that is known.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Empty => Some("name the classes, such as O and B-PER"),
            Self::Duplicate { .. } => Some("name each class once; S and U, E and L are the same"),
            Self::Scheme { .. } => Some("choose a scheme that has the prefixes of all classes"),
        }
    }
}

impl LabelSet {
    /// All tags of `scheme` for these entity types, in the order of [`LabelSet`].
    #[must_use]
    pub fn new(types: impl IntoIterator<Item = Label>, scheme: Scheme) -> Self {
        let types: BTreeSet<Label> = types.into_iter().collect();
        let mut tags = vec![Tag::Outside];
        for label in types {
            tags.extend(scheme.prefixes().iter().map(|p| Tag::entity(*p, label.clone())));
        }
        let names = tags.iter().map(|tag| tag.display(scheme).to_string()).collect();
        let ids = tags.iter().cloned().enumerate().map(|(id, tag)| (tag, id)).collect();
        Self { scheme, names, tags: tags.into_iter().map(Some).collect(), ids }
    }

    /// The same classes with `X` added as the last.
    #[must_use]
    pub fn with_continuation_class(mut self) -> Self {
        self.names.push(CONTINUATION_CLASS.to_owned());
        self.tags.push(None);
        self
    }

    /// The classes that a model or a file names, in their order.
    ///
    /// A name that is not a tag (`TIM`, `LABEL_3`) becomes the tag `I` of that entity type, as in
    /// the IO scheme; `X` is the continuation class. The scheme is the simplest one that has all
    /// prefixes of the names. Names alone cannot distinguish IOB1 from IOB2, or IOE1 from IOE2: the
    /// result is IOB2 or IOE2, and [`LabelSet::in_scheme`] changes it.
    ///
    /// # Errors
    /// [`LabelSetError::Empty`] if the list is empty, [`LabelSetError::Duplicate`] if two names mean
    /// the same tag.
    pub fn from_names<S: AsRef<str>>(names: &[S]) -> Result<Self, LabelSetError> {
        if names.is_empty() {
            return Err(LabelSetError::Empty);
        }
        let names: Vec<String> = names.iter().map(|name| name.as_ref().to_owned()).collect();
        let mut tags = Vec::with_capacity(names.len());
        let mut ids = FxHashMap::default();
        for (id, name) in names.iter().enumerate() {
            let tag = match Tag::parse(name) {
                Ok(tag) => Some(tag),
                Err(_) if name == CONTINUATION_CLASS => None,
                Err(_) => Label::new(name).map(|label| Tag::entity(Prefix::Inside, label)),
            };
            if let Some(first) = tag.clone().and_then(|tag| ids.insert(tag, id)) {
                return Err(LabelSetError::Duplicate { name: name.clone(), first, second: id });
            }
            tags.push(tag);
        }
        let scheme = guess_scheme(&names, &tags);
        Ok(Self { scheme, names, tags, ids })
    }

    /// The same classes with their tags read in this scheme.
    ///
    /// ```
    /// use ner_align_core::{LabelSet, Scheme};
    /// let labels = LabelSet::from_names(&["O", "B-PER", "I-PER"])?;
    /// assert_eq!(labels.scheme(), Scheme::Iob2);
    /// assert_eq!(labels.clone().in_scheme(Scheme::Iob1)?.scheme(), Scheme::Iob1);
    /// assert!(labels.in_scheme(Scheme::Io).is_err());
    /// # Ok::<(), ner_align_core::LabelSetError>(())
    /// ```
    ///
    /// # Errors
    /// [`LabelSetError::Scheme`] if a class has a prefix that the scheme lacks.
    pub fn in_scheme(mut self, scheme: Scheme) -> Result<Self, LabelSetError> {
        let fits =
            |tag: &Tag| tag.prefix().is_none_or(|prefix| scheme.prefixes().contains(&prefix));
        match self.tags.iter().position(|tag| tag.as_ref().is_some_and(|tag| !fits(tag))) {
            Some(id) => Err(LabelSetError::Scheme { name: self.names[id].clone(), scheme }),
            None => {
                self.scheme = scheme;
                Ok(self)
            }
        }
    }

    /// The scheme of the tags.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Number of classes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// True if there are no classes, which no constructor allows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The names, indexed by class id.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The tag of class `id`; `None` past the end and for `X`.
    #[must_use]
    pub fn tag(&self, id: usize) -> Option<&Tag> {
        self.tags.get(id).and_then(Option::as_ref)
    }

    /// The class id of `tag`; `None` if no class has it.
    #[must_use]
    pub fn id(&self, tag: &Tag) -> Option<usize> {
        self.ids.get(tag).copied()
    }

    /// The class id of `X`, if the set has it.
    #[must_use]
    pub fn continuation_class(&self) -> Option<usize> {
        self.tags.iter().position(Option::is_none)
    }

    /// The entity types, ordered by code point.
    #[must_use]
    pub fn types(&self) -> Vec<Label> {
        let types: BTreeSet<&Label> = self.tags.iter().flatten().filter_map(Tag::label).collect();
        types.into_iter().cloned().collect()
    }
}

/// The simplest scheme that has all prefixes in use.
fn guess_scheme(names: &[String], tags: &[Option<Tag>]) -> Scheme {
    let has = |prefix: Prefix| tags.iter().flatten().any(|tag| tag.prefix() == Some(prefix));
    let letter = |letter: &str| names.iter().any(|name| name.starts_with(letter));
    match (has(Prefix::Begin), has(Prefix::End) || has(Prefix::Single)) {
        (_, true) if letter("L-") || letter("U-") => Scheme::Biluo,
        (true, true) => Scheme::Iobes,
        (false, true) if has(Prefix::Single) => Scheme::Iobes,
        (false, true) => Scheme::Ioe2,
        (true, false) => Scheme::Iob2,
        (false, false) => Scheme::Io,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_agree_in_every_scheme() {
        for scheme in Scheme::ALL {
            let types = ["b", "A", "é"].iter().filter_map(|name| Label::new(name));
            let labels = LabelSet::new(types, scheme);
            assert_eq!(labels.len(), 1 + 3 * scheme.prefixes().len());
            for (id, name) in labels.names().iter().enumerate() {
                assert_eq!(labels.id(labels.tag(id).unwrap()), Some(id), "{name}");
            }
            let read = LabelSet::from_names(labels.names()).unwrap();
            assert_eq!(read.names(), labels.names());
            let types: Vec<_> = read.types().iter().map(ToString::to_string).collect();
            assert_eq!(types, ["A", "b", "é"]);
        }
    }

    #[test]
    fn foreign_class_names() {
        let labels = LabelSet::from_names(&["O", "B-PER", "TIM", "X"]).unwrap();
        assert_eq!(labels.id(&Tag::parse("I-TIM").unwrap()), Some(2));
        assert_eq!(labels.continuation_class(), Some(3));
        assert_eq!(LabelSet::from_names::<&str>(&[]), Err(LabelSetError::Empty));
        assert_eq!(
            LabelSet::from_names(&["O", "S-A", "U-A"]),
            Err(LabelSetError::Duplicate { name: "U-A".into(), first: 1, second: 2 })
        );
    }
}
