//! The client: files from the cache, and those that it lacks from the Hub.

use std::path::Path;

use crate::cache::RepoCache;
use crate::error::HubError;
use crate::event::{Event, Observer};
use crate::fetcher::Fetcher;
use crate::http::Http;
use crate::id::HubId;
use crate::located::{Located, Parts};
use crate::model_files;
use crate::names::is_commit;
use crate::settings::Settings;

/// Attempts at each question.
const ATTEMPTS: u32 = 3;

/// Fetches models, with settings and a listener of your own.
///
/// The example asks the Hub, so tests compile it and do not run it.
///
/// ```no_run
/// use ner_align_hub::{Client, Event, HubId, Parts, Settings};
///
/// let client = Client::new(Settings::from_env()?).on_event(|event| {
///     if let Event::Started { file, .. } = event {
///         println!("{file}");
///     }
/// });
/// let id: HubId = "google-bert/bert-base-cased".parse()?;
/// let located = client.fetch(&id, Parts::Model)?;
/// println!("{} at commit {:?}", located.path.display(), located.commit());
/// # Ok::<(), ner_align_hub::HubError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Client {
    settings: Settings,
    observer: Observer,
}

impl Client {
    /// A client with these settings and no observer.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, observer: Observer::default() }
    }

    /// Calls a function with each [`Event`]. It replaces the one before.
    #[must_use]
    pub fn on_event(mut self, observe: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Observer::new(observe);
        self
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn observer(&self) -> &Observer {
        &self.observer
    }

    /// Finds a model by a path or an id: whatever exists is a path, and what does not exist and has
    /// the form of an id is fetched. Anything else is returned as a path, whose reader will report
    /// what is wrong with it.
    ///
    /// # Errors
    /// As [`Client::fetch`].
    pub fn locate(&self, path_or_id: impl AsRef<Path>, parts: Parts) -> Result<Located, HubError> {
        match HubId::from_argument(&path_or_id) {
            Some(id) => self.fetch(&id, parts),
            None => Ok(Located::at_path(path_or_id.as_ref())),
        }
    }

    /// Takes a model's files from the cache, and those that it lacks from the Hub.
    ///
    /// The client asks the Hub for the current commit of a branch or tag; a commit that is in the cache
    /// needs no network. If the Hub does not give what was asked for and the cache has an earlier
    /// commit of that branch or tag, the result is that commit, after [`Event::Fallback`].
    ///
    /// # Errors
    /// No such model or revision, no access to it, no network and nothing in the cache, no weights
    /// in safetensors, a damaged download, a full disk. See [`HubError`].
    pub fn fetch(&self, id: &HubId, parts: Parts) -> Result<Located, HubError> {
        let cache = RepoCache::new(&self.settings.cache, id.name());
        let located =
            |commit: String| Located::in_cache(cache.snapshot(&commit), id.clone(), commit);
        let cached = cache.commit_of(id.revision());
        let usable = cached.clone().filter(|it| model_files::missing(&cache, it, parts).is_none());
        if self.settings.offline {
            return usable
                .map(located)
                .ok_or_else(|| not_cached(id, &cache, cached.as_deref(), parts));
        }
        if let Some(commit) = &usable
            && is_commit(id.revision())
            && model_files::is_settled(&cache, commit, parts)
        {
            return Ok(located(commit.clone()));
        }
        // With something to fall back on there is no point in trying for long.
        let http = Http::new(&self.settings, if usable.is_some() { 1 } else { ATTEMPTS })?;
        match (Fetcher::new(&http, &cache, &self.observer, id).fetch(parts), usable) {
            (Ok(commit), _) => Ok(located(commit)),
            (Err(error), Some(commit)) if error.is_of_the_hub() => {
                self.observer.notify(Event::Fallback { error: &error, commit: &commit });
                Ok(located(commit))
            }
            (Err(error), _) => Err(error),
        }
    }
}

/// Finds a model by a path or an id, with the settings of the environment: see [`Client::locate`].
/// A path needs no settings.
///
/// ```
/// use ner_align_hub::{Parts, locate};
///
/// let located = locate("./my-model", Parts::Model)?;
/// assert_eq!((located.name().as_str(), located.commit()), ("my-model", None));
/// # Ok::<(), ner_align_hub::HubError>(())
/// ```
///
/// # Errors
/// As [`Client::fetch`], and [`HubError::NoCacheFolder`].
pub fn locate(path_or_id: impl AsRef<Path>, parts: Parts) -> Result<Located, HubError> {
    match HubId::from_argument(&path_or_id) {
        Some(id) => fetch(&id, parts),
        None => Ok(Located::at_path(path_or_id.as_ref())),
    }
}

/// Fetches a model with the settings of the environment: see [`Client::fetch`].
///
/// # Errors
/// As [`Client::fetch`], and [`HubError::NoCacheFolder`].
pub fn fetch(id: &HubId, parts: Parts) -> Result<Located, HubError> {
    Client::new(Settings::from_env()?).fetch(id, parts)
}

fn not_cached(id: &HubId, cache: &RepoCache, commit: Option<&str>, parts: Parts) -> HubError {
    HubError::NotCached {
        id: id.name().to_owned(),
        revision: id.revision().to_owned(),
        folder: cache.folder().to_owned(),
        missing: commit.and_then(|commit| model_files::missing(cache, commit, parts)),
    }
}
