//! Renaming and dropping of entity types, and what it came to.

mod apply;
mod map;
mod tally;

pub use map::LabelMap;
pub use tally::LabelTally;
