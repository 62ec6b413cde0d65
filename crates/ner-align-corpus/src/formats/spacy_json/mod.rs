//! spaCy's JSON training format, of version 2 and 3.
//!
//! ```json
//! [{"id": 0, "paragraphs": [{"raw": "Ada wrote", "sentences": [{"tokens": [
//!   {"id": 0, "orth": "Ada", "space": " ", "ner": "U-PER"},
//!   {"id": 1, "orth": "wrote", "space": "", "ner": "O"}]}]}]}]
//! ```
//!
//! The top level is an array of entries; each paragraph of an entry is a document, named by the
//! entry's `id` if that is a string that stands before the paragraphs. The file is read paragraph
//! by paragraph. The writer makes one entry a document.
//!
//! # Text
//! The text is `raw` where the tokens are found in it one after another, so that offsets into it
//! stay right; where it differs from the tokens with their `space`, which is what spaCy reads, a
//! finding `raw-differs` says so. Where they are not found (`raw-without-tokens`), and without
//! `raw`, the text is the tokens with their `space`, or the spaces that those which are found have
//! in `raw`; without `raw` it counts as rebuilt if no token says that there is no space. White space that is more than a space is tokens of its own, as in
//! [`docbin`](crate::formats::docbin).
//!
//! # Entities
//! `ner` has BILUO tags, with `-` or `null` for missing; those of other schemes are read too. Where
//! no token has `ner`, the `entities` of the paragraph are read, which spaCy itself only writes;
//! without both all words are missing. The writer writes both.

mod model;
mod options;
mod paragraph;
mod raw;
mod reader;
mod writer;

pub use options::SpacyJsonOptions;
pub use reader::SpacyJsonReader;
pub use writer::{SpacyJsonWriter, SpacyJsonWriterOptions};
