//! BRAT standoff: a text in a file of its own, its entities in another one beside it; `⇥` is a tab.
//!
//! ```text
//! T1⇥PER 0 12⇥Ada Lovelace
//! T2⇥LOC 21 24;31 37⇥New London
//! ```
//!
//! A document is a pair `NAME.txt` and `NAME.ann`, and a corpus a folder of pairs, read in the order
//! of their names, those that are numbers by number; or either file of one pair. An empty `.ann` is
//! a document without entities. A `.txt` without its `.ann` is no document and is left out, with a
//! finding `missing-ann`; a `.ann` without its text is an error.
//!
//! # Text and spans
//! The text is kept to the byte: offsets count its code points, also those of line ends and of a
//! byte order mark. Words are cut as [`ReadOptions::words`](crate::ReadOptions::words) says. Pieces parted by white
//! space alone are one entity, which is how brat holds one that a line end interrupts; other spans
//! of several pieces are kept as discontinuous. A span's own text is compared with the text at its
//! offsets, and a finding `surface-mismatch` says which unit would fit. Relations, events,
//! attributes, notes and what else is there are counted in findings `not-kept`.
//!
//! # Writing
//! The writer makes a folder, whole or not at all. Files are named by their documents, with `_` for
//! characters that file names lack and a number where two would be one; a document without a name
//! is named by its number, as in `0001.txt`, and has none when read again. A folder that is there
//! is replaced if it holds nothing but pairs. An entity that crosses line ends becomes a piece a
//! line.

mod annotation;
mod reader;
mod writer;

pub use reader::BratReader;
pub use writer::BratWriter;

/// The end of a text's name.
const TEXT: &str = "txt";

/// The end of an annotation's name.
const ANNOTATION: &str = "ann";
