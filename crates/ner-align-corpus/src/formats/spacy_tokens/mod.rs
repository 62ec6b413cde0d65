//! spaCy's view of a text, which its formats share: tokens, each followed by one space or by
//! nothing, so that any other white space is tokens of its own.

mod acceptance;
mod assembly;
mod layout;

pub(crate) use acceptance::{check_aligned, check_words};
pub(crate) use assembly::Assembly;
pub(crate) use layout::{Layout, Mark, Token, count_gaps};
