//! CoNLL-U, the format of Universal Dependencies, with entities in the MISC column.
//!
//! ```text
//! # newdoc id = n1
//! # text = Oslo!
//! 1  Oslo  Oslo  PROPN  _  _  0  root  _  SpaceAfter=No|name=B-LOC
//! 2  !  !  PUNCT  _  _  1  punct  _  name=O
//! ```
//!
//! Single tabs separate columns. A word's tag is what MISC says under `name`, `NE` or `NER`, in any
//! case, or without a key; a word without it is `O`, and `-` is missing. Where no word has a tag, all
//! are missing: `Entity=` of CorefUD is coreference and tells no tags. Text is exact: `SpaceAfter=No`, and `SpacesAfter` and `SpacesBefore` with
//! the escapes of UDPipe (`\s \t \n \r \p \\`).
//!
//! A comment `# global.columns = ID FORM … NE` (CoNLL-U Plus) names other columns. Tags stand in the one
//! called `NE`, `NER` or the like, with or without a project before it (`PARSEME:NE`), or in MISC. There `*`
//! is `O`, and `_` is missing, unless the column has no other sign for words in no entity.
//!
//! Words are those of the text. A multi-word token (`1-2`) is one word, whose tag is its own or that
//! of its first syntactic word with an entity; the syntactic words are counted as not kept, and so
//! are empty nodes (`1.1`) and the columns of grammar. A comment `# newdoc` bounds a document.

mod annotation;
mod columns;
mod misc;
mod reader;
mod writer;

pub(crate) use columns::is_plus;
pub use reader::ConlluReader;
pub use writer::ConlluWriter;
