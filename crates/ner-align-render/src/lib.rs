//! Entities in their text: as a page of one file, as a picture for papers, as colours in the terminal.
//!
//! | for | use |
//! |---|---|
//! | entities in a browser, gold against predicted too | [`EntityPage`] |
//! | a terminal | [`terminal()`], [`terminal_comparison`] |
//! | a paper | [`EntityPicture`] |
//! | scores in a browser | [`ScorePage`] |
//!
//! A page loads nothing and runs only its own script: its content-security policy names the hash of
//! each style and script. All texts are escaped. Characters that one cannot see or that change the
//! direction of text are shown by their code points, as in `U+202E`.
//!
//! A label has the same colour in all outputs, see [`label_hue`].
//!
//! ```
//! use ner_align_core::{Document, Entity};
//! use ner_align_render::EntityPage;
//! let mut builder = Document::builder();
//! ["Ada", "Lovelace", "wrote"].iter().for_each(|word| builder.push_word(word));
//! let mut document = builder.untagged();
//! document.set_entities(vec![Entity::new(0, 2, "PER".parse()?)])?;
//! let page = EntityPage::new(&[document]).title("dev set").render();
//! assert!(page.contains("Ada Lovelace<small>PER</small>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod colours;
mod comparison;
mod error;
mod html;
mod learning_curve;
mod page;
mod reliability;
mod report;
mod side;
mod svg;
mod terminal;
mod units;
mod visible;

pub use colours::label_hue;
pub use comparison::Comparison;
pub use error::RenderError;
pub use html::EntityPage;
pub use learning_curve::learning_curve_svg;
pub use reliability::reliability_svg;
pub use report::ScorePage;
pub use svg::EntityPicture;
pub use terminal::{TerminalColours, terminal, terminal_comparison};

/// The README's example, which the documentation tests run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
