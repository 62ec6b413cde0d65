//! Renaming and dropping of entity types, and what it came to.

mod apply;
mod frequency;
mod map;
mod tally;

pub use frequency::by_frequency;
pub use map::LabelMap;
pub use tally::LabelTally;
