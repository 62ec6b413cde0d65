//! The entries of a folder.

use std::path::{Path, PathBuf};

use crate::CorpusError;

/// Everything in a folder, by name.
///
/// # Errors
/// A folder that cannot be read.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    let refused = |error| CorpusError::unreadable(folder, error);
    let entries = std::fs::read_dir(folder).map_err(refused)?;
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| Ok(entry.map_err(refused)?.path())).collect::<Result<_, _>>()?;
    paths.sort();
    Ok(paths)
}
