//! Models from the Hugging Face Hub, cached where and how Python's `huggingface_hub` caches them,
//! so that what the one has fetched the other need not.
//!
//! No cached file is ever changed: a commit's file is there whole or not at all.

mod cache;
mod client;
mod download;
mod progress;
mod settings;
mod snapshot;

pub use settings::Settings;

use crate::Failure;
use crate::model_source::{HubId, Located, Parts};
use cache::RepoCache;
use client::Client;
use snapshot::Fetcher;

/// Why something could not be had.
#[derive(Debug)]
enum Trouble {
    /// The Hub does not answer, or not to us: what is cached may serve instead.
    Unreachable(Failure),
    /// Nothing will help.
    Final(Failure),
}

impl Trouble {
    fn failure(self) -> Failure {
        match self {
            Self::Unreachable(failure) | Self::Final(failure) => failure,
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Final(failure)
    }
}

/// Takes a model's files from the cache, and those that it lacks from the Hub.
///
/// The Hub is asked which commit a branch or tag means now; a commit of which all is cached needs no
/// network. Where the Hub cannot be reached, what is cached serves, with a warning.
///
/// # Errors
/// No such model or revision, no access to it, no network and nothing cached, no weights in
/// safetensors, a damaged download, a full disk: all of them the environment's fault.
pub fn fetch(hub: &HubId, parts: Parts, settings: &Settings) -> Result<Located, Failure> {
    let cache = RepoCache::new(&settings.cache, &hub.id);
    let located = |commit: String| Located {
        path: cache.snapshot(&commit),
        origin: Some((hub.clone(), commit)),
    };
    let cached = cache.commit_of(&hub.revision);
    let usable = cached.clone().filter(|commit| snapshot::lacks(&cache, commit, parts).is_none());
    if settings.offline {
        return match (usable, cached) {
            (Some(commit), _) => Ok(located(commit)),
            (None, cached) => Err(not_cached(hub, &cache, cached.as_deref(), parts)),
        };
    }
    if let Some(commit) = &usable
        && *commit == hub.revision
        && snapshot::is_settled(&cache, commit, parts)
    {
        return Ok(located(commit.clone()));
    }
    // With something to fall back on there is no point in trying for long.
    let client = Client::new(settings, if usable.is_some() { 1 } else { 3 })?;
    match Fetcher::new(&client, &cache, hub).fetch(parts) {
        Ok(commit) => Ok(located(commit)),
        Err(Trouble::Unreachable(failure)) => match usable {
            Some(commit) => {
                progress::warn(&format!(
                    "{}; using commit {commit} from the cache",
                    failure.message
                ));
                Ok(located(commit))
            }
            None => Err(failure),
        },
        Err(trouble) => Err(trouble.failure()),
    }
}

fn not_cached(hub: &HubId, cache: &RepoCache, commit: Option<&str>, parts: Parts) -> Failure {
    let HubId { id, revision } = hub;
    let folder = cache.folder().display();
    let what = match commit.and_then(|commit| snapshot::lacks(cache, commit, parts)) {
        Some(missing) => format!("{id}@{revision}: offline, and {folder} holds no {missing} of it"),
        None => format!("{id}@{revision}: no folder of that name; offline, and not in {folder}"),
    };
    Failure::environment(what).hint(
        "run it once with network, without --offline and HF_HUB_OFFLINE, or name a model folder",
    )
}
