//! One safetensors file: eight bytes of length, a header in JSON, the tensors.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use safetensors::tensor::Metadata;

use super::Stored;
use crate::error::{ModelError, Result};

/// Bytes of the number that says how long the header is.
const LENGTH: usize = 8;
/// Longest header that the format allows.
const LONGEST_HEADER: u64 = 100_000_000;

/// What stands in place of a file that Git LFS has not fetched.
pub(super) const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// An open file.
#[derive(Debug)]
pub(super) struct TensorFile {
    path: PathBuf,
    file: File,
}

impl TensorFile {
    /// Opens a file and reads its header, which is checked against the file's length. `number` is
    /// that of the file among those of its model.
    pub(super) fn open(path: &Path, number: usize) -> Result<(Self, Vec<Stored>)> {
        let path = path.to_owned();
        let io = |source| ModelError::Io { path: path.clone(), source };
        let file = File::open(&path).map_err(io)?;
        let total = file.metadata().map_err(io)?.len();
        let file = Self { path, file };
        let mut length = [0; LENGTH];
        if total < LENGTH as u64 {
            return Err(file.damaged(format!("{total} bytes long")));
        }
        file.read_at(0, &mut length)?;
        if POINTER.starts_with(&length) {
            return Err(ModelError::LfsPointer { path: file.path });
        }
        let header_len = u64::from_le_bytes(length);
        let data = LENGTH as u64 + header_len.min(LONGEST_HEADER);
        if header_len > LONGEST_HEADER || data > total {
            let reason = format!("a header of {header_len} bytes in a file of {total}");
            return Err(file.damaged(reason));
        }
        let mut header = vec![0; header_len as usize];
        file.read_at(LENGTH as u64, &mut header)?;
        let metadata: Metadata = serde_json::from_slice(&header).map_err(|e| file.damaged(e))?;
        if metadata.data_len() as u64 != total - data {
            let (promised, found) = (metadata.data_len(), total - data);
            let reason = format!("its header promises {promised} bytes of tensors, found {found}");
            return Err(file.damaged(reason));
        }
        let tensors = metadata.tensors().into_iter().map(|(name, info)| Stored {
            name,
            file: number,
            dtype: info.dtype,
            shape: info.shape.iter().map(|&size| size as i64).collect(),
            elements: info.shape.iter().product(),
            start: data + info.data_offsets.0 as u64,
        });
        let tensors = tensors.collect();
        Ok((file, tensors))
    }

    /// Opens a file whose tensors are known.
    pub(super) fn plain(path: &Path) -> Result<Self> {
        let path = path.to_owned();
        let file =
            File::open(&path).map_err(|source| ModelError::Io { path: path.clone(), source })?;
        Ok(Self { path, file })
    }

    /// Fills `bytes` from this place of the file on.
    pub(super) fn read_at(&self, start: u64, bytes: &mut [u8]) -> Result<()> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(start))
            .and_then(|_| file.read_exact(bytes))
            .map_err(|source| ModelError::Io { path: self.path.clone(), source })
    }

    /// The error of a file of another kind.
    fn damaged(&self, reason: impl std::fmt::Display) -> ModelError {
        self.fail(format!("not a safetensors file: {reason}"))
    }

    /// The error of a file whose tensors are not those of a model.
    pub(super) fn fail(&self, reason: String) -> ModelError {
        ModelError::Weights { path: self.path.clone(), reason }
    }
}
