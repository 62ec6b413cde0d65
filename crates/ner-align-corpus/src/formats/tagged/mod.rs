//! What the formats with one tag a word share: rows to words and tags, and what is said of them.

mod document_marks;
mod document_names;
mod partial;
mod row_place;
mod tags;

pub(crate) use document_marks::{DOCSTART, NEWDOC, document_id, is_blank, is_newdoc};
pub(crate) use document_names::{default_name, is_default_name};
pub(crate) use partial::Partial;
pub(crate) use row_place::RowPlace;
pub(crate) use tags::TagTable;
