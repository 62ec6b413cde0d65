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
//! so does a comment `# newdoc`. A line that starts with `# ` is a comment where no token of the
//! sentence was read yet and its last field is no tag; elsewhere `#` is a token.

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
