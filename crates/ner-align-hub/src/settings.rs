//! What the environment says, by the names that `huggingface_hub` reads.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::HubError;

/// Address of the official Hub.
const ENDPOINT: &str = "https://huggingface.co";
/// The default timeout.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where the Hub is, who asks, and where the cache is.
///
/// ```
/// use ner_align_hub::Settings;
///
/// let settings = Settings::new("/data/models").with_endpoint("https://mirror.example/");
/// assert_eq!(settings.endpoint, "https://mirror.example");
/// assert!(!settings.offline);
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// Address of the Hub or a mirror of it, without a slash at its end.
    pub endpoint: String,
    /// Folder of all cached models.
    pub cache: PathBuf,
    /// What is sent to the Hub, and to no other host.
    pub token: Option<String>,
    /// Whether to use the cache alone.
    pub offline: bool,
    /// How long the answer to a question may take.
    pub answer_timeout: Duration,
    /// How long each piece of a download may take.
    pub read_timeout: Duration,
    /// PEM file of the certificates to trust instead of the built-in ones.
    pub certificates: Option<PathBuf>,
}

impl std::fmt::Debug for Settings {
    /// Without the token, which belongs in no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("endpoint", &self.endpoint)
            .field("cache", &self.cache)
            .field("offline", &self.offline)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The official Hub, without a token, with a cache in this folder.
    #[must_use]
    pub fn new(cache: impl AsRef<Path>) -> Self {
        let cache = cache.as_ref();
        Self {
            endpoint: ENDPOINT.to_owned(),
            cache: std::path::absolute(cache).unwrap_or_else(|_| cache.to_owned()),
            token: None,
            offline: false,
            answer_timeout: TIMEOUT,
            read_timeout: TIMEOUT,
            certificates: None,
        }
    }

    /// Another address of the Hub, such as a mirror.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = endpoint.into().trim_end_matches('/').to_owned();
        self
    }

    /// Who asks.
    #[must_use]
    pub fn with_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Whether to use the cache alone.
    #[must_use]
    pub fn with_offline(mut self, offline: bool) -> Self {
        self.offline = offline;
        self
    }

    /// How long the answer to a question may take, and each piece of a download.
    #[must_use]
    pub fn with_timeouts(mut self, answer: Duration, read: Duration) -> Self {
        (self.answer_timeout, self.read_timeout) = (answer, read);
        self
    }

    /// PEM file of the certificates to trust instead of the built-in ones.
    #[must_use]
    pub fn with_certificates(mut self, path: impl AsRef<Path>) -> Self {
        self.certificates = Some(path.as_ref().to_owned());
        self
    }

    /// Reads the environment: `HF_ENDPOINT`, `HF_HUB_CACHE`, `HF_HOME`, `HF_TOKEN` and the token
    /// file, `HF_HUB_OFFLINE`, `HF_HUB_ETAG_TIMEOUT`, `HF_HUB_DOWNLOAD_TIMEOUT`, `SSL_CERT_FILE`,
    /// and the older names of these that `huggingface_hub` still reads. The client reads the usual
    /// variables of proxies (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`) itself.
    ///
    /// # Errors
    /// [`HubError::NoCacheFolder`]: there is no home folder and no variable names a cache.
    pub fn from_env() -> Result<Self, HubError> {
        let home = std::env::home_dir().filter(|home| home.is_absolute());
        Self::from(&|name| std::env::var(name).ok(), home.as_deref())
    }

    fn from(
        variable: &dyn Fn(&str) -> Option<String>,
        home: Option<&Path>,
    ) -> Result<Self, HubError> {
        let value = |name: &str| variable(name).filter(|value| !value.is_empty());
        let is_on = |name: &str| {
            value(name).is_some_and(|value| {
                ["1", "on", "yes", "true"].contains(&value.to_ascii_lowercase().as_str())
            })
        };
        let path = |name: &str| Some(expand(&value(name)?, variable, home));
        let seconds = |name: &str| {
            value(name).and_then(|value| value.parse().ok()).map_or(TIMEOUT, Duration::from_secs)
        };
        let base = path("XDG_CACHE_HOME").or_else(|| Some(home?.join(".cache")));
        let hf_home = path("HF_HOME").or_else(|| Some(base?.join("huggingface")));
        let cache = path("HF_HUB_CACHE")
            .or_else(|| path("HUGGINGFACE_HUB_CACHE"))
            .or_else(|| Some(hf_home.as_ref()?.join("hub")))
            .ok_or(HubError::NoCacheFolder)?;
        let token_file = path("HF_TOKEN_PATH").or_else(|| Some(hf_home?.join("token")));
        let token = value("HF_TOKEN")
            .or_else(|| value("HUGGING_FACE_HUB_TOKEN"))
            .or_else(|| std::fs::read_to_string(token_file?).ok())
            .map(|token| token.trim().to_owned())
            .filter(|token| !token.is_empty() && !is_on("HF_HUB_DISABLE_IMPLICIT_TOKEN"));
        let offline = if value("HF_HUB_OFFLINE").is_some() {
            is_on("HF_HUB_OFFLINE")
        } else {
            is_on("TRANSFORMERS_OFFLINE")
        };
        let settings = Self::new(cache)
            .with_endpoint(value("HF_ENDPOINT").unwrap_or_else(|| ENDPOINT.to_owned()))
            .with_offline(offline)
            .with_timeouts(seconds("HF_HUB_ETAG_TIMEOUT"), seconds("HF_HUB_DOWNLOAD_TIMEOUT"));
        Ok(Self { token, certificates: path("SSL_CERT_FILE"), ..settings })
    }
}

