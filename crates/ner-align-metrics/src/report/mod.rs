//! Scores for people: the terminal, papers and browsers.

mod confusion;
mod html;
mod markup;
mod svg;
mod table;
mod text;

pub use confusion::confusion;
pub use html::HtmlReport;
pub use markup::{json, latex, markdown};
pub use svg::confusion_svg;
pub use table::{summary_line, table, table_of};
