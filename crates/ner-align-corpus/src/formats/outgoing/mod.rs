//! What the writers of all formats share: where a document goes, its tags and its spans.

mod destination;
mod document_mark;
mod spans;
mod tags;
mod word_field;

pub(crate) use destination::Destination;
pub(crate) use document_mark::DocumentMark;
pub(crate) use spans::{Outgoing, in_order, word_chars};
pub(crate) use tags::OutgoingTags;
pub(crate) use word_field::WordField;
