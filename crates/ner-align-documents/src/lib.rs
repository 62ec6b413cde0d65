//! The text of PDF, Word, HTML and Markdown files.
//!
//! [`extract`] takes bytes, [`read`] a file. What comes out is an [`ExtractedText`]: the text in
//! reading order, paragraphs separated by a blank line.
//!
//! ```
//! use ner_align_documents::{DocumentKind, ExtractOptions, extract};
//!
//! let html = b"<h1>Ada Lovelace</h1><p>wrote the first <b>program</b>.";
//! let document = extract(html, DocumentKind::Html, &ExtractOptions::default())?;
//! assert_eq!(document.text, "Ada Lovelace\n\nwrote the first program.");
//! # Ok::<(), ner_align_documents::DocumentsError>(())
//! ```
//!
//! # What becomes text
//!
//! | kind | text |
//! |---|---|
//! | text | as it is: UTF-8, or UTF-16 with a byte order mark |
//! | docx | headers, body, notes and footers; cells separated by tabs, rows by lines; no deleted or hidden text |
//! | HTML | what a reader sees; cells separated by tabs; charset by byte order mark, `meta`, else UTF-8 or Windows-1252 |
//! | PDF | lines that go on are joined, words broken by a hyphen too, ligatures are letters; columns one after the other; cells separated by tabs |
//! | Markdown | the text without markup; code as it is; the text of embedded HTML |
//!
//! A PDF holds no text but letters at places. `docs/documents.md` in the repository shows what comes
//! out of files of fifteen programs. [`ExtractedText::pages`] has its pages, and
//! [`ExtractedText::boxes`] the place of a range of the text. Boxes have the advance of a letter as
//! their width, and the size of the font as their height. A scan is [`DocumentsError::NoText`],
//! unless it holds the text of a recognition. A letter that the font does not tell is U+FFFD; a PDF
//! in which most are so is refused. PDF is the feature `pdf`, which is on by default.
//!
//! Soft hyphens and zero-width spaces go, and no-break spaces become spaces, except in plain text.
//!
//! # Input that nobody trusts
//!
//! [`ExtractOptions`] limits bytes, text, time and what compressed parts unpack to. [`extract`]
//! works on a thread of its own with a large stack, catches panics, and returns an error at the
//! deadline. It cannot end a parser that takes all memory or does not return. [`Worker`] can: it
//! extracts in a process of its own, which it kills at the deadline and which on Linux has a limit of
//! memory.

mod blocks;
mod charset;
mod docx;
mod error;
mod extracted;
mod guard;
mod html;
mod kind;
mod markdown;
mod options;
#[cfg(feature = "pdf")]
mod pdf;
mod plain;
mod worker;

pub use error::{DocumentsError, Limit};
pub use extracted::{ExtractedText, Page, PageBox};
pub use guard::{extract, read};
pub use kind::DocumentKind;
pub use options::ExtractOptions;
pub use worker::{Worker, worker_main};
