//! spaCy's `.spacy` files: a `DocBin`, which is zlib over msgpack.
//!
//! A file holds the tokens of all its documents as rows of numbers, and beside them the strings
//! that the numbers stand for. Of the columns, words (`ORTH`), entities (`ENT_IOB`, `ENT_TYPE`) and
//! sentence starts (`SENT_START`) become documents; what else is annotated is counted in findings
//! with the code `not-kept`. A folder of such files is one corpus, read file by file in the order
//! of their numbers or names.
//!
//! # Text
//! spaCy's text is tokens, each with one space after it or none. Other white space is tokens of its
//! own, and stays so when read, which keeps the text exact; with
//! [`ReadOptions::fold_white_space`](crate::ReadOptions::fold_white_space) it becomes text between
//! words again, unless an entity starts or ends with it. The writer makes such tokens where spaCy's
//! tokenizer would. A document whose spaces are unknown has a rebuilt text.
//!
//! # Entities
//! Those of `doc.ents` and the labelled spans of all span groups, each once however often it is
//! given there. Words whose `ENT_IOB` is 0 are missing, unless no word has another and the document
//! has spans in groups, which then are its annotation. Entities that share words are written as the
//! span group `sc`, with `ENT_IOB` 0 throughout, since `doc.ents` cannot hold them and must not say
//! that there are none.
//!
//! # Limits
//! A file's tokens come before the strings that they stand for, so that a whole file is held, in
//! 9 bytes a token and its strings: at most 1 GiB, out of at most 8 GiB unpacked. spaCy's own files
//! end at 4 GiB. The writer keeps strings and lengths in memory, tokens in a temporary file.

mod columns;
mod content;
mod document;
mod expect;
mod files;
mod folder;
mod groups;
mod options;
mod reader;
mod shard;
mod sniff;
mod strings;
mod unpack;
mod writer;

pub use files::DocBinFiles;
pub use folder::DocBinFolder;
pub use options::DocBinOptions;
pub use reader::DocBinReader;
pub use writer::{DocBinWriter, DocBinWriterOptions};

pub(crate) use sniff::is_docbin;

/// The attribute of a word's string.
const ORTH: u64 = 65;

/// The attribute of a word's place in an entity: 0 missing, 1 inside, 2 outside, 3 first.
const ENT_IOB: u64 = 77;

/// The attribute of an entity's type.
const ENT_TYPE: u64 = 78;

/// The attribute of a sentence's first word: 1 first, -1 not, 0 unknown.
const SENT_START: u64 = 80;
