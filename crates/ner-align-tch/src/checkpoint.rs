//! safetensors files: named tensors on disk.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use tch::{Kind, Tensor};

use crate::error::{ModelError, Result};

/// The tensors of a model folder, in f32 on the CPU, under the names that this crate uses:
/// without the architecture's prefix, and with `LayerNorm.weight` where old files say `gamma`.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    path: PathBuf,
    tensors: HashMap<String, Tensor>,
}

impl Checkpoint {
    /// Reads `model.safetensors`.
    pub(crate) fn read(directory: &Path, prefix: &str) -> Result<Self> {
        let path = directory.join("model.safetensors");
        if !path.is_file() {
            return Err(ModelError::MissingFile {
                path: directory.to_owned(),
                missing: "model.safetensors",
            });
        }
        Self::read_file(&path, prefix)
    }

    /// Reads one file of tensors.
    pub(crate) fn read_file(path: &Path, prefix: &str) -> Result<Self> {
        let path = path.to_owned();
        let bytes =
            std::fs::read(&path).map_err(|source| ModelError::Io { path: path.clone(), source })?;
        let fail = |reason: String| ModelError::Weights { path: path.clone(), reason };
        let file = SafeTensors::deserialize(&bytes).map_err(|e| fail(e.to_string()))?;
        let mut tensors = HashMap::new();
        for (name, view) in file.iter() {
            let Some(kind) = kind_of(view.dtype()) else { continue };
            let shape: Vec<i64> = view.shape().iter().map(|&size| size as i64).collect();
            let tensor = Tensor::f_from_data_size(view.data(), &shape, kind)?;
            tensors.insert(own_name(name, prefix), tensor.f_to_kind(Kind::Float)?);
        }
        Ok(Self { path, tensors })
    }

    /// The file, for messages.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The tensor of this name, if the file has it.
    pub(crate) fn get(&self, name: &str) -> Option<&Tensor> {
        self.tensors.get(name)
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
        // Buffers such as position_ids, which are not learned.
        _ => None,
    }
}

fn own_name(name: &str, prefix: &str) -> String {
    let name = name.strip_prefix(prefix).unwrap_or(name);
    name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")
}

/// Writes tensors with the metadata that transformers asks for.
pub(crate) fn write(path: &Path, tensors: &[(String, Tensor)]) -> Result<()> {
    let mut buffers = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        let shape: Vec<usize> = tensor.size().iter().map(|&size| size as usize).collect();
        let elements = tensor.numel();
        let mut bytes = vec![0_u8; elements * 4];
        tensor
            .f_to_device(tch::Device::Cpu)?
            .f_to_kind(Kind::Float)?
            .f_contiguous()?
            .f_copy_data_u8(&mut bytes, elements)?;
        buffers.push((name.as_str(), shape, bytes));
    }
    let fail = |reason: String| ModelError::Weights { path: path.to_owned(), reason };
    let views: BTreeMap<&str, TensorView<'_>> = buffers
        .iter()
        .map(|(name, shape, bytes)| {
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
            view.map(|view| (*name, view))
        })
        .collect::<std::result::Result<_, _>>()
        .map_err(|e| fail(e.to_string()))?;
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    safetensors::serialize_to_file(views, Some(metadata), path).map_err(|e| match e {
        safetensors::SafeTensorError::IoError(source) => {
            ModelError::Io { path: path.to_owned(), source }
        }
        other => fail(other.to_string()),
    })
}
