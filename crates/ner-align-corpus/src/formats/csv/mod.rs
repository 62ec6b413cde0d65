//! One token a row under a header, the layout of the GMB corpus on Kaggle.
//!
//! ```text
//! Sentence #,Word,POS,Tag
//! Sentence: 1,Thousands,NNS,O
//! ,of,IN,O
//! Sentence: 2,London,NNP,B-geo
//! ```
//!
//! The sentence is named on its first row, or on all of its rows: an empty field goes on with the
//! sentence before it. A column of documents is written and read in the same way; without one,
//! sentences make documents as the options say. A file without a column of sentences ends them at
//! blank rows. Columns are parted by commas, semicolons or tabs, whichever the header shows, and
//! quoted as RFC 4180 says. The columns are known by their names, see [`CsvColumns`]; others, such
//! as parts of speech, are not kept.

mod feed;
mod layout;
mod options;
mod reader;
mod rows;
mod sniff;
mod writer;

pub use crate::contract::CsvColumns;
pub use options::CsvOptions;
pub use reader::CsvReader;
pub(crate) use sniff::has_header;
pub use writer::CsvWriter;

/// What the names of sentences start with in the GMB layout.
const SENTENCE: &str = "Sentence: ";
