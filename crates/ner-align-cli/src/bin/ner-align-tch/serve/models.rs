//! The models that the command line names.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ner_align_cli::Failure;
use ner_align_pipeline::Predictor;
use ner_align_serve::Models;

use super::failure;
use crate::model::ComputingArgs;
use crate::thresholds::ThresholdArgs;

/// A model, and the name that requests give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedModel {
    pub(super) name: String,
    path: PathBuf,
}

impl FromStr for NamedModel {
    type Err = Infallible;

    /// `NAME=DIR`, or a folder that is called after itself. A path that exists is a path, with or
    /// without `=`.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let named = text.split_once('=').filter(|(name, _)| !name.is_empty());
        Ok(match named {
            Some((name, path)) if !Path::new(text).exists() => {
                Self { name: name.to_owned(), path: path.into() }
            }
            _ => Self { name: own_name(Path::new(text)), path: text.into() },
        })
    }
}

/// How every model is opened.
#[derive(Debug, Clone)]
pub(super) struct Loading {
    pub(super) computing: ComputingArgs,
    pub(super) thresholds: ThresholdArgs,
}

impl Loading {
    fn open(&self, model: &Path) -> Result<Predictor, Failure> {
        let (predictor, _) = self.computing.open(model)?;
        self.thresholds.apply(predictor)
    }
}

/// The last part of a path or an id.
fn own_name(path: &Path) -> String {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
    if name.is_empty() { "default".to_owned() } else { name }
}

/// Opens all models; the first one is the default.
pub(super) fn open(named: &[NamedModel], loading: &Loading) -> Result<Models, Failure> {
    let mut models: Option<Models> = None;
    for model in named {
        let predictor = loading.open(&model.path)?;
        models = Some(match models {
            None => Models::new(&model.name, predictor),
            Some(models) => models.with(&model.name, predictor),
        });
    }
    models.ok_or_else(|| Failure::usage("--model: expected at least one, found none"))
}

/// Opens a model again and puts it in the place of the one with its name.
pub(super) fn reload(
    models: &Models,
    named: &NamedModel,
    loading: &Loading,
) -> Result<(), Failure> {
    let predictor = loading.open(&named.path)?;
    models.replace(&named.name, predictor).map_err(failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_models() {
        for (text, name, path) in [
            ("news=models/a", "news", "models/a"),
            ("out/model-best", "model-best", "out/model-best"),
            ("dslim/bert-base-NER", "bert-base-NER", "dslim/bert-base-NER"),
            ("=x", "=x", "=x"),
            ("a=b=c", "a", "b=c"),
            ("/", "default", "/"),
        ] {
            let expected = NamedModel { name: name.to_owned(), path: path.into() };
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        let folder = tempfile::tempdir().unwrap();
        let odd = folder.path().join("a=b");
        std::fs::create_dir(&odd).unwrap();
        let model: NamedModel = odd.to_str().unwrap().parse().unwrap();
        assert_eq!((model.name.as_str(), &model.path), ("a=b", &odd));
    }
}
