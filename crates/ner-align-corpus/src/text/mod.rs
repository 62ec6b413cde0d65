//! Text: its lines, words and sentences, and spans of characters put onto words.

mod char_map;
mod lines;
mod offsets;
mod placement;
pub(crate) mod python;
pub mod sentences;
mod shorten;
mod surface;
pub mod words;

pub use char_map::CharMap;
pub use lines::Lines;
pub(crate) use lines::{MAX_LINE_BYTES, other_encoding};
pub(crate) use offsets::{OffsetMap, slice};
pub use placement::{Placed, exact_words, extent, place_spans, span_finding, touched_words};
pub(crate) use placement::{covered_words, span_error};
pub use shorten::{clip, shorten};
pub(crate) use surface::Surfaces;
