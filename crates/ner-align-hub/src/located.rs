//! What was asked of a model, and where it is now.

use std::path::{Path, PathBuf};

use crate::id::HubId;

/// What is needed of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Parts {
    /// `config.json`, the weights, the tokenizer, and `meta.json` if the model has one.
    Model,
    /// The tokenizer alone.
    Tokenizer,
}

/// Files on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Located {
    /// The folder of the files; for a path that the caller named, that path.
    pub path: PathBuf,
    /// Where on the Hub the files came from; `None` for a path that the caller named.
    pub origin: Option<Origin>,
}

/// The place on the Hub that files came from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin {
    /// The id, with the revision that was asked for.
    pub id: HubId,
    /// The commit that the revision stood for.
    pub commit: String,
}

impl Located {
    pub(crate) fn at_path(path: &Path) -> Self {
        Self { path: path.to_owned(), origin: None }
    }

    pub(crate) fn in_cache(path: PathBuf, id: HubId, commit: String) -> Self {
        Self { path, origin: Some(Origin { id, commit }) }
    }

    /// The name for people: the id on the Hub without its revision, or the name of the folder.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.origin {
            Some(origin) => origin.id.name().to_owned(),
            None => {
                let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned());
                name.unwrap_or_else(|| self.path.display().to_string())
            }
        }
    }

    /// The commit, if the files came from the Hub.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        self.origin.as_ref().map(|origin| origin.commit.as_str())
    }
}
