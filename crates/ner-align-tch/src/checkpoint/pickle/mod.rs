//! `pytorch_model.bin`: an archive of a pickle and of the numbers of its tensors.
//!
//! A pickle is a program for a machine with a stack, and may name any function of Python. This
//! crate's machine knows dictionaries, tuples, numbers and the functions that make tensors, and
//! refuses all others; libtorch's own reader ends the process on some crafted files. The numbers stay
//! in the file until they are wanted, as those of safetensors do.

mod machine;
mod value;

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use safetensors::tensor::Dtype;
use zip::{CompressionMethod, ZipArchive};

use self::machine::Machine;
use self::value::{Pickled, is_contiguous};
use super::Stored;
use super::file::{POINTER, TensorFile};
use crate::error::{ModelError, Result};

/// How the archives of PyTorch 1.6 and later start: they are zip files.
const ZIP: [u8; 4] = *b"PK\x03\x04";
/// Bytes at the start that tell what a file is.
const START: usize = 8;
/// Longest pickle; one of a model with a thousand layers is shorter than a hundredth of it.
const LONGEST: u64 = 64 << 20;
/// The end of the pickle's name in the archive.
const PICKLE: &str = "/data.pkl";

/// Opens an archive and reads its pickle. `number` is that of the file among those of its model.
pub(super) fn open(path: &Path, number: usize) -> Result<(TensorFile, Vec<Stored>)> {
    let io = |source| ModelError::Io { path: path.to_owned(), source };
    let mut start = Vec::new();
    File::open(path).map_err(io)?.take(START as u64).read_to_end(&mut start).map_err(io)?;
    if start == POINTER.get(..START).unwrap_or_default() {
        return Err(ModelError::LfsPointer { path: path.to_owned() });
    }
    if !start.starts_with(&ZIP) {
        return Err(ModelError::OldPickle { path: path.to_owned() });
    }
    let fail = |reason: String| {
        let reason = format!("expected a dictionary of tensors as torch.save writes it: {reason}");
        ModelError::Weights { path: path.to_owned(), reason }
    };
    let archive = Archive::read(File::open(path).map_err(io)?).map_err(fail)?;
    let pickled = Machine::run(&archive.pickle).map_err(fail)?;
    let stored = pickled.into_iter().filter_map(|(name, tensor)| {
        // Whole numbers are positions and the like, which the encoder computes.
        let dtype = tensor.storage.dtype?;
        let place = archive.place(&name, &tensor, dtype);
        Some(place.map(|start| Stored {
            name,
            file: number,
            dtype,
            start,
            elements: tensor.shape.iter().product(),
            shape: tensor.shape.iter().map(|&size| size as i64).collect(),
        }))
    });
    let stored = stored.collect::<std::result::Result<_, _>>().map_err(fail)?;
    Ok((TensorFile::plain(path)?, stored))
}

/// The pickle, and where in the file each storage is.
struct Archive {
    pickle: Vec<u8>,
    /// Start and length in bytes by the key of the storage.
    storages: HashMap<String, (u64, u64)>,
}

impl Archive {
    fn read(file: File) -> std::result::Result<Self, String> {
        let mut archive = ZipArchive::new(file).map_err(|error| error.to_string())?;
        let names: Vec<String> = archive.file_names().flatten().map(Into::into).collect();
        let name = names.iter().find(|name| name.ends_with(PICKLE)).ok_or("found no data.pkl")?;
        let root = name.strip_suffix(PICKLE).unwrap_or_default();
        let pickle = content(&mut archive, name)?;
        let order = format!("{root}/byteorder");
        if names.contains(&order) && content(&mut archive, &order)? != b"little" {
            return Err("found numbers of a big-endian machine".to_owned());
        }
        let mut storages = HashMap::new();
        for index in 0..archive.len() {
            let entry = archive.by_index(index).map_err(|error| error.to_string())?;
            let name = entry.name().map_err(|error| error.to_string())?;
            let key = name.strip_prefix(root).and_then(|rest| rest.strip_prefix("/data/"));
            let Some(key) = key else { continue };
            if entry.compression() != CompressionMethod::Stored {
                return Err(format!("found the storage {key:?} compressed"));
            }
            let start = entry.data_start().ok_or("found a storage without a place")?;
            storages.insert(key.to_owned(), (start, entry.size()));
        }
        Ok(Self { pickle, storages })
    }

    /// The bytes before a tensor in the file, which holds it whole.
    fn place(
        &self,
        name: &str,
        tensor: &Pickled,
        dtype: Dtype,
    ) -> std::result::Result<u64, String> {
        let key = &tensor.storage.key;
        let (start, len) =
            self.storages.get(&**key).ok_or_else(|| format!("no storage {key:?}"))?;
        if !is_contiguous(&tensor.shape, &tensor.stride) {
            return Err(format!("found the tensor {name:?} with its numbers in another order"));
        }
        let size = dtype.bitsize() as u64 / 8;
        let elements =
            tensor.shape.iter().try_fold(1_u64, |all, &size| all.checked_mul(size as u64));
        let end = elements
            .and_then(|elements| elements.checked_add(tensor.offset as u64)?.checked_mul(size))
            .filter(|end| end <= len);
        if end.is_none() {
            return Err(format!("found the tensor {name:?} larger than its storage"));
        }
        Ok(start + tensor.offset as u64 * size)
    }
}

/// The bytes of a small file of the archive.
fn content(archive: &mut ZipArchive<File>, name: &str) -> std::result::Result<Vec<u8>, String> {
    let entry = archive.by_name(name).map_err(|error| error.to_string())?;
    if entry.size() > LONGEST {
        return Err(format!("found {name} of {} bytes", entry.size()));
    }
    let mut bytes = Vec::new();
    entry.take(LONGEST).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}
