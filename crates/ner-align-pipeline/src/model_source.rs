//! Where a model comes from: a folder, or the Hugging Face Hub.

use std::path::{Path, PathBuf};

use crate::PipelineError;
use crate::model_folder::check_is_folder;

/// A model on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelSource {
    /// Its folder.
    pub path: PathBuf,
    /// Its id on the Hub and the commit that was taken, where it came from there.
    pub origin: Option<(String, String)>,
}

impl ModelSource {
    /// A model in a folder that somebody else filled.
    #[must_use]
    pub fn of_folder(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().to_owned(), origin: None }
    }

    /// A model from the Hub: its folder, its id and the commit that was taken.
    #[must_use]
    pub fn of_hub(path: impl AsRef<Path>, id: String, commit: String) -> Self {
        Self { path: path.as_ref().to_owned(), origin: Some((id, commit)) }
    }

    /// The name for people: the id on the Hub, or the name of the folder.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.origin {
            Some((id, _)) => id.clone(),
            None => base_name(&self.path),
        }
    }

    /// The commit, where the model came from the Hub.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        self.origin.as_ref().map(|(_, commit)| commit.as_str())
    }
}

/// The model in this folder.
pub(crate) fn find(model: &Path) -> Result<ModelSource, PipelineError> {
    check_is_folder(model)?;
    Ok(ModelSource::of_folder(model))
}

/// The last part of a path, or the whole of one that has no parts.
pub(crate) fn base_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| path.display().to_string())
}
