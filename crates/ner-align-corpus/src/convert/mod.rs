//! From corpora to a corpus.

mod conversion;
mod fault_place;
mod folder;
mod losses;
mod policy;

pub use conversion::{Conversion, ConvertOptions, ConvertSummary, convert};
pub use folder::convert_folder;
pub use losses::losses;
pub use policy::{OnMisaligned, OnOverlap, Policies, Resolved};
