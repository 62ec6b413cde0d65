//! What a run was made from, so that it can be repeated.

use std::fs::File;
use std::io::{self, Read};
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
    bytes: u64,
    sha256: String,
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

/// Hashes a file; a folder or a stream, which cannot be read again, only keeps its name.
fn source(split: &'static str, path: &Path) -> Result<Source, Failure> {
    let mut source =
        Source { split, path: path.display().to_string(), bytes: 0, sha256: String::new() };
    if !path.is_file() {
        return Ok(source);
    }
    let failed = |error: io::Error| Failure::input(format!("{}: {error}", path.display()));
    let mut file = File::open(path).map_err(failed)?;
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut block).map_err(failed)?;
        if read == 0 {
            break;
        }
        hash.update(&block[..read]);
        source.bytes += read as u64;
    }
    source.sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_hash() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc").unwrap();
        let source = source("train", file.path()).unwrap();
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((source.bytes, source.sha256.as_str()), (3, expected));
    }
}
