//! The tags that names of classes mean.

use std::collections::HashSet;

use super::CONTINUATION_CLASS;
use crate::{Label, Prefix, Scheme, Tag, TagSpelling};

/// The tags of class names, in their order.
pub(super) struct ClassNames {
    /// `None` for a class that is no tag of a word.
    pub(super) tags: Vec<Option<Tag>>,
    /// The class of continuation subtokens.
    pub(super) continuation: Option<usize>,
    pub(super) scheme: Scheme,
}

impl ClassNames {
    pub(super) fn read(names: &[String]) -> Self {
        let words = |name: &&str| !is_special(name) && *name != CONTINUATION_CLASS;
        let spelling = TagSpelling::of(names.iter().map(String::as_str).filter(words));
        let bare = |name: &str| Label::new(name).map(|label| Tag::entity(Prefix::Inside, label));
        let mut tags: Vec<Option<Tag>> = names
            .iter()
            .map(|name| match spelling.read(name) {
                _ if is_special(name) || name == CONTINUATION_CLASS => None,
                // A class is never "not annotated".
                Some(Tag::Missing) | None => bare(name),
                tag => tag,
            })
            .collect();
        // Beside types without prefixes an `X` is a type, too.
        let typed = |name: &String| spelling.letter(name).is_none() && !is_special(name);
        let entities = || {
            let tagged = names.iter().zip(&tags);
            tagged.filter(|(_, tag)| tag.as_ref().is_some_and(|tag| tag.label().is_some()))
        };
        let x = names.iter().position(|name| name == CONTINUATION_CLASS);
        let x_is_type = entities().count() > 0 && entities().all(|(name, _)| typed(name));
        if let Some(x) = x.filter(|_| x_is_type) {
            tags[x] = bare(CONTINUATION_CLASS);
        }
        let biluo = names.iter().any(|name| matches!(spelling.letter(name), Some('L' | 'U')));
        let scheme = simplest_scheme(&tags, biluo);
        Self { tags, continuation: x.filter(|_| !x_is_type), scheme }
    }
}

/// True for the special tokens of a tokenizer, which some recipes make classes: `[CLS]`, `<pad>`.
fn is_special(name: &str) -> bool {
    let within = |open, close| {
        let inner = name.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        inner.is_some_and(|inner: &str| !inner.is_empty())
    };
    within('[', ']') || within('<', '>')
}

/// The simplest scheme that has all prefixes in use and a way to start each type.
fn simplest_scheme(tags: &[Option<Tag>], biluo: bool) -> Scheme {
    let tags = || tags.iter().flatten();
    let has = |prefix: Prefix| tags().any(|tag| tag.prefix() == Some(prefix));
    match (has(Prefix::Begin), has(Prefix::End) || has(Prefix::Single)) {
        (_, true) if biluo => Scheme::Biluo,
        (true, true) => Scheme::Iobes,
        (false, true) if has(Prefix::Single) => Scheme::Iobes,
        (false, true) if has_alone(tags, Prefix::Inside, Prefix::End) => Scheme::Ioe1,
        (false, true) => Scheme::Ioe2,
        // IOB2 could not begin an entity of that type.
        (true, false) if has_alone(tags, Prefix::Inside, Prefix::Begin) => Scheme::Iob1,
        (true, false) => Scheme::Iob2,
        (false, false) => Scheme::Io,
    }
}

/// True if a type has the one prefix and not the other.
pub(super) fn has_alone<'a, T: Iterator<Item = &'a Tag>>(
    tags: impl Fn() -> T,
    prefix: Prefix,
    other: Prefix,
) -> bool {
    let types = |prefix| tags().filter(move |tag| tag.prefix() == Some(prefix)).map(Tag::label);
    let others: HashSet<_> = types(other).collect();
    types(prefix).any(|label| !others.contains(&label))
}
