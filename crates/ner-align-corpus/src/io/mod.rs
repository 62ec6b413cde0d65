//! Files and folders: what is read, what is written, and what a folder holds.

mod atomic_file;
mod atomic_folder;
mod drafts;
mod entries;
mod listing;
mod names;
mod overwriting;
mod source;
mod special;
mod target;

pub use atomic_file::AtomicFile;
pub use atomic_folder::AtomicFolder;
pub(crate) use atomic_folder::parent;
pub use drafts::{Draft, remove_drafts};
pub use entries::entries;
pub(crate) use listing::left_out;
pub use listing::{FILE_NOT_READ, Listing, finding, is_folder_of_files, unknown};
pub use names::read_names;
pub use overwriting::refuse_overwriting;
pub(crate) use source::guess;
pub(crate) use source::open_file;
#[cfg(feature = "parquet")]
pub(crate) use source::{ALWAYS_FINE, MAX_RATIO};
pub use source::{Encoding, Source, Standard};
pub(crate) use special::special_kind;
pub(crate) use target::SharedTarget;
