//! Writing tensors, a few megabytes in memory at a time.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use safetensors::tensor::{Dtype, Metadata, TensorInfo};
use tch::{Device, Kind, Tensor};

use super::CHUNK;
use crate::error::{ModelError, Result};

/// The type that a tensor is written in.
fn written(tensor: &Tensor) -> (Kind, Dtype) {
    match tensor.kind() {
        Kind::Int8 => (Kind::Int8, Dtype::I8),
        Kind::Half => (Kind::Half, Dtype::F16),
        _ => (Kind::Float, Dtype::F32),
    }
}

/// Bytes of a number of a tensor in the file.
fn size_of(tensor: &Tensor) -> usize {
    written(tensor).0.elt_size_in_bytes()
}

/// Writes tensors with the metadata that transformers asks for: 8-bit integers and f16 as they are, all
/// others in f32. The widest come first, so that all are aligned, then the order is by name. The file
/// appears whole or not at all.
pub(crate) fn write(path: &Path, tensors: &[(String, Tensor)]) -> Result<()> {
    let mut tensors: Vec<&(String, Tensor)> = tensors.iter().collect();
    tensors.sort_by_key(|(name, tensor)| (Reverse(size_of(tensor)), name));
    let partial = path.with_extension("partial");
    let io = |source| ModelError::Io { path: path.to_owned(), source };
    let written = write_file(&partial, path, &tensors)
        .and_then(|()| std::fs::rename(&partial, path).map_err(io));
    if written.is_err() {
        // What failed is the news; a half-written file that cannot even be removed is not.
        let _ = std::fs::remove_file(&partial);
    }
    written
}

fn write_file(partial: &Path, path: &Path, tensors: &[&(String, Tensor)]) -> Result<()> {
    let io = |source| ModelError::Io { path: path.to_owned(), source };
    let mut file = BufWriter::new(File::create(partial).map_err(io)?);
    let header =
        header(tensors).map_err(|reason| ModelError::Weights { path: path.to_owned(), reason })?;
    file.write_all(&(header.len() as u64).to_le_bytes()).map_err(io)?;
    file.write_all(&header).map_err(io)?;
    let mut buffer = vec![0; CHUNK];
    for (_, tensor) in tensors {
        let flat = tensor.f_reshape([-1])?;
        let ((kind, _), size) = (written(tensor), size_of(tensor));
        let elements = tensor.numel();
        let mut done = 0;
        while done < elements {
            let count = (CHUNK / size).min(elements - done);
            let bytes = &mut buffer[..count * size];
            flat.f_narrow(0, done as i64, count as i64)?
                .f_to_device(Device::Cpu)?
                .f_to_kind(kind)?
                .f_copy_data_u8(bytes, count)?;
            file.write_all(bytes).map_err(io)?;
            done += count;
        }
    }
    file.into_inner().map_err(|e| io(e.into_error()))?.sync_all().map_err(io)
}

/// The header, filled up with blanks so that the tensors are aligned.
fn header(tensors: &[&(String, Tensor)]) -> std::result::Result<Vec<u8>, String> {
    let mut end = 0;
    let infos = tensors.iter().map(|(name, tensor)| {
        let start = end;
        end += tensor.numel() * size_of(tensor);
        let shape = tensor.size().iter().map(|&size| size as usize).collect();
        let info = TensorInfo { dtype: written(tensor).1, shape, data_offsets: (start, end) };
        (name.clone(), info)
    });
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let metadata = Metadata::new(Some(metadata), infos.collect()).map_err(|e| e.to_string())?;
    let mut header = serde_json::to_vec(&metadata).map_err(|e| e.to_string())?;
    header.resize(header.len().next_multiple_of(8), b' ');
    Ok(header)
}
