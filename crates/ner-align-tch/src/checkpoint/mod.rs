//! The tensors of a model folder, read one by one.
//!
//! Only headers are held; a tensor goes from disk straight to where it is wanted, a few megabytes
//! at a time, so that loading needs no second copy of the model.

mod file;
mod shards;
mod write;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use safetensors::tensor::Dtype;
use tch::{Kind, Tensor};

use crate::error::{ModelError, Result};
use file::TensorFile;
pub(crate) use write::write;

const SINGLE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
/// Weights as other tools keep them.
const OTHERS: [&str; 4] =
    ["pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack"];
/// What wrappers put before the names of the model that they wrap.
const WRAPPERS: [&str; 3] = ["module.", "model.", "auto_model."];
/// Bytes that are in memory on the way from disk to a tensor.
const CHUNK: usize = 4 << 20;

/// A tensor on disk.
#[derive(Debug)]
struct Stored {
    /// As the file calls it.
    name: String,
    /// Index of its file.
    file: usize,
    dtype: Dtype,
    shape: Vec<i64>,
    elements: usize,
    /// Bytes before it in the file.
    start: u64,
}

/// The tensors of a model folder under the names that this crate uses: without the prefix of the
/// family's task models, and with `LayerNorm.weight` where old files say `gamma`.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    path: PathBuf,
    files: Vec<TensorFile>,
    tensors: HashMap<String, Stored>,
}

impl Checkpoint {
    /// Opens `model.safetensors`, or the files that `model.safetensors.index.json` names.
    pub(crate) fn read(directory: &Path, prefix: &str) -> Result<Self> {
        let single = directory.join(SINGLE);
        if single.is_file() {
            return Self::read_file(&single, prefix);
        }
        let index = directory.join(INDEX);
        if index.is_file() {
            return Self::read_shards(&index, prefix);
        }
        let path = directory.to_owned();
        match OTHERS.into_iter().find(|name| directory.join(name).is_file()) {
            Some(found) => Err(ModelError::OtherWeights { path, found }),
            None => Err(ModelError::MissingFile { path, missing: SINGLE }),
        }
    }

    /// Opens one file of tensors.
    pub(crate) fn read_file(path: &Path, prefix: &str) -> Result<Self> {
        let mut checkpoint = Self::empty(path);
        checkpoint.add(path, prefix, |_| true)?;
        Ok(checkpoint)
    }

    fn empty(path: &Path) -> Self {
        Self { path: path.to_owned(), files: Vec::new(), tensors: HashMap::new() }
    }

    /// Takes up the header of a file, as far as its tensors are `wanted`.
    fn add(&mut self, path: &Path, prefix: &str, wanted: impl Fn(&str) -> bool) -> Result<()> {
        let (file, tensors) = TensorFile::open(path)?;
        let index = self.files.len();
        for stored in tensors {
            if !wanted(&stored.name) {
                continue;
            }
            let stored = Stored { file: index, ..stored };
            let name = stored.name.clone();
            if let Some(other) = self.tensors.insert(own_name(&name, prefix), stored) {
                return Err(file.fail(format!("{name:?} and {:?} are one weight", other.name)));
            }
        }
        self.files.push(file);
        Ok(())
    }

    /// The file, for messages.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// True if there are no tensors.
    pub(crate) fn is_empty(&self) -> bool {
        self.tensors.is_empty()
    }

    /// Shape of the tensor of this name, if there is one.
    pub(crate) fn shape(&self, name: &str) -> Option<&[i64]> {
        self.tensors.get(name).map(|stored| &*stored.shape)
    }

    /// Fills `target`, contiguous and of the tensor's shape, whatever its kind and device. False
    /// if there is no such tensor.
    pub(crate) fn copy_into(&self, name: &str, target: &Tensor) -> Result<bool> {
        let Some(stored) = self.tensors.get(name) else { return Ok(false) };
        let file = &self.files[stored.file];
        let Some(kind) = kind_of(stored.dtype) else {
            let (name, found) = (&stored.name, stored.dtype);
            let reason = format!("weight {name:?}: expected F16, BF16, F32 or F64, found {found}");
            return Err(file.fail(reason));
        };
        let target = target.f_view([-1])?;
        let size = kind.elt_size_in_bytes();
        let mut buffer = vec![0; CHUNK.min(stored.elements * size)];
        let mut done = 0;
        while done < stored.elements {
            let count = (CHUNK / size).min(stored.elements - done);
            let bytes = &mut buffer[..count * size];
            file.read_at(stored.start + (done * size) as u64, bytes)?;
            let values = Tensor::f_from_data_size(bytes, &[count as i64], kind)?;
            let mut part = target.f_narrow(0, done as i64, count as i64)?;
            part.f_copy_(&values)?;
            if part.f_isfinite()?.f_all()?.f_int64_value(&[])? == 0 {
                let name = &stored.name;
                let reason = format!("weight {name:?}: expected numbers, found NaN or infinity");
                return Err(file.fail(reason));
            }
            done += count;
        }
        Ok(true)
    }

    /// Treats the tensors whose names start so as not there.
    pub(crate) fn forget(&mut self, start: &str) {
        self.tensors.retain(|name, _| !name.starts_with(start));
    }
}

const fn kind_of(dtype: Dtype) -> Option<Kind> {
    match dtype {
        Dtype::F32 => Some(Kind::Float),
        Dtype::F16 => Some(Kind::Half),
        Dtype::BF16 => Some(Kind::BFloat16),
        Dtype::F64 => Some(Kind::Double),
        _ => None,
    }
}

fn own_name(name: &str, prefix: &str) -> String {
    let bare = WRAPPERS.iter().find_map(|wrapper| name.strip_prefix(wrapper)).unwrap_or(name);
    let bare = bare.strip_prefix(prefix).unwrap_or(bare);
    for (old, new) in [(".gamma", ".weight"), (".beta", ".bias")] {
        if let Some(part) = bare.strip_suffix(old) {
            return format!("{part}{new}");
        }
    }
    bare.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_differs_between_files() {
        for (name, own) in [
            ("bert.embeddings.LayerNorm.gamma", "embeddings.LayerNorm.weight"),
            ("embeddings.LayerNorm.beta", "embeddings.LayerNorm.bias"),
            ("module.bert.encoder.layer.0.output.dense.bias", "encoder.layer.0.output.dense.bias"),
            ("model.encoder.layer.0.output.dense.bias", "encoder.layer.0.output.dense.bias"),
            ("classifier.weight", "classifier.weight"),
            ("cls.predictions.bias", "cls.predictions.bias"),
        ] {
            assert_eq!(own_name(name, "bert."), own);
        }
    }
}
