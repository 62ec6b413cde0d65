//! The whole of the toolkit: fine-tuning from corpora to a model folder, and prediction from a model
//! folder to entities.
//!
//! The crates below this one hold the parts: corpora, subtokens, metrics, the training loop and the
//! models. This crate puts them together, and holds what belongs to the whole: [`settings`] and
//! recipes, the model folder, and the scoring of one corpus against another.
//!
//! Nothing here prints. Warnings and progress are values, which callbacks receive.

pub mod settings;
