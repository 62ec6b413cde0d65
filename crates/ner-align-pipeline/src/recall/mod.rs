//! How many entities a model finds at least: asked for, shown on annotated data, kept, and put to use.

mod counting;
mod path;
mod promise;
mod search;
mod table;

pub use promise::{RecallPromise, RecallTargets};
pub(crate) use search::{Evidence, promises};
pub use table::DocumentRecall;
pub(crate) use table::table;
