//! How the formats of lines name the document that follows.

use ner_align_core::Document;

use super::Destination;
use crate::CorpusError;
use crate::formats::tagged::{document_id, is_newdoc};

/// What the line before a document has to say.
pub(crate) enum DocumentMark<'a> {
    /// Nothing: a comment of the document marks and names it.
    Comment,
    /// That a document without a name starts.
    Nameless,
    /// That the document of this name starts.
    Named(&'a str),
}

impl<'a> DocumentMark<'a> {
    /// The mark of a document.
    ///
    /// # Errors
    /// A name that does not fit on a line.
    pub(crate) fn of(
        document: &'a Document,
        destination: &Destination,
    ) -> Result<Self, CorpusError> {
        let comments = document.sentences().first().map_or(&[][..], |first| &first.comments);
        let id = document.id().filter(|id| !id.is_empty());
        let named = |comment: &String| is_newdoc(comment) && document_id(comment) == id;
        if comments.iter().any(named) {
            return Ok(Self::Comment);
        }
        let Some(id) = id else { return Ok(Self::Nameless) };
        if id.contains(['\n', '\r', '\0']) || id.trim() != id {
            let found = format!("{id:?}");
            return Err(destination.refuse("unwritable-id", "a name on one line", found));
        }
        Ok(Self::Named(id))
    }
}
