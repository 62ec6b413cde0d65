//! One document a line in JSON: a text with spans of characters, or tokens with tags.
//!
//! ```text
//! {"text": "Ada wrote", "tokens": [...], "spans": [{"start": 0, "end": 3, "label": "PER"}]}
//! ```
//!
//! # Shapes
//! Read are the records of Prodigy (`text`, `tokens`, `spans`), doccano (`text` or `data` with `label`
//! or `labels`, `[start, end, label]` each; or `entities` with `start_offset` and `end_offset`),
//! spaCy (`[text, {"entities": [[start, end, label]]}]`, `Doc.to_json`), displaCy (`ents`), Label
//! Studio (`data` and `annotations`, and its short form, whatever the fields are called), DataTurks
//! (`content` and `annotation`), Hugging Face (`tokens` and `ner_tags`), SpERT and DyGIE++ (spans of
//! words), of predictions (`text`, `entities`), and others: `docs/json.md` lists them with a sample
//! of each. A file has a record a line, or is one array, one object with lists of records, or
//! columns. Keys of other names are named by [`JsonlOptions::columns`].
//!
//! Each record shows its own shape; one that differs from the first is a finding `mixed-shapes`. A
//! key that nobody reads and that holds spans or tags is an error; what else no document holds is
//! counted by its key in findings `not-kept`. Of several annotations of a Label Studio task the
//! ground truth or else the first that was not cancelled is read, of several users of doccano the
//! first, with a finding `several-annotators`. Each text of a task that was annotated is a document.
//!
//! # Text and words
//! The text is kept to the byte. Words are the `tokens` where they are given and lie in the text,
//! else the text is cut as [`JsonlOptions::words`] says. Rows of words have no text;
//! theirs is rebuilt, unless there is a `text` beside in which the tokens are found.
//!
//! # Spans
//! Offsets count code points from 0, or what [`JsonlOptions::offsets`] says, and are half-open;
//! DataTurks' inclusive ends are converted. A span that says what it covers is compared with the
//! text. Where they differ the error `surface-mismatch` says which unit would fit all such spans;
//! [`JsonlOptions::on_surface_mismatch`] has the other ways. Spans that are no run of words are
//! kept, and written as they were. Spans of words end outside, unless the format or the file says
//! that their end is the last word (finding `word-span-ends`).
//!
//! Documents with an `answer` of `reject` or `ignore` are left out, and counted. One that has
//! neither an answer nor a list of spans was not annotated: all its words are missing. An answer to
//! one question (`_is_binary`, or the interface `ner` of Prodigy) says something of its spans alone: all other words are missing.

mod answer;
mod columns;
mod document;
mod ends;
mod explain;
mod feed;
mod label_names;
mod labelling_config;
mod labels;
mod layout;
mod mismatch;
mod model;
mod options;
mod part;
mod placing;
mod prodigy_row;
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
pub use labelling_config::{config_path, labelling_config, write_labelling_config};
pub(crate) use layout::holds_documents;
pub use options::{JsonlOptions, JsonlWriterOptions};
pub use reader::JsonlReader;
pub use rows::Suggested;
pub use writer::JsonlWriter;
