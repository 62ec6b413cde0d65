//! What the formats with one tag a word share: rows to words and tags, and what is said of them.

mod builder;
mod document_marks;
mod document_names;
mod scheme_guess;
mod tag_numbers;
mod tag_style;
mod tags;

pub(crate) use builder::{TaggedBuilder, empty_token};
pub(crate) use document_marks::{DOCSTART, NEWDOC, document_id, is_blank, is_newdoc};
pub(crate) use document_names::{default_name, is_default_name};
pub(crate) use scheme_guess::{SchemeGuess, scheme_and_style};
pub(crate) use tag_numbers::{named_tag, unnamed_tags};
pub(crate) use tag_style::{TagStyle, is_respelled, looks_like_tag};
pub(crate) use tags::{TagFault, TagTable, TagTexts};
