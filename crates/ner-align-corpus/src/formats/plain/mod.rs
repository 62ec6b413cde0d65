//! Plain text, a document a line.

mod reader;

pub use reader::TextReader;
