//! A file that is to be pushed, with the names that the Hub gives its content.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::PushError;

/// Bytes that the Hub looks at to decide how a file is stored.
const SAMPLE: usize = 512;

/// A file of a model folder.
#[derive(Debug, Clone)]
pub(super) struct LocalFile {
    pub(super) path: PathBuf,
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) sha256: String,
    /// Git's own name of the content.
    git: String,
    pub(super) sample: Vec<u8>,
}

impl LocalFile {
    /// Reads the file once.
    pub(super) fn read_path(path: &Path, name: String) -> Result<Self, PushError> {
        let fail = |error| PushError::io(path, error);
        let mut file = File::open(path).map_err(fail)?;
        let size = file.metadata().map_err(fail)?.len();
        let (mut sha256, mut git) = (Sha256::new(), Sha1::new());
        git.update(format!("blob {size}\0"));
        let (mut sample, mut piece) = (Vec::new(), vec![0; 1 << 16]);
        loop {
            let read = match file.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(fail(error)),
            };
            let piece = piece.get(..read).unwrap_or_default();
            sha256.update(piece);
            git.update(piece);
            let missing = SAMPLE.saturating_sub(sample.len());
            sample.extend(piece.iter().take(missing));
        }
        let (sha256, git) = (hex(&sha256.finalize()), hex(&git.finalize()));
        Ok(Self { path: path.to_owned(), name, size, sha256, git, sample })
    }

    /// The content.
    pub(super) fn read(&self) -> Result<Vec<u8>, PushError> {
        fs::read(&self.path).map_err(|error| PushError::io(&self.path, error))
    }

    /// Whether this is the Hub's name of the content: git's own, or the SHA-256 of a large file.
    pub(super) fn has_oid(&self, oid: &str) -> bool {
        oid == self.git || oid == self.sha256
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_have_the_names_that_git_gives_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        // `printf 'hello\n' | git hash-object --stdin` and `sha256sum`.
        for (text, git, sha256) in [
            (
                "hello\n",
                "ce013625030ba8dba906f756967f9e9ca394464a",
                "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
            ),
            (
                "",
                "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
        ] {
            fs::write(&path, text).unwrap();
            let file = LocalFile::read_path(&path, "a".to_owned()).unwrap();
            assert!(file.has_oid(git) && file.has_oid(sha256) && !file.has_oid("0"), "{file:?}");
            assert_eq!(file.sample, text.as_bytes());
        }
    }
}
