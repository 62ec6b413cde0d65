//! A model in several files, with an index of which tensor is where.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use ner_align_core::{MAX_SETTINGS_BYTES, read_small_file};
use serde::Deserialize;

use super::Checkpoint;
use crate::error::{ModelError, Result};

#[derive(Deserialize)]
struct Index {
    /// File of each tensor.
    weight_map: BTreeMap<String, String>,
}

impl Checkpoint {
    /// Opens the files that an index names.
    pub(super) fn read_shards(path: &Path, prefix: &str) -> Result<Self> {
        let fail = |reason: String| ModelError::Config { path: path.to_owned(), reason };
        let bytes = read_small_file(path, MAX_SETTINGS_BYTES)
            .map_err(|source| ModelError::Io { path: path.to_owned(), source })?;
        let Index { weight_map } = serde_json::from_slice(&bytes)
            .map_err(|e| fail(format!("not an index of tensors: {e}")))?;
        let mut checkpoint = Self::empty(path);
        for file in weight_map.values().collect::<BTreeSet<_>>() {
            let mut parts = Path::new(file).components();
            let plain = matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None));
            if !plain {
                return Err(fail(format!("expected the name of a file beside it, found {file:?}")));
            }
            let shard = path.with_file_name(file);
            if !shard.is_file() {
                return Err(fail(format!("expected the file {file:?} beside it, found none")));
            }
            checkpoint.add(&shard, prefix, |name| weight_map.get(name) == Some(file))?;
        }
        let found: BTreeSet<&str> =
            checkpoint.tensors.values().map(|stored| stored.name.as_str()).collect();
        match weight_map.iter().find(|(name, _)| !found.contains(name.as_str())) {
            None => Ok(checkpoint),
            Some((name, file)) => {
                Err(fail(format!("weight {name:?}: expected it in {file:?}, found it not there")))
            }
        }
    }
}
