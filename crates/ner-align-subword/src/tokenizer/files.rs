//! Tokenizers on disk.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use ner_align_core::BoxError;
use serde::Deserialize;
use serde_json::Value;
use tokenizers::Tokenizer;
use tokenizers::normalizers::Precompiled;

use super::config::TokenizerConfig;
use super::names::{CONFIG, TOKENIZER};
use crate::SubwordError;

/// A `tokenizer.json`.
pub(super) fn read_tokenizer(path: &Path) -> Result<Tokenizer, SubwordError> {
    let bytes = fs::read(path).map_err(SubwordError::io(path))?;
    let refuse = |source| SubwordError::Tokenizer { path: path.to_owned(), source };
    // The library panics on text that ends within its decoder and on a character map that is none,
    // so both are looked at first. Text that is no JSON at all has a place to point to.
    match serde_json::from_slice::<Parts>(&bytes) {
        Ok(parts) => check_normalizer(&parts.normalizer).map_err(refuse)?,
        Err(source) if !source.is_data() => {
            return Err(SubwordError::Json { path: path.to_owned(), source });
        }
        Err(_) => {}
    }
    Tokenizer::from_bytes(&bytes).map_err(refuse)
}

#[derive(Deserialize)]
struct Parts {
    #[serde(default)]
    normalizer: Value,
}

fn check_normalizer(normalizer: &Value) -> Result<(), BoxError> {
    for step in normalizer["normalizers"].as_array().into_iter().flatten() {
        check_normalizer(step)?;
    }
    if normalizer["type"] == "Precompiled" {
        serde_json::from_str::<Precompiled>(&normalizer.to_string())?;
    }
    Ok(())
}

/// Writes the tokenizer and its settings, each file whole or not at all.
pub(super) fn save(
    directory: &Path,
    tokenizer: &Tokenizer,
    config: &TokenizerConfig,
    pad: u32,
) -> Result<(), SubwordError> {
    let path = directory.join(TOKENIZER);
    let text = tokenizer
        .to_string(true)
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
