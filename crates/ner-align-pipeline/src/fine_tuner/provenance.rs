//! What a run was made from, so that it can be repeated.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Split;
use crate::PipelineError;
use crate::model_source::base_name;
use crate::settings::Precision;

/// The file in the folder of a run that says so from its start. Each model's `meta.json` says it
/// too.
pub const PROVENANCE: &str = "provenance.json";

/// One corpus of a run. Folders of models are shared, so a corpus is known by its name and hash,
/// not by its place on a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DataSource {
    /// What the corpus was used for.
    pub split: Split,
    /// The name of the file or folder, without the folders it is in.
    pub name: String,
    /// Size in bytes; of a folder, of its files together. `None` for a stream, which cannot be
    /// read again, and for documents in memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// SHA-256 in hexadecimal; of a folder, of its files one after another, by their names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl DataSource {
    /// Reads size and hash of a file or a folder.
    ///
    /// # Errors
    /// [`PipelineError::Io`] if a file cannot be read.
    pub fn of_path(split: Split, path: impl AsRef<Path>) -> Result<Self, PipelineError> {
        let path = path.as_ref();
        let mut source = Self { split, name: base_name(path), bytes: None, sha256: None };
        if path.is_file() || path.is_dir() {
            let (mut bytes, mut hash) = (0, Sha256::new());
            add(path, &mut bytes, &mut hash).map_err(|error| PipelineError::io(path, error))?;
            source.bytes = Some(bytes);
            source.sha256 =
                Some(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        Ok(source)
    }

    /// Data that no file holds.
    #[must_use]
    pub fn in_memory(split: Split) -> Self {
        Self { split, name: "documents in memory".to_owned(), bytes: None, sha256: None }
    }
}

/// Data, program and base model of a run; its settings are beside it in `config.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Provenance {
    /// The version of ner-align.
    pub ner_align: &'static str,
    /// The version of the engine that computed, by its name, such as `"libtorch": "2.11"`.
    #[serde(flatten)]
    pub engine: BTreeMap<&'static str, &'static str>,
    /// The type of numbers that the model computed in, where the engine has a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// The model's id on the Hub, or the name of its folder.
    pub base_model: String,
    /// Its commit, where it came from the Hub.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_commit: Option<String>,
    /// The seed of the run.
    pub seed: u64,
    /// The corpora.
    pub data: Vec<DataSource>,
}

impl Provenance {
    /// The text of the file.
    ///
    /// # Errors
    /// [`PipelineError::Serialise`] if a value has no form in JSON.
    pub fn to_json(&self) -> Result<String, PipelineError> {
        serde_json::to_string_pretty(self)
            .map(|text| text + "\n")
            .map_err(|error| PipelineError::serialise(PROVENANCE, error))
    }
}

/// The commit of `base_model`, an id on the Hub, that the run in a folder started from; `None`
/// where there is no such run.
#[must_use]
pub fn commit_of_run(output: impl AsRef<Path>, base_model: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Base {
        base_model: String,
        base_commit: Option<String>,
    }
    let bytes = fs::read(output.as_ref().join(PROVENANCE)).ok()?;
    let run: Base = serde_json::from_slice(&bytes).ok()?;
    run.base_commit.filter(|_| run.base_model == base_model)
}

/// Adds a file, or all files of a folder.
fn add(path: &Path, bytes: &mut u64, hash: &mut Sha256) -> io::Result<()> {
    if path.is_dir() {
        let mut inside: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
        inside.sort();
        return inside.iter().try_for_each(|path| add(path, bytes, hash));
    }
    // Neither a pipe nor a device ends.
    if path.is_file() {
        *bytes += io::copy(&mut File::open(path)?, hash)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_hash_and_a_folder_by_those_of_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        fs::create_dir(folder.path().join("b")).unwrap();
        for (name, text) in [("a", "a"), ("b/c", "bc"), ("whole", "abc")] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let of = |path: &Path| {
            let source = DataSource::of_path(Split::Train, path).unwrap();
            assert!(!source.name.contains('/'), "{}", source.name);
            (source.bytes, source.sha256)
        };
        let known = (Some(3), Some(expected.to_owned()));
        assert_eq!(of(&folder.path().join("whole")), known);
        fs::remove_file(folder.path().join("whole")).unwrap();
        assert_eq!(of(folder.path()), known);
        assert_eq!(of(Path::new("-")), (None, None));
    }

    #[test]
    fn a_resumed_run_keeps_the_commit_of_its_own_base_model() {
        let folder = tempfile::tempdir().unwrap();
        let commit = || commit_of_run(folder.path(), "org/name");
        assert_eq!(commit(), None);
        for (text, expected) in [
            (r#"{"base_model": "org/name", "base_commit": "c0ffee"}"#, Some("c0ffee")),
            (r#"{"base_model": "org/other", "base_commit": "c0ffee"}"#, None),
            (r#"{"base_model": "org/name", "base_commit": null}"#, None),
            ("{", None),
        ] {
            fs::write(folder.path().join(PROVENANCE), text).unwrap();
            assert_eq!(commit().as_deref(), expected, "{text}");
        }
    }
}
