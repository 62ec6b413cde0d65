//! One document a line in JSON: a text with spans of characters, or tokens with tags.
//!
//! ```text
//! {"text": "Ada wrote", "tokens": [...], "spans": [{"start": 0, "end": 3, "label": "PER"}]}
//! ```
//!
//! # Shapes
//! Read are the lines of Prodigy (`text`, `tokens`, `spans`), doccano (`text` or `data` with `label`
//! or `labels`, `[start, end, label]` each; or `entities` with `start_offset` and `end_offset`),
//! spaCy (`[text, {"entities": [[start, end, label]]}]`), Label Studio (`data` and `annotations`, and
//! its short form), DataTurks (`content` and `annotation`), Hugging Face (`tokens` and `ner_tags`)
//! and of predictions (`text`, `entities`), each also as one array over many lines. Each document
//! shows its own shape; one that differs from the first is a finding `mixed-shapes`. What no
//! document holds is counted by its key in findings `not-kept`. Of several annotations of a Label
//! Studio task the first that was not cancelled is read.
//!
//! # Text and words
//! The text is kept to the byte. Words are the `tokens` where they are given and lie in the text,
//! else the text is cut as [`JsonlOptions::words`] says. Hugging Face's rows have no text;
//! theirs is rebuilt, unless there is a `text` beside in which the tokens are found.
//!
//! # Spans
//! Offsets count code points from 0, and are half-open; DataTurks' inclusive ends are converted. A
//! span that says what it covers is compared with the text: `surface-mismatch` says which unit
//! would fit. Spans that are no run of words are kept, and written as they were.
//!
//! Documents with an `answer` of `reject` or `ignore` are left out, and counted. One that has
//! neither an answer nor a list of spans was not annotated: all its words are missing.

mod document;
mod explain;
mod feed;
mod label_names;
mod layout;
mod mismatch;
mod model;
mod options;
mod part;
mod placing;
mod raw_spans;
mod reader;
mod rows;
mod seen;
mod shapes;
mod spans;
mod suspect;
mod task;
mod tokens;
mod words_document;
mod writer;

pub use crate::contract::JsonlShape;
pub(crate) use layout::holds_documents;
pub use options::{JsonlOptions, JsonlWriterOptions};
pub use reader::JsonlReader;
pub use writer::JsonlWriter;
