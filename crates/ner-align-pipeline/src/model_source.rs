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
    /// A model in a folder that the caller named.
    fn of_folder(path: &Path) -> Self {
        Self { path: path.to_owned(), origin: None }
    }

    /// The name for people: the id on the Hub, or the name of the folder.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.origin {
            Some((id, _)) => id.clone(),
            None => base_name(&self.path),
        }
    }

    /// The id on the Hub, where the model came from there.
    #[must_use]
    pub fn hub_id(&self) -> Option<&str> {
        self.origin.as_ref().map(|(id, _)| id.as_str())
    }

    /// The commit, where the model came from the Hub.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        self.origin.as_ref().map(|(_, commit)| commit.as_str())
    }
}

/// Finds models by what a caller names: a folder, or an id on the Hub.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    /// Fetches models; `None` for one with the settings of the environment.
    #[cfg(feature = "hub")]
    pub(crate) client: Option<ner_align_hub::Client>,
}

impl Finder {
    /// The model with this path or id, at this commit if it comes from the Hub.
    #[cfg(feature = "hub")]
    pub(crate) fn find(
        &self,
        model: &Path,
        commit: Option<&str>,
    ) -> Result<ModelSource, PipelineError> {
        use ner_align_hub::{Client, HubId, Parts, Settings};

        let Some(id) = HubId::from_argument(model) else {
            check_is_folder(model)?;
            return Ok(ModelSource::of_folder(model));
        };
        let id = commit.map_or_else(|| Ok(id.clone()), |commit| id.at(commit))?;
        let located = match &self.client {
            Some(client) => client.fetch(&id, Parts::Model)?,
            None => Client::new(Settings::from_env()?).fetch(&id, Parts::Model)?,
        };
        let commit = located.commit().map(str::to_owned);
        let origin = commit.map(|commit| (id.name().to_owned(), commit));
        Ok(ModelSource { path: located.path, origin })
    }

    /// The model in this folder.
    #[cfg(not(feature = "hub"))]
    pub(crate) fn find(&self, model: &Path, _: Option<&str>) -> Result<ModelSource, PipelineError> {
        match check_is_folder(model) {
            Err(PipelineError::Folder { path, expected, found, .. }) if !model.exists() => {
                let hint = "a folder with config.json, model.safetensors and tokenizer.json; ids on \
                            the Hugging Face Hub need a build with the feature `hub`";
                Err(PipelineError::Folder { path, expected, found, hint: Some(hint.to_owned()) })
            }
            outcome => outcome.map(|()| ModelSource::of_folder(model)),
        }
    }
}

/// The last part of a path, or the whole of one that has no parts.
pub(crate) fn base_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| path.display().to_string())
}
