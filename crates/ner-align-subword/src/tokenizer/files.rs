//! Tokenizers on disk.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use ner_align_core::{fenced, read_small_file};
use tokenizers::Tokenizer;

use super::config::TokenizerConfig;
use super::names::{CONFIG, MAX_BYTES, TOKENIZER};
use super::vet::Parts;
use crate::SubwordError;

/// A `tokenizer.json`.
pub(super) fn read_tokenizer(path: &Path) -> Result<Tokenizer, SubwordError> {
    let bytes = read_small_file(path, MAX_BYTES).map_err(SubwordError::io(path))?;
    let refuse = |source| SubwordError::Tokenizer { path: path.to_owned(), source };
    // Text that is not JSON at all has a place to point to.
    match serde_json::from_slice::<Parts>(&bytes) {
        Ok(parts) => parts.check().map_err(refuse)?,
        Err(source) if !source.is_data() => {
            return Err(SubwordError::Json { path: path.to_owned(), source });
        }
        Err(_) => {}
    }
    fenced(|| Tokenizer::from_bytes(&bytes))
        .unwrap_or_else(|caught| Err(caught.into()))
        .map_err(refuse)
}

/// Writes the tokenizer and its settings, each file whole or not at all.
pub(super) fn save(
    directory: &Path,
    tokenizer: &Tokenizer,
    config: &TokenizerConfig,
    pad: u32,
) -> Result<(), SubwordError> {
    let path = directory.join(TOKENIZER);
    let text = fenced(|| tokenizer.to_string(true))
        .unwrap_or_else(|caught| Err(caught.into()))
        .map_err(|source| SubwordError::Tokenizer { path: path.clone(), source })?;
    write_whole(&path, text.as_bytes())?;
    let path = directory.join(CONFIG);
    let settings = serde_json::to_vec_pretty(&config.settings_of(tokenizer, pad))
        .map_err(|source| SubwordError::Json { path: path.clone(), source })?;
    write_whole(&path, &settings)
}

fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), SubwordError> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Path::new(&partial);
    let write = || {
        let mut file = File::create(partial)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(partial, path)
    };
    write().map_err(SubwordError::io(path))
}
