//! Tags of a document on their way out.

use std::borrow::Cow;

use ner_align_core::{Document, Scheme, SchemeError, Tag};

/// One tag a word, in the scheme that is written.
pub(crate) struct OutgoingTags<'a> {
    document: &'a Document,
    tags: Vec<Tag>,
    pub(crate) scheme: Scheme,
    /// They are the tags that were read, so that each may be spelled as it was.
    as_read: bool,
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
        Ok(Self { document, tags, scheme, as_read: !repair && own == Some(scheme) })
    }

    /// The tag of a word.
    pub(crate) fn tag(&self, word: usize) -> &Tag {
        self.tags.get(word).unwrap_or(&Tag::Missing)
    }

    /// How a word's tag was spelled, where it says something else than the tag.
    pub(crate) fn spelling(&self, word: usize) -> Option<&'a str> {
        self.document.spelling(word).filter(|_| self.as_read)
    }

    /// What is written for a word's tag.
    pub(crate) fn text(&self, word: usize) -> Cow<'a, str> {
        match self.spelling(word) {
            Some(spelling) => Cow::Borrowed(spelling),
            None => Cow::Owned(self.tag(word).display(self.scheme).to_string()),
        }
    }
}
