//! One token a line, its tag in a column: the format of the CoNLL shared tasks.
//!
//! ```text
//! -DOCSTART- -X- O O
//!
//! EU      B-ORG
//! rejects O
//! ```
//!
//! Columns are parted by a tab or by runs of spaces, sentences by blank lines, which may hold
//! spaces and tabs. Any line that starts with `-DOCSTART-` bounds a document, whatever follows, and
//! so does a comment `# newdoc`. A line that starts with `# ` is a comment where no token of the
//! sentence was read yet and its last field is no tag; elsewhere `#` is a token.

mod columns;
mod options;
mod place;
mod reader;
mod sniff;
mod writer;

pub use columns::Delimiter;
pub use options::ConllOptions;
pub(crate) use place::Place;
pub use reader::ConllReader;
pub use writer::{ConllWriter, ConllWriterOptions};

/// What a line that bounds a document starts with.
const DOCSTART: &str = "-DOCSTART-";

/// The comment that bounds a document in CoNLL-U and its kin.
const NEWDOC: &str = "# newdoc";

/// True if the comment line bounds a document.
pub(crate) fn is_newdoc(line: &str) -> bool {
    line.strip_prefix(NEWDOC).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '=']))
}

/// The document's name in a line that bounds a document: `# newdoc id = X` or `-DOCSTART- (X)`.
pub(crate) fn document_id(line: &str) -> Option<&str> {
    let id = match line.strip_prefix(DOCSTART) {
        Some(rest) => rest.trim().strip_prefix('(')?.strip_suffix(')')?,
        None => line.strip_prefix(NEWDOC)?.trim().strip_prefix("id")?.trim().strip_prefix('=')?,
    };
    Some(id.trim()).filter(|id| !id.is_empty())
}

/// True if the line holds spaces and tabs only.
pub(crate) fn is_blank(line: &str) -> bool {
    line.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | 0x0B | 0x0C))
}
