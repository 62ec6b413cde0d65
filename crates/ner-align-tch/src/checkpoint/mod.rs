//! The tensors of a model folder, read one by one.
//!
//! Only headers are held; a tensor goes from disk straight to where it is wanted, a few megabytes
//! at a time, so that loading needs no second copy of the model.

mod file;
mod pickle;
mod shards;
mod write;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use safetensors::tensor::Dtype;
use tch::{Device, Kind, Tensor};

use crate::error::{ModelError, Result};
use crate::names::{SCALE, TRANSITIONS, is_of_head};
use file::TensorFile;
pub(crate) use write::write;

const SINGLE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
const PICKLED: &str = "pytorch_model.bin";
const PICKLED_INDEX: &str = "pytorch_model.bin.index.json";
/// Matrices of layers as 8-bit integers. The name is another one so that no tool reads the integers as
/// the weights.
pub(crate) const INTEGERS: &str = "model.int8.safetensors";
/// Weights as other tools keep them.
const OTHERS: [&str; 3] = ["tf_model.h5", "flax_model.msgpack", "adapter_model.safetensors"];
/// What wrappers put before the names of the model that they wrap: data parallelism, compilation,
/// adapters, sentence transformers.
const WRAPPERS: [&str; 6] =
    ["module.", "_orig_mod.", "base_model.model.", "base_model.", "model.", "auto_model."];
/// In the names of weights that are to be added to those of a model.
const ADAPTER: &str = ".lora_";
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

impl Stored {
    /// Numbers of a row.
    fn columns(&self) -> usize {
        self.shape.iter().skip(1).map(|&size| size as usize).product()
    }
}

/// The tensors of a model folder under the names that this crate uses: without the prefix of the
/// family's task models, and with `LayerNorm.weight` where old files say `gamma`.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    path: PathBuf,
    files: Vec<TensorFile>,
    tensors: HashMap<String, Stored>,
    /// The classes of the head that are wanted, by their numbers in the file, in order.
    classes: Option<Vec<Option<usize>>>,
    /// True if some weights are 8-bit integers.
    of_integers: bool,
}

