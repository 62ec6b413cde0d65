//! What may stand for a tag where people bring their own lists.

use std::borrow::Cow;

use crate::{Tag, TagError};

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
}

impl AsTag for Tag {
    fn as_tag(&self) -> Result<Cow<'_, Tag>, TagError> {
        Ok(Cow::Borrowed(self))
    }
}

impl AsTag for str {
    fn as_tag(&self) -> Result<Cow<'_, Tag>, TagError> {
        Tag::parse(self).map(Cow::Owned)
    }
}

impl AsTag for String {
    fn as_tag(&self) -> Result<Cow<'_, Tag>, TagError> {
        self.as_str().as_tag()
    }
}

impl<T: AsTag + ?Sized> AsTag for &T {
    fn as_tag(&self) -> Result<Cow<'_, Tag>, TagError> {
        (**self).as_tag()
    }
}
