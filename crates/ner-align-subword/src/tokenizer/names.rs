//! The files of a tokenizer by their names, and those that hold a JSON object.

use std::io::ErrorKind;
use std::path::Path;

use ner_align_core::read_small_file;
use serde_json::{Map, Value};

use crate::SubwordError;

pub(super) const TOKENIZER: &str = "tokenizer.json";
pub(super) const VOCABULARY: &str = "vocab.txt";
pub(super) const VOCABULARY_OF_MERGES: &str = "vocab.json";
pub(super) const MERGES: &str = "merges.txt";
pub(super) const CONFIG: &str = "tokenizer_config.json";
pub(super) const SPECIAL_TOKENS: &str = "special_tokens_map.json";
pub(super) const ADDED_TOKENS: &str = "added_tokens.json";

/// Bytes of a file of a tokenizer; a `tokenizer.json` of 250,000 tokens has some 20 MB.
pub(super) const MAX_BYTES: u64 = 512 << 20;

/// A JSON object, or `None` if there is no such file.
pub(super) fn read_object(path: &Path) -> Result<Option<Map<String, Value>>, SubwordError> {
    let bytes = match read_small_file(path, MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(SubwordError::io(path)(error)),
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|source| SubwordError::Json { path: path.to_owned(), source })
}
