//! What the formats of several files a document share: which files belong together, and their text.

mod files;
mod text;

pub(crate) use files::{Stems, file_of, id_of};
pub(crate) use text::{number, read_text, split_words};
