//! From corpora to a corpus.

mod builder;
mod conversion;
pub(crate) mod fault_place;
mod folder;
mod losses;
mod policy;
mod policy_names;
mod summary;

pub use builder::{Convert, convert, convert_inputs};
pub use conversion::{Conversion, ConvertOptions, convert_all};
pub use folder::convert_folder;
pub use losses::losses;
pub use policy::{Policies, Resolved};
pub use policy_names::{OnMisaligned, OnOverlap};
pub use summary::{ConvertSummary, Grouped, files_not_read};
