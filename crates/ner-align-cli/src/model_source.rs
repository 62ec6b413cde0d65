//! Models and tokenizers that a command line names: folders, or ids on the Hugging Face Hub.

use std::path::{Path, PathBuf};

use crate::Failure;

/// The folder of a model.
///
/// A path that does not exist is returned as it is, for its reader to report.
///
/// # Errors
/// An id whose model is neither on the Hub nor in the cache.
#[cfg(feature = "hub")]
pub fn locate_model(argument: &Path, offline: bool) -> Result<PathBuf, Failure> {
    locate(argument, ner_align_hub::Parts::Model, offline)
}

/// The folder or the file of a tokenizer.
///
/// # Errors
/// As [`locate_model`].
#[cfg(feature = "hub")]
pub fn locate_tokenizer(argument: &Path, offline: bool) -> Result<PathBuf, Failure> {
    locate(argument, ner_align_hub::Parts::Tokenizer, offline)
}

#[cfg(feature = "hub")]
fn locate(argument: &Path, parts: ner_align_hub::Parts, offline: bool) -> Result<PathBuf, Failure> {
    match ner_align_hub::HubId::from_argument(argument) {
        Some(id) => Ok(crate::hub::client(offline)?.fetch(&id, parts)?.path),
        None => Ok(argument.to_owned()),
    }
}

/// The folder of a model.
///
/// # Errors
/// There is no such folder; this program cannot fetch models.
#[cfg(not(feature = "hub"))]
pub fn locate_model(argument: &Path, _offline: bool) -> Result<PathBuf, Failure> {
    if argument.exists() {
        return Ok(argument.to_owned());
    }
    Err(Failure::environment(format!("{}: expected a folder, found nothing", argument.display()))
        .hint("this program was built without the feature `hub`, which fetches models by their id"))
}

/// The folder or the file of a tokenizer.
///
/// # Errors
/// As [`locate_model`].
#[cfg(not(feature = "hub"))]
pub fn locate_tokenizer(argument: &Path, offline: bool) -> Result<PathBuf, Failure> {
    locate_model(argument, offline)
}
