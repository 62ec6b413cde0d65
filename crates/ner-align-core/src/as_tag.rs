//! What may stand for a tag where people bring their own lists.

use std::borrow::Cow;

use crate::{Scheme, Tag, TagError};

/// A [`Tag`], or the text of one: `&str` and `String` are read as [`Tag::parse`] reads them.
///
/// ```
/// use ner_align_core::{AsTag, Tag};
/// assert_eq!("O".as_tag()?.as_ref(), &Tag::Outside);
/// assert_eq!(Tag::Missing.as_tag()?.as_ref(), &Tag::Missing);
/// assert!("PER".as_tag().is_err());
/// # Ok::<(), ner_align_core::TagError>(())
/// ```
pub trait AsTag {
    /// The tag.
    ///
    /// # Errors
    /// [`TagError`] for a text that is not a tag of any scheme.
    fn as_tag(&self) -> Result<Cow<'_, Tag>, TagError>;

    /// The text of the tag; a [`Tag`] is spelled as `scheme` spells it.
    fn spelling(&self, scheme: Scheme) -> Cow<'_, str>;
}

impl AsTag for Tag {
    fn as_tag(&self) -> Result<Cow<'_, Tag>, TagError> {
        Ok(Cow::Borrowed(self))
    }

    fn spelling(&self, scheme: Scheme) -> Cow<'_, str> {
        Cow::Owned(self.display(scheme).to_string())
    }
}

impl AsTag for str {
    fn as_tag(&self) -> Result<Cow<'_, Tag>, TagError> {
        Tag::parse(self).map(Cow::Owned)
    }

    fn spelling(&self, _: Scheme) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl AsTag for String {
    fn as_tag(&self) -> Result<Cow<'_, Tag>, TagError> {
        self.as_str().as_tag()
    }

    fn spelling(&self, scheme: Scheme) -> Cow<'_, str> {
        self.as_str().spelling(scheme)
    }
}

impl<T: AsTag + ?Sized> AsTag for &T {
    fn as_tag(&self) -> Result<Cow<'_, Tag>, TagError> {
        (**self).as_tag()
    }

    fn spelling(&self, scheme: Scheme) -> Cow<'_, str> {
        (**self).spelling(scheme)
    }
}
