//! What a run was made from, so that it can be repeated.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use ner_align_cli::Failure;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The file in the folder of a run that says so from its start; each model's `meta.json` says it
/// too.
pub(super) const FILE: &str = "provenance.json";

/// One corpus file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Source {
    /// `train`, `dev` or `test`.
    split: &'static str,
    path: String,
    /// Size and hash; of a folder those of its files one after another, by their names. A stream
    /// cannot be read again and has neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

/// Data, program and base model of a run; its settings are beside it in `config.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Provenance {
    ner_align: &'static str,
    libtorch: &'static str,
    /// As the command line names it.
    base_model: String,
    /// Its commit, where it came from the Hugging Face Hub.
    #[serde(skip_serializing_if = "Option::is_none")]
    base_commit: Option<String>,
    seed: u64,
    data: Vec<Source>,
}

impl Provenance {
    pub(super) fn of(
        base_model: &Path,
        base_commit: Option<&str>,
        seed: u64,
        splits: [(&'static str, &[PathBuf]); 3],
    ) -> Result<Self, Failure> {
        let mut data = Vec::new();
        for (split, paths) in splits {
            for path in paths {
                data.push(source(split, path)?);
            }
        }
        Ok(Self {
            ner_align: env!("CARGO_PKG_VERSION"),
            libtorch: ner_align_tch::LIBTORCH_VERSION,
            base_model: base_model.display().to_string(),
            base_commit: base_commit.map(str::to_owned),
            seed,
            data,
        })
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// The commit of this base model that the run in a folder started from.
pub(super) fn commit_of_run(output: &Path, base_model: &Path) -> Option<String> {
    let bytes = std::fs::read(output.join(FILE)).ok()?;
    let run: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    let same = run["base_model"] == base_model.display().to_string();
    Some(run["base_commit"].as_str().filter(|_| same)?.to_owned())
}

fn source(split: &'static str, path: &Path) -> Result<Source, Failure> {
    let mut source = Source { split, path: path.display().to_string(), bytes: None, sha256: None };
    if path.is_file() || path.is_dir() {
        let (mut bytes, mut hash) = (0, Sha256::new());
        add(path, &mut bytes, &mut hash)
            .map_err(|error| Failure::input(format!("{}: {error}", path.display())))?;
        source.bytes = Some(bytes);
        source.sha256 = Some(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
    }
    Ok(source)
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
            let source = source("train", path).unwrap();
            (source.bytes, source.sha256)
        };
        let known = (Some(3), Some(expected.to_owned()));
        assert_eq!(of(&folder.path().join("whole")), known);
        fs::remove_file(folder.path().join("whole")).unwrap();
        assert_eq!(of(folder.path()), known);
        assert_eq!(of(Path::new("-")), (None, None));
    }
}
