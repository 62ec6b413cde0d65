//! Writing tensors, a few megabytes in memory at a time.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use safetensors::tensor::{Dtype, Metadata, TensorInfo};
use tch::{Device, Kind, Tensor};

use super::CHUNK;
use crate::error::{ModelError, Result};

/// Bytes of an f32.
const SIZE: usize = 4;

/// Writes tensors in f32, in the order of their names, with the metadata that transformers asks
/// for. The file appears whole or not at all.
pub(crate) fn write(path: &Path, tensors: &[(String, Tensor)]) -> Result<()> {
    let tensors: BTreeMap<&str, &Tensor> =
        tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
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

fn write_file(partial: &Path, path: &Path, tensors: &BTreeMap<&str, &Tensor>) -> Result<()> {
    let io = |source| ModelError::Io { path: path.to_owned(), source };
    let mut file = BufWriter::new(File::create(partial).map_err(io)?);
    let header =
        header(tensors).map_err(|reason| ModelError::Weights { path: path.to_owned(), reason })?;
    file.write_all(&(header.len() as u64).to_le_bytes()).map_err(io)?;
    file.write_all(&header).map_err(io)?;
    let mut buffer = vec![0; CHUNK];
    for tensor in tensors.values() {
        let flat = tensor.f_reshape([-1])?;
        let elements = tensor.numel();
        let mut done = 0;
        while done < elements {
            let count = (CHUNK / SIZE).min(elements - done);
            let bytes = &mut buffer[..count * SIZE];
            flat.f_narrow(0, done as i64, count as i64)?
                .f_to_device(Device::Cpu)?
                .f_to_kind(Kind::Float)?
                .f_copy_data_u8(bytes, count)?;
            file.write_all(bytes).map_err(io)?;
            done += count;
        }
    }
    file.into_inner().map_err(|e| io(e.into_error()))?.sync_all().map_err(io)
}

/// The header, filled up with blanks so that the tensors are aligned.
fn header(tensors: &BTreeMap<&str, &Tensor>) -> std::result::Result<Vec<u8>, String> {
    let mut end = 0;
    let infos = tensors.iter().map(|(name, tensor)| {
        let start = end;
        end += tensor.numel() * SIZE;
        let shape = tensor.size().iter().map(|&size| size as usize).collect();
        let info = TensorInfo { dtype: Dtype::F32, shape, data_offsets: (start, end) };
        ((*name).to_owned(), info)
    });
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let metadata = Metadata::new(Some(metadata), infos.collect()).map_err(|e| e.to_string())?;
    let mut header = serde_json::to_vec(&metadata).map_err(|e| e.to_string())?;
    header.resize(header.len().next_multiple_of(8), b' ');
    Ok(header)
}
