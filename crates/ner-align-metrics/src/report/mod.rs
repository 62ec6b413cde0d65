//! Scores for people.

mod confusion;
mod table;
mod text;

pub use confusion::confusion;
pub use table::{summary_line, table, table_of};
