//! Which files make a model.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::cache::RepoCache;
use crate::error::HubError;
use crate::located::Parts;
use crate::names::is_file_name;

pub(crate) const CONFIG: &str = "config.json";
pub(crate) const TOKENIZER: &str = "tokenizer.json";
/// The files that replace a `tokenizer.json`, with the tokens that were added to it.
pub(crate) const VOCABULARY: [&str; 4] =
    ["vocab.txt", "vocab.json", "merges.txt", "added_tokens.json"];
/// Settings of a tokenizer, of which a model may lack some.
pub(crate) const TOKENIZER_SETTINGS: [&str; 2] =
    ["tokenizer_config.json", "special_tokens_map.json"];
/// What ner-align itself writes beside a model.
pub(crate) const META: &str = "meta.json";
pub(crate) const WEIGHTS: &str = "model.safetensors";
/// Weights as ner-align reads them, each with the index of a model in several files, where there can be
/// several; the first that a model has are taken.
pub(crate) const FORMATS: [(&str, Option<&str>); 3] = [
    (WEIGHTS, Some("model.safetensors.index.json")),
    ("pytorch_model.bin", Some("pytorch_model.bin.index.json")),
    ("model.int8.safetensors", None),
];
pub(crate) const OTHER_WEIGHTS: [&str; 3] =
    ["tf_model.h5", "flax_model.msgpack", "adapter_model.safetensors"];

/// True if one of these names is a vocabulary that replaces a `tokenizer.json`.
pub(crate) fn is_vocabulary(holds: impl Fn(&str) -> bool) -> bool {
    holds("vocab.txt") || (holds("vocab.json") && holds("merges.txt"))
}

/// The first file that the parts need and a cached commit does not have.
pub(crate) fn missing(cache: &RepoCache, commit: &str, parts: Parts) -> Option<String> {
    let holds = |file: &str| cache.holds(commit, file);
    if !holds(TOKENIZER) && !is_vocabulary(holds) {
        return Some(TOKENIZER.to_owned());
    }
    if parts == Parts::Tokenizer {
        return None;
    }
    if !holds(CONFIG) {
        return Some(CONFIG.to_owned());
    }
    for (weights, index) in FORMATS {
        if holds(weights) {
            return None;
        }
        if let Some(index) = index.filter(|index| holds(index)) {
            return match shards(cache, commit, index) {
                Ok(shards) => shards.into_iter().find(|shard| !holds(shard)),
                Err(_) => Some(index.to_owned()),
            };
        }
    }
    Some(WEIGHTS.to_owned())
}

/// Whether the cache knows, of each file that a commit may lack, whether it does.
pub(crate) fn is_settled(cache: &RepoCache, commit: &str, parts: Parts) -> bool {
    let own = (parts == Parts::Model).then_some(META);
    let mut files = TOKENIZER_SETTINGS.into_iter().chain(own);
    files.all(|file| cache.holds(commit, file) || cache.is_absent(commit, file))
}

/// The files that an index of tensors names.
pub(crate) fn shards(
    cache: &RepoCache,
    commit: &str,
    index: &str,
) -> Result<BTreeSet<String>, HubError> {
    let path = cache.snapshot(commit).join(index);
    let fail = |reason: String| HubError::Index { path: path.clone(), reason };
    let bytes = fs::read(&path).map_err(|error| HubError::io(&path, error))?;
    let index: Value = serde_json::from_slice(&bytes).map_err(|error| fail(error.to_string()))?;
    let map = index["weight_map"].as_object();
    let map = map.ok_or_else(|| fail("expected a weight_map, found none".to_owned()))?;
    let name = |file: &Value| match file.as_str() {
        Some(name) if is_file_name(name) => Ok(name.to_owned()),
        _ => Err(fail(format!("expected the name of a file beside it, found {file}"))),
    };
    map.values().map(name).collect()
}
