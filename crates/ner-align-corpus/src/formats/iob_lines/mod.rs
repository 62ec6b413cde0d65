//! One sentence a line, `word|TAG` or `word|POS|TAG`: the format of spaCy's `iob` converter.
//!
//! ```text
//! EU|NNP|B-ORG rejects|VBZ|O German|JJ|B-MISC call|NN|O
//! ```
//!
//! White space separates items. The tag is what follows an item's last `|`; what comes before
//! it is the word, or the word and its part of speech where the items of the file have three parts.
//! So a word may itself hold a `|`. Blank lines mean nothing.

mod parts;
mod reader;
mod writer;

pub use reader::IobLinesReader;
pub use writer::IobLinesWriter;
