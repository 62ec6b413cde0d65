//! Fetches the files of one revision that the cache lacks.

use crate::cache::RepoCache;
use crate::download::download;
use crate::error::HubError;
use crate::event::{Event, Observer};
use crate::http::{Http, Remote};
use crate::id::HubId;
use crate::located::Parts;
use crate::model_files::{
    CONFIG, FORMATS, META, OTHER_WEIGHTS, TOKENIZER, TOKENIZER_SETTINGS, VOCABULARY, WEIGHTS,
    is_vocabulary, shards,
};

/// Fetches the files of one revision that the cache lacks.
pub(crate) struct Fetcher<'a> {
    http: &'a Http<'a>,
    cache: &'a RepoCache,
    observer: &'a Observer,
    id: &'a HubId,
    commit: String,
    /// Files and bytes that came over the network.
    fetched: (usize, u64),
}

impl<'a> Fetcher<'a> {
    pub(crate) fn new(
        http: &'a Http<'a>,
        cache: &'a RepoCache,
        observer: &'a Observer,
        id: &'a HubId,
    ) -> Self {
        Self { http, cache, observer, id, commit: String::new(), fetched: (0, 0) }
    }

    /// Puts the parts into the cache, as far as the model has them; returns the commit.
    pub(crate) fn fetch(mut self, parts: Parts) -> Result<String, HubError> {
        let first = if parts == Parts::Model { CONFIG } else { TOKENIZER };
        // Every answer names the commit, even the one that there is no such file.
        let (commit, remote) = self.http.look(self.id.name(), self.id.revision(), first)?;
        self.commit = commit;
        self.cache.note_commit(self.id.revision(), &self.commit);
        let found = self.cache.holds(&self.commit, first) || self.take(first, remote)?;
        let has_tokenizer = if parts == Parts::Model {
            if !found {
                return Err(self.missing(CONFIG, None));
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
        if !has_tokenizer && !is_vocabulary(|file| self.cache.holds(&self.commit, file)) {
            return Err(self.missing("tokenizer.json or vocab.txt", None));
        }
        if parts == Parts::Model {
            self.have_weights()?;
        }
        if let (files @ 1.., bytes) = self.fetched {
            let (name, commit) = (self.id.name(), self.commit.as_str());
            self.observer.notify(Event::Fetched { name, commit, files, bytes });
        }
        Ok(self.commit)
    }

    fn have_weights(&mut self) -> Result<(), HubError> {
        for (weights, index) in FORMATS {
            if self.have(weights)? {
                return Ok(());
            }
            if let Some(index) = index
                && self.have(index)?
            {
                return self.have_shards(index);
            }
        }
        for other in OTHER_WEIGHTS {
            if self.http.look(self.id.name(), &self.commit, other)?.1.is_some() {
                return Err(self.missing(WEIGHTS, Some(other)));
            }
        }
        Err(self.missing(WEIGHTS, None))
    }

    fn have_shards(&mut self, index: &str) -> Result<(), HubError> {
        for shard in shards(self.cache, &self.commit, index)? {
            if !self.have(&shard)? {
                let (id, revision) = (self.id.name().to_owned(), self.id.revision().to_owned());
                return Err(HubError::MissingShard { id, revision, shard });
            }
        }
        Ok(())
    }

    /// Puts a file into the cache; false if the commit does not have it.
    fn have(&mut self, file: &str) -> Result<bool, HubError> {
        if self.cache.holds(&self.commit, file) {
            return Ok(true);
        }
        if self.cache.is_absent(&self.commit, file) {
            return Ok(false);
        }
        let (_, remote) = self.http.look(self.id.name(), &self.commit, file)?;
        self.take(file, remote)
    }

    /// Downloads a file, given what the Hub says of it.
    fn take(&mut self, file: &str, remote: Option<Remote>) -> Result<bool, HubError> {
        let Some(remote) = remote else {
            self.cache.note_absent(&self.commit, file);
            return Ok(false);
        };
        self.cache.prepare(&self.commit)?;
        let waiting = || self.observer.notify(Event::Waiting { file });
        let _lock = self.cache.lock(&remote.etag, waiting);
        let blob = self.cache.blob(&remote.etag);
        if !blob.is_file() {
            let (http, observer, name) = (self.http, self.observer, self.id.name());
            let bytes = download(http, observer, name, &self.commit, file, &remote, &blob)?;
            self.fetched.0 += 1;
            self.fetched.1 += bytes;
        }
        self.cache.link(&self.commit, file, &remote.etag)?;
        Ok(true)
    }

    fn missing(&self, missing: &'static str, found: Option<&str>) -> HubError {
        HubError::MissingFile {
            id: self.id.name().to_owned(),
            revision: self.id.revision().to_owned(),
            missing,
            found: found.map(str::to_owned),
        }
    }
}
