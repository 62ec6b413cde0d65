//! Scores for people: the terminal, papers and browsers.

mod confusion;
mod listing;
mod markup;
mod picture;
#[cfg(feature = "png")]
mod png;
mod svg;
mod table;
mod text;

pub use confusion::{confusion, confusion_within};
pub use listing::{buckets, comparison, error_counts, error_list, intervals};
pub use markup::{json, latex, markdown};
#[cfg(feature = "png")]
pub use png::confusion_png;
pub use svg::confusion_svg;
pub use table::{summary_line, table, table_of};
