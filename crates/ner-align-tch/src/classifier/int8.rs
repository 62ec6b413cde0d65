//! Writing a model for prediction in 8-bit integers.

use std::path::Path;

use tch::{Kind, Tensor, no_grad};

use super::TchClassifier;
use crate::checkpoint::{self, INTEGERS};
use crate::error::{ModelError, Result};
use crate::integers::to_integers;
use crate::names::SCALE;

/// The largest number of f16.
const LARGEST_HALF: f64 = 65504.0;

impl TchClassifier {
    /// Writes `config.json` and `model.int8.safetensors`, some two fifths of the size of
    /// `model.safetensors`, into a folder. On a CPU the model then computes in [`Int8`], unless
    /// [`LoadOptions`] ask for another precision.
    ///
    /// The matrices of the layers are 8-bit integers, `[outputs, inputs]`, each with `NAME_scale`,
    /// `[outputs]`, f32: the scales and integers that [`Int8`] rounds to, so that the model predicts what
    /// this one does in [`Int8`]. The word embedding is in f16, or in f32 if its numbers are too large for
    /// f16. All else is in f32. transformers does not open the file, and nothing learns from it.
    ///
    /// Returns the size of the file in bytes.
    ///
    /// # Errors
    /// [`ModelError::Int8Family`] for an encoder that does not compute in [`Int8`], or another
    /// [`ModelError`] if a file cannot be written.
    ///
    /// [`Int8`]: crate::Precision::Int8
    /// [`LoadOptions`]: crate::LoadOptions
    pub fn save_int8(&self, directory: impl AsRef<Path>) -> Result<u64> {
        let directory = directory.as_ref();
        let config = &self.network.config;
        if !config.has_native_way() {
            return Err(ModelError::Int8Family { family: config.model_type() });
        }
        let names = config.family().names;
        let is_words = |name: &str| name.strip_suffix(".weight") == Some(names.words);
        let mut tensors = Vec::new();
        for (name, tensor) in self.parameters.named_values()? {
            let on_disk = self.name_on_disk(name.clone());
            if names.is_matrix_of_layer(&name) {
                let (integers, scales) = to_integers(&tensor)?;
                tensors.push((format!("{on_disk}{SCALE}"), scales));
                tensors.push((on_disk, integers));
            } else if is_words(&name)
                && let Some(half) = to_half(&tensor)?
            {
                tensors.push((on_disk, half));
            } else {
                tensors.push((on_disk, tensor));
            }
        }
        self.save_config(directory)?;
        let path = directory.join(INTEGERS);
        checkpoint::write(&path, &tensors)?;
        let metadata = std::fs::metadata(&path);
        Ok(metadata.map_err(|source| ModelError::Io { path, source })?.len())
    }
}

/// Rounds a word embedding as it is saved, so that a saved model predicts what this one does.
pub(super) fn round_words(table: &Tensor) -> Result<()> {
    if let Some(half) = to_half(&table.f_detach()?)? {
        no_grad(|| table.shallow_clone().f_copy_(&half))?;
    }
    Ok(())
}

/// The tensor in f16; `None` if its numbers do not fit.
fn to_half(tensor: &Tensor) -> Result<Option<Tensor>> {
    if tensor.numel() > 0 {
        let (low, high) = tensor.f_aminmax(None, false)?;
        if low.f_double_value(&[])? < -LARGEST_HALF || high.f_double_value(&[])? > LARGEST_HALF {
            return Ok(None);
        }
    }
    Ok(Some(tensor.f_to_kind(Kind::Half)?))
}
