//! From corpora to a corpus.

mod builder;
mod conversion;
mod fault_place;
mod folder;
mod losses;
mod policy;

pub use builder::{Convert, convert};
pub use conversion::{Conversion, ConvertOptions, ConvertSummary, convert_all};
pub use folder::convert_folder;
pub use losses::losses;
pub use policy::{OnMisaligned, OnOverlap, Policies, Resolved};