/// Replaces a leading `~` by the home folder, and `$NAME` and `${NAME}` by variables: the settings of a
/// service or a container pass through no shell.
fn expand(text: &str, variable: &dyn Fn(&str) -> Option<String>, home: Option<&Path>) -> PathBuf {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded += before;
        let braced = after.strip_prefix('{').and_then(|after| after.split_once('}'));
        let (name, tail) = braced.unwrap_or_else(|| {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            after.split_at(after.find(|c| !word(c)).unwrap_or(after.len()))
        });
        match variable(name) {
            Some(value) => expanded += &value,
            None => expanded += &rest[before.len()..rest.len() - tail.len()],
        }
        rest = tail;
    }
    expanded += rest;
    match (expanded.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home.to_owned(),
        (Some(below), Some(home)) if below.starts_with('/') => home.join(&below[1..]),
        _ => PathBuf::from(expanded),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Settings {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settings::from(&variable, Some(Path::new("/me"))).unwrap()
    }

    #[test]
    fn the_cache_is_that_of_python() {
        for (variables, expected) in [
            (&[][..], "/me/.cache/huggingface/hub"),
            (&[("XDG_CACHE_HOME", "/xdg")], "/xdg/huggingface/hub"),
            (&[("HF_HOME", "/hf"), ("XDG_CACHE_HOME", "/xdg")], "/hf/hub"),
            (&[("HF_HOME", "")], "/me/.cache/huggingface/hub"),
            (&[("HUGGINGFACE_HUB_CACHE", "/old"), ("HF_HOME", "/hf")], "/old"),
            (&[("HF_HUB_CACHE", "/new"), ("HUGGINGFACE_HUB_CACHE", "/old")], "/new"),
            (&[("HF_HUB_CACHE", "~/models")], "/me/models"),
            (&[("HF_HOME", "$DATA/${WHO}x"), ("DATA", "/d"), ("WHO", "me")], "/d/mex/hub"),
            (&[("HF_HUB_CACHE", "/a$NONE/b")], "/a$NONE/b"),
        ] {
            assert_eq!(settings(variables).cache, PathBuf::from(expected), "{variables:?}");
        }
        assert!(Settings::from(&|_| None, None).is_err());
    }

    #[test]
    fn tokens_come_from_the_environment_or_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, "from-file\n").unwrap();
        let home = ("HF_HOME", folder.path().to_str().unwrap());
        let token = |variables: &[(&str, &str)]| settings(variables).token;
        assert_eq!(token(&[home]).as_deref(), Some("from-file"));
        assert_eq!(token(&[home, ("HF_TOKEN", " mine\n")]).as_deref(), Some("mine"));
        assert_eq!(token(&[home, ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")]), None);
        assert_eq!(token(&[("HF_HOME", "/nowhere")]), None);
        let shown = format!("{:?}", settings(&[("HF_TOKEN", "secret")]));
        assert!(!shown.contains("secret"), "{shown}");
    }

    #[test]
    fn offline_and_endpoint() {
        assert!(!settings(&[]).offline);
        assert!(settings(&[("HF_HUB_OFFLINE", "TRUE")]).offline);
        assert!(settings(&[("TRANSFORMERS_OFFLINE", "1")]).offline);
        assert!(!settings(&[("HF_HUB_OFFLINE", "0"), ("TRANSFORMERS_OFFLINE", "1")]).offline);
        assert_eq!(settings(&[("HF_ENDPOINT", "http://m/")]).endpoint, "http://m");
    }
}
