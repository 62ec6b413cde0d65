//! The classes of a model: ids, names and tags.

mod names;

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use thiserror::Error;

use crate::{Label, Prefix, Scheme, Tag};
use names::ClassNames;

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
    /// The tag of each class; `None` for `X` and for special tokens.
    tags: Vec<Option<Tag>>,
    /// The class `X`.
    continuation: Option<usize>,
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
        let tags = tags.into_iter().map(Some).collect();
        Self { scheme, names, tags, continuation: None, ids }
    }

    /// The same classes with `X` added as the last.
    #[must_use]
    pub fn with_continuation_class(mut self) -> Self {
        self.continuation = Some(self.names.len());
        self.names.push(CONTINUATION_CLASS.to_owned());
        self.tags.push(None);
        self
    }

    /// The classes that a model or a file names, in their order.
    ///
    /// All names are read in one spelling ([`TagSpelling`]): `B_PER` and `PER-B` are tags, and the
    /// class outside entities may be called `o`, `0` or `OTHER` where no other is called `O`. A name
    /// that is not a tag (`TIM`, `LABEL_3`) becomes the tag `I` of that entity type, as in the IO
    /// scheme. `X` is the continuation class, unless all types lack prefixes. `[CLS]`, `<pad>` and
    /// other special tokens are the tag of no word.
    ///
    /// The scheme is the simplest one that has all prefixes of the names: IOB1 if a type has an `I`
    /// and no `B`, since IOB2 could not begin it. Names alone often cannot distinguish IOB1 from
    /// IOB2, or IOE1 from IOE2 ([`LabelSet::settles_scheme`]): the result is then IOB2 or IOE2, and
    /// [`LabelSet::in_scheme`] changes it.
    ///
    /// ```
    /// use ner_align_core::{LabelSet, Scheme};
    /// let labels = LabelSet::from_names(&["O", "B-LOC", "I-LOC", "I-PER"])?;
    /// assert_eq!((labels.scheme(), labels.settles_scheme()), (Scheme::Iob1, true));
    /// let labels = LabelSet::from_names(&["OTHER", "B-PER", "I-PER"])?;
    /// assert_eq!((labels.scheme(), labels.settles_scheme()), (Scheme::Iob2, false));
    /// # Ok::<(), ner_align_core::LabelSetError>(())
    /// ```
    ///
    /// # Errors
    /// [`LabelSetError::Empty`] if the list is empty, [`LabelSetError::Duplicate`] if two names mean
    /// the same tag.
    ///
    /// [`TagSpelling`]: crate::TagSpelling
    pub fn from_names<S: AsRef<str>>(names: &[S]) -> Result<Self, LabelSetError> {
        if names.is_empty() {
            return Err(LabelSetError::Empty);
        }
        let names: Vec<String> = names.iter().map(|name| name.as_ref().to_owned()).collect();
        let ClassNames { tags, continuation, scheme } = ClassNames::read(&names);
        let mut ids = FxHashMap::default();
        for (second, tag) in tags.iter().enumerate() {
            if let Some(first) = tag.clone().and_then(|tag| ids.insert(tag, second)) {
                let name = names[second].clone();
                return Err(LabelSetError::Duplicate { name, first, second });
            }
        }
        Ok(Self { scheme, names, tags, continuation, ids })
    }

    /// True if the classes are those of one scheme only. `B` and `I` of every type fit IOB1 and
    /// IOB2, as `I` and `E` fit IOE1 and IOE2.
    #[must_use]
    pub fn settles_scheme(&self) -> bool {
        let tags = || self.tags.iter().flatten();
        let edge = match self.scheme {
            Scheme::Iob1 | Scheme::Iob2 => Prefix::Begin,
            Scheme::Ioe1 | Scheme::Ioe2 => Prefix::End,
            Scheme::Io | Scheme::Iobes | Scheme::Biluo => return true,
        };
        names::has_alone(tags, edge, Prefix::Inside) || names::has_alone(tags, Prefix::Inside, edge)
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

    /// The tag of class `id`; `None` past the end, for `X` and for special tokens.
    #[must_use]
    pub fn tag(&self, id: usize) -> Option<&Tag> {
        self.tags.get(id).and_then(Option::as_ref)
    }

    /// The class id of `tag`; `None` if no class has it.
    #[must_use]
    pub fn id(&self, tag: &Tag) -> Option<usize> {
        self.ids.get(tag).copied()
    }

    /// The class ids, in this set, of the classes of `others`, in their order; `None` if this set
    /// lacks one of them. `X` is the same class in both, and so are other classes that are no tag if
    /// they have the same name.
    ///
    /// ```
    /// use ner_align_core::LabelSet;
    /// let model = LabelSet::from_names(&["B_LOC", "B_PER", "O"])?;
    /// let wanted = LabelSet::from_names(&["O", "B-LOC"])?;
    /// assert_eq!(model.ids_of(&wanted), Some(vec![2, 0]));
    /// assert_eq!(wanted.ids_of(&model), None);
    /// # Ok::<(), ner_align_core::LabelSetError>(())
    /// ```
    #[must_use]
    pub fn ids_of(&self, others: &Self) -> Option<Vec<usize>> {
        self.partial_ids_of(others).into_iter().collect()
    }

    /// The class ids of another set's classes in this one, in their order; `None` for a class that
    /// this set lacks. See [`LabelSet::ids_of`].
    #[must_use]
    pub fn partial_ids_of(&self, others: &Self) -> Vec<Option<usize>> {
        let named = |name: &String| {
            (0..self.len()).find(|&id| self.tag(id).is_none() && self.names[id] == *name)
        };
        let id = |(name, tag): (&String, &Option<Tag>)| match tag {
            Some(tag) => self.id(tag),
            None => named(name),
        };
        others.names.iter().zip(&others.tags).map(id).collect()
    }

    /// The class id of `X`, if the set has it.
    #[must_use]
    pub const fn continuation_class(&self) -> Option<usize> {
        self.continuation
    }

    /// The entity types, ordered by code point.
    #[must_use]
    pub fn types(&self) -> Vec<Label> {
        let types: BTreeSet<&Label> = self.tags.iter().flatten().filter_map(Tag::label).collect();
        types.into_iter().cloned().collect()
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
    fn schemes_that_names_settle_and_do_not() {
        for (names, scheme, settled) in [
            ("O B-A I-A", Scheme::Iob2, false),
            ("O B-A I-A B-B", Scheme::Iob2, true),
            ("O B-A I-A I-B", Scheme::Iob1, true),
            ("O B-A TIM", Scheme::Iob1, true),
            ("O I-A", Scheme::Io, true),
            ("O A B", Scheme::Io, true),
            ("O I-A E-A", Scheme::Ioe2, false),
            ("O I-A E-A I-B", Scheme::Ioe1, true),
            ("O B-A I-A E-A S-A", Scheme::Iobes, true),
            ("O B_A I_A L_A U_A", Scheme::Biluo, true),
            ("O B I", Scheme::Iob2, false),
        ] {
            let labels = LabelSet::from_names(&names.split(' ').collect::<Vec<_>>()).unwrap();
            assert_eq!((labels.scheme(), labels.settles_scheme()), (scheme, settled), "{names}");
        }
    }

    #[test]
    fn classes_that_are_no_tag() {
        for (names, types, continuation) in [
            ("O B-A I-A X [CLS] [SEP]", "A", Some(3)),
            ("O A X", "A X", None),
            ("X O B-X I-X", "X", Some(0)),
            ("O [PAD] <s> </s> B-A", "A", None),
            ("O X", "", Some(1)),
        ] {
            let labels = LabelSet::from_names(&names.split(' ').collect::<Vec<_>>()).unwrap();
            let found: Vec<_> = labels.types().iter().map(ToString::to_string).collect();
            assert_eq!(
                (&*found.join(" "), labels.continuation_class()),
                (types, continuation),
                "{names}"
            );
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
