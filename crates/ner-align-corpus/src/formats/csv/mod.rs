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
//!
//! A table may also hold a sentence a row, or a text a row:
//!
//! ```text
//! Sentence,Word labels                 tokens,ner_tags
//! Mara lives,B-PER O                   "['Mara', 'lives']","['B-PER', 'O']"
//!
//! text,label
//! Acme hires.,"[{""start"": 0, ""end"": 4, ""labels"": [""ORG""]}]"
//! ```
//!
//! Words are a list or parted by white space, tags a list or parted by spaces or commas; spans are
//! JSON or literals of Python, as Label Studio and pandas write them. `nan`, `NULL` and the like are
//! empty fields in the columns of sentences and documents.

mod feed;
mod layout;
mod literal;
mod options;
mod reader;
mod rows;
mod sniff;
mod spans;
mod wide;
mod wide_rows;
mod writer;

pub use crate::contract::CsvColumns;
pub use options::CsvOptions;
pub use reader::CsvReader;
pub(crate) use sniff::has_header;
pub use writer::CsvWriter;

/// What the names of sentences start with in the GMB layout.
const SENTENCE: &str = "Sentence: ";
