//! Tags of a document on their way out.

use std::borrow::Cow;

use ner_align_core::{Document, Scheme, SchemeError, Tag};

use crate::formats::tagged::is_respelled;

/// One tag a word, in the scheme that is written.
pub(crate) struct OutgoingTags<'a> {
    document: &'a Document,
    tags: Vec<Tag>,
    pub(crate) scheme: Scheme,
    /// They are the tags that were read, so that each may be spelled as it was.
    as_read: bool,
    /// See [`OutgoingTags::told_by_reader`].
    told_by_reader: bool,
}

impl<'a> OutgoingTags<'a> {
    /// In `scheme`, else in the document's own, else in IOB2. With `repair` they are written anew
    /// from the entities.
    pub(crate) fn new(
        document: &'a Document,
        scheme: Option<Scheme>,
        repair: bool,
    ) -> Result<Self, SchemeError> {
        let own = document.tags().map(|(_, scheme)| scheme);
        let scheme = scheme.or(own).unwrap_or(Scheme::Iob2);
        let tags = if repair { document.encode_tags(scheme)? } else { document.tags_in(scheme)? };
        Ok(Self {
            document,
            tags,
            scheme,
            as_read: !repair && own == Some(scheme),
            told_by_reader: false,
        })
    }

    /// The tag of a word.
    pub(crate) fn tag(&self, word: usize) -> &Tag {
        self.tags.get(word).unwrap_or(&Tag::Missing)
    }

    /// The same tags, for a format whose reader tells from all of them how they are spelled: a
    /// spelling that it may take for another one, for a number or for a bracket is left out.
    pub(crate) fn told_by_reader(self) -> Self {
        Self { told_by_reader: true, ..self }
    }

    /// How a word's tag was spelled, where it says something else than the tag.
    #[inline]
    pub(crate) fn spelling(&self, word: usize) -> Option<&'a str> {
        if !self.as_read {
            return None;
        }
        self.spelling_as_read(word)
    }

    fn spelling_as_read(&self, word: usize) -> Option<&'a str> {
        let number = |text: &str| text != "0" && text.parse::<i64>().is_ok();
        let other = |text: &str| {
            is_respelled(text)
                || number(text)
                || text.contains(['*', '['])
                || text.eq_ignore_ascii_case("nan")
        };
        self.document.spelling(word).filter(|text| !(self.told_by_reader && other(text)))
    }

    /// What is written for a word's tag.
    pub(crate) fn text(&self, word: usize) -> Cow<'a, str> {
        match self.spelling(word) {
            Some(spelling) => Cow::Borrowed(spelling),
            None => Cow::Owned(self.tag(word).display(self.scheme).to_string()),
        }
    }
}
