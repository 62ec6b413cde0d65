//! What a run was made from, so that it can be repeated.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ner_align_cli::Failure;
use serde::Serialize;
use sha2::{Digest, Sha256};

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
    base_model: String,
    seed: u64,
    data: Vec<Source>,
}

impl Provenance {
    pub(super) fn of(
        base_model: &Path,
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
            seed,
            data,
        })
    }
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