impl Checkpoint {
    /// Opens `model.safetensors`, or the files that `model.safetensors.index.json` names; without
    /// these, `pytorch_model.bin` or the files that its index names; without any, `model.int8.safetensors`.
    pub(crate) fn read(directory: &Path, prefix: &str) -> Result<Self> {
        for (single, index) in [(SINGLE, INDEX), (PICKLED, PICKLED_INDEX)] {
            let [single, index] = [single, index].map(|name| directory.join(name));
            if single.is_file() {
                return Self::read_file(&single, prefix);
            }
            if index.is_file() {
                return Self::read_shards(&index, prefix);
            }
        }
        let integers = directory.join(INTEGERS);
        if integers.is_file() {
            return Self::read_file(&integers, prefix);
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
        let path = path.to_owned();
        Self { path, files: Vec::new(), tensors: HashMap::new(), classes: None, of_integers: false }
    }

    /// Takes up the header of a file, as far as its tensors are `wanted`.
    fn add(&mut self, path: &Path, prefix: &str, wanted: impl Fn(&str) -> bool) -> Result<()> {
        let fail = |reason: String| ModelError::Weights { path: path.to_owned(), reason };
        let number = self.files.len();
        let (file, tensors) = match path.extension() {
            Some(extension) if extension == "bin" => pickle::open(path, number)?,
            _ => TensorFile::open(path, number)?,
        };
        self.files.push(file);
        for stored in tensors {
            if !wanted(&stored.name) {
                continue;
            }
            self.of_integers |= stored.dtype == Dtype::I8;
            let name = stored.name.clone();
            if name.contains(ADAPTER) {
                return Err(ModelError::Adapter { path: path.to_owned(), name });
            }
            if let Some(other) = self.tensors.insert(own_name(&name, prefix), stored) {
                return Err(fail(format!("{name:?} and {:?} are one weight", other.name)));
            }
        }
        Ok(())
    }

    /// The file, for messages.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// True if some weights are 8-bit integers.
    pub(crate) const fn is_of_integers(&self) -> bool {
        self.of_integers
    }

    /// True if there are no tensors.
    pub(crate) fn is_empty(&self) -> bool {
        self.tensors.is_empty()
    }

    /// Shape of the tensor of this name, if there is one.
    pub(crate) fn shape(&self, name: &str) -> Option<Vec<i64>> {
        let mut shape = self.tensors.get(name)?.shape.clone();
        for (dimension, classes) in self.dimensions_of_classes(name) {
            if let Some(size) = shape.get_mut(dimension) {
                *size = classes.len() as i64;
            }
        }
        Some(shape)
    }

    /// Takes these classes of the head, by their numbers in the file, in this order; a class that
    /// the file lacks (`None`) is zeros.
    pub(crate) fn choose_classes(&mut self, classes: Vec<Option<usize>>) {
        self.classes = Some(classes);
    }

    /// The dimensions of a tensor that count classes, if some are chosen.
    fn dimensions_of_classes(
        &self,
        name: &str,
    ) -> impl Iterator<Item = (usize, &Vec<Option<usize>>)> {
        let dimensions = match name {
            TRANSITIONS => 0..2,
            name if is_of_head(name) => 0..1,
            _ => 0..0,
        };
        dimensions.filter_map(|dimension| Some((dimension, self.classes.as_ref()?)))
    }

    /// Fills `target`, contiguous and of the tensor's shape, whatever its kind and device. False
    /// if there is no such tensor.
    pub(crate) fn copy_into(&self, name: &str, target: &Tensor) -> Result<bool> {
        let Some(stored) = self.tensors.get(name) else { return Ok(false) };
        if self.dimensions_of_classes(name).next().is_none() {
            self.copy_all(name, stored, target)?;
            return Ok(true);
        }
        let mut chosen = Tensor::f_zeros(&*stored.shape, (Kind::Float, Device::Cpu))?;
        self.copy_all(name, stored, &chosen)?;
        for (dimension, classes) in self.dimensions_of_classes(name) {
            chosen = slices(&chosen, dimension as i64, classes)?;
        }
        target.shallow_clone().f_copy_(&chosen)?;
        Ok(true)
    }

    fn copy_all(&self, own: &str, stored: &Stored, target: &Tensor) -> Result<()> {
        let (name, file) = (&stored.name, &self.files[stored.file]);
        let scales = match stored.dtype {
            Dtype::I8 => Some(self.scales(own, stored)?),
            _ => None,
        };
        let Some(kind) = kind_of(stored.dtype) else {
            let (expected, found) = ("expected F16, BF16, F32, F64 or I8", stored.dtype);
            return Err(file.fail(format!("weight {name:?}: {expected}, found {found}")));
        };
        let target = target.f_view([-1])?;
        let size = kind.elt_size_in_bytes();
        // Integers come by whole rows, which have a scale each.
        let unit = if scales.is_some() { stored.columns().max(1) } else { 1 };
        let at_once = (CHUNK / size / unit).max(1) * unit;
        let mut buffer = vec![0; at_once.min(stored.elements) * size];
        let mut done = 0;
        while done < stored.elements {
            let count = at_once.min(stored.elements - done);
            let bytes = &mut buffer[..count * size];
            file.read_at(stored.start + (done * size) as u64, bytes)?;
            let values = Tensor::f_from_data_size(bytes, &[count as i64], kind)?;
            let mut part = target.f_narrow(0, done as i64, count as i64)?;
            part.f_copy_(&values)?;
            if let Some(scales) = &scales {
                let rows = (count / unit) as i64;
                let scales = scales.f_narrow(0, (done / unit) as i64, rows)?.f_unsqueeze(1)?;
                let scales = scales.f_to_device(part.device())?;
                let _ = part.f_view([rows, unit as i64])?.f_mul_(&scales)?;
            }
            if part.f_isfinite()?.f_all()?.f_int64_value(&[])? == 0 {
                let reason = format!("weight {name:?}: expected numbers, found NaN or infinity");
                return Err(file.fail(reason));
            }
            done += count;
        }
        Ok(())
    }

    /// The scales of a matrix of integers, `[rows]`, f32.
    fn scales(&self, own: &str, matrix: &Stored) -> Result<Tensor> {
        let own = format!("{own}{SCALE}");
        let Some(stored) = self.tensors.get(&own) else {
            let name = &matrix.name;
            return Err(self.files[matrix.file].fail(format!(
                "weight {name:?}: expected its scales, \"{name}{SCALE}\", found 8-bit integers alone"
            )));
        };
        let rows = &matrix.shape[..matrix.shape.len().min(1)];
        if stored.shape != rows || stored.dtype == Dtype::I8 {
            let (name, expected) =
                (&stored.name, matrix.shape.first().copied().unwrap_or_default());
            let (shape, dtype) = (&stored.shape, stored.dtype);
            return Err(self.files[stored.file].fail(format!(
                "{name:?}: expected {expected} scales in F32, found {dtype} of shape {shape:?}"
            )));
        }
        let scales = Tensor::f_zeros(rows, (Kind::Float, Device::Cpu))?;
        self.copy_all(&own, stored, &scales)?;
        Ok(scales)
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
        Dtype::I8 => Some(Kind::Int8),
        _ => None,
    }
}

fn own_name(name: &str, prefix: &str) -> String {
    let mut bare = name;
    while let Some(inner) = WRAPPERS.iter().find_map(|wrapper| bare.strip_prefix(wrapper)) {
        bare = inner;
    }
    let bare = bare.strip_prefix(prefix).unwrap_or(bare);
    for (old, new) in [(".gamma", ".weight"), (".beta", ".bias")] {
        if let Some(part) = bare.strip_suffix(old) {
            return format!("{part}{new}");
        }
    }
    bare.to_owned()
}

/// The slices of these classes, zeros for those that are new.
fn slices(stored: &Tensor, dimension: i64, classes: &[Option<usize>]) -> Result<Tensor> {
    let known: Vec<i64> = classes.iter().map(|class| class.map_or(0, |id| id as i64)).collect();
    let chosen = stored.f_index_select(dimension, &Tensor::f_from_slice(&known)?)?;
    for id in (0..classes.len()).filter(|&id| classes[id].is_none()) {
        let _ = chosen.f_narrow(dimension, id as i64, 1)?.f_zero_()?;
    }
    Ok(chosen)
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
            (
                "_orig_mod.bert.embeddings.word_embeddings.weight",
                "embeddings.word_embeddings.weight",
            ),
            ("module._orig_mod.classifier.weight", "classifier.weight"),
            (
                "base_model.model.bert.encoder.layer.0.output.dense.bias",
                "encoder.layer.0.output.dense.bias",
            ),
            ("module.model.classifier.bias", "classifier.bias"),
            ("classifier.weight", "classifier.weight"),
            ("cls.predictions.bias", "cls.predictions.bias"),
        ] {
            assert_eq!(own_name(name, "bert."), own);
        }
    }
}
