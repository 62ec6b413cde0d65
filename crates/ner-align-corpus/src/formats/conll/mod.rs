//! One token a line, its tag in a column: the format of the CoNLL shared tasks.
//!
//! ```text
//! -DOCSTART- -X- O O
//!
//! EU      B-ORG
//! rejects O
//! ```
//!
//! A tab or runs of spaces separate columns, blank lines separate sentences; these may hold
//! spaces and tabs. Any line that starts with `-DOCSTART-` bounds a document, whatever follows, and
//! so does a comment `# newdoc`.
//!
//! The first MiB decides which column holds what, see [`ConllOptions`]: an index, a header, tags in the
//! first column, numbers of sentences, two levels of tags, brackets around entities. What is not usual is a
//! finding. A line
//! that starts with `#` is a row if it has as many fields as the others and a tag where they have
//! theirs; else it is a comment, or the `#begin document` of CoNLL-2012.

mod brackets;
mod columns;
mod hash_lines;
mod layout;
mod options;
mod reader;
mod row_findings;
mod sniff;
mod writer;

pub use crate::contract::Delimiter;
pub use options::ConllOptions;
pub use reader::ConllReader;
pub use writer::{ConllWriter, ConllWriterOptions};
