//! FactRuEval 2016: a text, its tokens, spans of tokens, and objects that are made of spans.
//!
//! ```text
//! a.txt      Мэрия Москвы
//! a.tokens   1 0 5 Мэрия            number, start, length, text; a blank line ends a sentence
//! a.spans    7 org_descr 0 5 1 1    number, type, start, length, first token, how many
//!            8 loc_name 6 6 2 1
//! a.objects  3 Org 7 8 # Мэрия Москвы          number, type, spans
//!            4 LocOrg 8 # Москвы
//! ```
//!
//! A document is four files of one name, and a corpus a folder of them, read in the order of their
//! names; or any one file of a document. Starts and lengths count code points, as in the text; what
//! follows `#` is a comment.
//!
//! Entities are the objects: each covers what its spans cover together. Objects may share words;
//! those whose spans have other words between them are kept as discontinuous. The types of spans,
//! coreference (`.coref`) and facts (`.facts`) are counted in findings `not-kept`. The format is
//! only read.

mod reader;
mod rows;

pub use reader::FactRuEvalReader;
