//! Which files make a model, and fetching those of one commit.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::Trouble;
use super::cache::RepoCache;
use super::client::{Client, Remote};
use super::download;
use super::progress::{self, Bytes};
use crate::Failure;
use crate::model_source::{HubId, Parts, is_name};

const CONFIG: &str = "config.json";
const TOKENIZER: &str = "tokenizer.json";
/// What serves where there is no `tokenizer.json`, with the tokens that were added to it.
const VOCABULARY: [&str; 2] = ["vocab.txt", "added_tokens.json"];
/// Settings of a tokenizer, of which a model may lack some.
const TOKENIZER_SETTINGS: [&str; 2] = ["tokenizer_config.json", "special_tokens_map.json"];
/// What ner-align itself keeps beside a model.
const META: &str = "meta.json";
const WEIGHTS: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
const OTHER_WEIGHTS: [&str; 4] =
    ["pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack"];

/// The first file that a cached commit cannot do without and has not.
pub(super) fn lacks(cache: &RepoCache, commit: &str, parts: Parts) -> Option<String> {
    let holds = |file: &str| cache.holds(commit, file);
    if !holds(TOKENIZER) && !holds(VOCABULARY[0]) {
        return Some(TOKENIZER.to_owned());
    }
    if parts == Parts::Tokenizer {
        return None;
    }
    if !holds(CONFIG) {
        return Some(CONFIG.to_owned());
    }
    if holds(WEIGHTS) {
        return None;
    }
    if !holds(INDEX) {
        return Some(WEIGHTS.to_owned());
    }
    match shards(cache, commit) {
        Ok(shards) => shards.into_iter().find(|shard| !holds(shard)),
        Err(_) => Some(INDEX.to_owned()),
    }
}

/// Whether of each file that a commit may lack it is known whether it does.
pub(super) fn is_settled(cache: &RepoCache, commit: &str, parts: Parts) -> bool {
    let own = (parts == Parts::Model).then_some(META);
    let mut files = TOKENIZER_SETTINGS.into_iter().chain(own);
    files.all(|file| cache.holds(commit, file) || cache.is_absent(commit, file))
}

/// The files that an index of tensors names.
fn shards(cache: &RepoCache, commit: &str) -> Result<BTreeSet<String>, Failure> {
    let path = cache.snapshot(commit).join(INDEX);
    let fail = |reason: String| Failure::environment(format!("{}: {reason}", path.display()));
    let bytes = fs::read(&path).map_err(|error| fail(error.to_string()))?;
    let index: Value = serde_json::from_slice(&bytes).map_err(|error| fail(error.to_string()))?;
    let map = index["weight_map"].as_object();
    let map = map.ok_or_else(|| fail("expected a weight_map, found none".to_owned()))?;
    let name = |file: &Value| match file.as_str() {
        Some(name) if is_name(name) && !name.starts_with('.') => Ok(name.to_owned()),
        _ => Err(fail(format!("expected the name of a file beside it, found {file}"))),
    };
    map.values().map(name).collect()
}

/// Fetches the files of one revision that the cache lacks.
pub(super) struct Fetcher<'a> {
    client: &'a Client<'a>,
    cache: &'a RepoCache,
    hub: &'a HubId,
    commit: String,
    /// Files and bytes that came over the network.
    fetched: (usize, u64),
}

impl<'a> Fetcher<'a> {
    pub(super) fn new(client: &'a Client<'a>, cache: &'a RepoCache, hub: &'a HubId) -> Self {
        Self { client, cache, hub, commit: String::new(), fetched: (0, 0) }
    }

    /// Sees to it that the parts are in the cache, as far as the model has them; gives the commit.
    pub(super) fn fetch(mut self, parts: Parts) -> Result<String, Trouble> {
        let HubId { id, revision } = self.hub;
        let first = if parts == Parts::Model { CONFIG } else { TOKENIZER };
        // Every answer names the commit, that there is no such file included.
        let (commit, remote) = self.client.look(id, revision, first)?;
        self.commit = commit;
        self.cache.note_commit(revision, &self.commit);
        let found = self.cache.holds(&self.commit, first) || self.take(first, remote)?;
        let has_tokenizer = if parts == Parts::Model {
            if !found {
                return Err(self.none(CONFIG, "it is no model of transformers").into());
            }
            self.have(META)?;
            self.have(TOKENIZER)?
        } else {
            found
        };
        let vocabulary = if has_tokenizer { &[][..] } else { &VOCABULARY[..] };
        for file in vocabulary.iter().chain(&TOKENIZER_SETTINGS) {
            self.have(file)?;
        }
        if !has_tokenizer && !self.cache.holds(&self.commit, VOCABULARY[0]) {
            let hint = "save it once with transformers: AutoTokenizer.from_pretrained(ID)\
                        .save_pretrained(FOLDER) writes tokenizer.json";
            return Err(self.none("tokenizer.json or vocab.txt", hint).into());
        }
        if parts == Parts::Model && !self.have(WEIGHTS)? {
            self.have_shards()?;
        }
        if let (files @ 1.., bytes) = self.fetched {
            let (s, bytes) = (if files == 1 { "" } else { "s" }, Bytes(bytes));
            progress::say(&format!(
                "fetched {id}, commit {}: {files} file{s}, {bytes}",
                self.commit
            ));
        }
        Ok(self.commit)
    }

    fn have_shards(&mut self) -> Result<(), Trouble> {
        if !self.have(INDEX)? {
            let hint = "save it once with transformers: AutoModel.from_pretrained(ID)\
                        .save_pretrained(FOLDER); or name a revision that has them, as ID@refs/pr/1";
            for other in OTHER_WEIGHTS {
                if self.client.look(&self.hub.id, &self.commit, other)?.1.is_some() {
                    return Err(self.none(&format!("{WEIGHTS}, but {other}"), hint).into());
                }
            }
            return Err(self.none(WEIGHTS, "name a model that has weights").into());
        }
        for shard in shards(self.cache, &self.commit)? {
            if !self.have(&shard)? {
                return Err(self.none(&shard, &format!("{INDEX} names it")).into());
            }
        }
        Ok(())
    }

    /// Sees to it that a file is in the cache; false if the commit has none.
    fn have(&mut self, file: &str) -> Result<bool, Trouble> {
        if self.cache.holds(&self.commit, file) {
            return Ok(true);
        }
        if self.cache.is_absent(&self.commit, file) {
            return Ok(false);
        }
        let (_, remote) = self.client.look(&self.hub.id, &self.commit, file)?;
        self.take(file, remote)
    }

    /// Downloads a file that was looked for.
    fn take(&mut self, file: &str, remote: Option<Remote>) -> Result<bool, Trouble> {
        let Some(remote) = remote else {
            self.cache.note_absent(&self.commit, file);
            return Ok(false);
        };
        self.cache.prepare(&self.commit)?;
        let _lock = self.cache.lock(&remote.etag);
        let blob = self.cache.blob(&remote.etag);
        if !blob.is_file() {
            let bytes =
                download::fetch(self.client, &self.hub.id, &self.commit, file, &remote, &blob)?;
            self.fetched.0 += 1;
            self.fetched.1 += bytes;
        }
        self.cache.link(&self.commit, file, &remote.etag)?;
        Ok(true)
    }

    fn none(&self, what: &str, hint: &str) -> Failure {
        let HubId { id, revision } = self.hub;
        Failure::environment(format!("{id}@{revision}: the model holds no {what}")).hint(hint)
    }
}
