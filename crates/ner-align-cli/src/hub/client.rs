//! Asking the Hub.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use ureq::config::{AutoHeaderValue, RedirectAuthHeaders};
use ureq::http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, ETAG, LOCATION, RANGE};
use ureq::http::{HeaderMap, Response, Uri};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, Error};

use super::{Settings, Trouble};
use crate::Failure;
use crate::model_source::is_name;

const COMMIT: &str = "x-repo-commit";
/// What the file is where the answer only leads to it.
const LINKED: [&str; 2] = ["x-linked-etag", "x-linked-size"];
const ERROR_CODE: &str = "x-error-code";
const MOST_REDIRECTS: u32 = 10;
const CONNECT: Duration = Duration::from_secs(10);
/// Longest wait that a server may ask for.
const LONGEST_PAUSE: u64 = 60;
/// Statuses of a server that may do better a moment later.
const PASSING: [u16; 6] = [408, 429, 500, 502, 503, 504];

/// A file on the Hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remote {
    /// The hash of its content: SHA-256 of large files, git's own of small ones.
    pub(super) etag: String,
    pub(super) size: Option<u64>,
}

impl Remote {
    /// The SHA-256 of its content, where that is known.
    pub(super) fn sha256(&self) -> Option<&str> {
        let is_hash = self.etag.len() == 64 && self.etag.bytes().all(|b| b.is_ascii_hexdigit());
        is_hash.then_some(self.etag.as_str())
    }
}

/// What came back for a piece of a file.
pub(super) enum Piece {
    /// The content from the asked place on.
    Rest(Box<dyn Read>),
    /// The whole content: the server cannot start in the middle.
    Whole(Box<dyn Read>),
    /// Nothing this time, for this reason; wait so long before the next.
    Later(String, Option<Duration>),
}

/// A client of one Hub.
#[derive(Debug)]
pub(super) struct Client<'a> {
    agent: Agent,
    settings: &'a Settings,
    /// How often a question is asked.
    attempts: u32,
}

impl<'a> Client<'a> {
    pub(super) fn new(settings: &'a Settings, attempts: u32) -> Result<Self, Failure> {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(MOST_REDIRECTS)
            // Never to another host, where a signed address is the permission.
            .redirect_auth_headers(RedirectAuthHeaders::SameHost)
            .user_agent(concat!("ner-align/", env!("CARGO_PKG_VERSION")))
            .accept_encoding(AutoHeaderValue::None)
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(settings.timeouts.1));
        if host(&settings.endpoint).is_some_and(|host| is_loopback(&host)) {
            // No proxy can reach what is on this machine.
            config = config.proxy(None);
        }
        if let Some(path) = &settings.certificates {
            let certificates = RootCerts::new_with_certs(&certificates(path)?);
            config = config.tls_config(TlsConfig::builder().root_certs(certificates).build());
        }
        Ok(Self { agent: config.build().new_agent(), settings, attempts })
    }

    /// The commit that a revision means, and the file there, if there is one.
    pub(super) fn look(
        &self,
        id: &str,
        revision: &str,
        file: &str,
    ) -> Result<(String, Option<Remote>), Trouble> {
        let mut attempt = 1;
        loop {
            match self.look_once(id, revision, file) {
                Err(Trouble::Unreachable(_)) if attempt < self.attempts => pause(attempt, None),
                outcome => return outcome,
            }
            attempt += 1;
        }
    }

    fn look_once(
        &self,
        id: &str,
        revision: &str,
        file: &str,
    ) -> Result<(String, Option<Remote>), Trouble> {
        let mut url = self.url(id, revision, file);
        let (mut commit, mut etag, mut size) = (None, None, None);
        for _ in 0..=MOST_REDIRECTS {
            let mut request = self.agent.head(&url).header(ACCEPT_ENCODING, "identity");
            if let Some(token) = &self.settings.token {
                request = request.header(AUTHORIZATION, format!("Bearer {token}"));
            }
            let request = request.config().max_redirects(0);
            let request = request.timeout_recv_response(Some(self.settings.timeouts.0)).build();
            let response = request.call().map_err(|error| self.no_answer(id, &error))?;
            let (status, headers) = (response.status().as_u16(), response.headers());
            commit = text(headers, COMMIT).or(commit);
            etag = text(headers, LINKED[0]).or(etag);
            size = text(headers, LINKED[1]).or(size);
            match status {
                200..300 => {
                    etag = etag.or_else(|| text(headers, ETAG.as_str()));
                    size = size.or_else(|| text(headers, CONTENT_LENGTH.as_str()));
                }
                300..400 => {
                    let next = text(headers, LOCATION.as_str());
                    let next = next.and_then(|next| join(&url, &next));
                    // A renamed model, or another address of this file, of the Hub's own.
                    if let Some(next) = next.filter(|next| self.is_hub(next)) {
                        url = next;
                        continue;
                    }
                }
                404 if commit.is_some() && error_code(&response) != "RevisionNotFound" => {
                    let commit = self.plain(id, commit, COMMIT)?;
                    return Ok((commit, None));
                }
                _ => return Err(self.refused(id, revision, &response)),
            }
            let commit = self.plain(id, commit, COMMIT)?;
            let etag = etag.map(|etag| bare_etag(&etag));
            let remote = Remote {
                etag: self.plain(id, etag, "etag")?,
                size: size.and_then(|size| size.parse().ok()),
            };
            return Ok((commit, Some(remote)));
        }
        let what = format!("{id}: {} leads in circles", self.settings.endpoint);
        Err(Trouble::Unreachable(Failure::environment(what).hint(ENDPOINT_HINT)))
    }

    /// The content of a file from some byte on.
    pub(super) fn read(
        &self,
        id: &str,
        commit: &str,
        file: &str,
        start: u64,
    ) -> Result<Piece, Trouble> {
        let mut request = self.agent.get(self.url(id, commit, file));
        request = request.header(ACCEPT_ENCODING, "identity");
        if let Some(token) = &self.settings.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if start > 0 {
            request = request.header(RANGE, format!("bytes={start}-"));
        }
        let response = match request.call() {
            Ok(response) => response,
            Err(error) => return Ok(Piece::Later(reason(&error), None)),
        };
        match response.status().as_u16() {
            206 if starts_at(response.headers(), start) => {
                Ok(Piece::Rest(Box::new(response.into_body().into_reader())))
            }
            200 => Ok(Piece::Whole(Box::new(response.into_body().into_reader()))),
            // The part on this side is longer than the file, or the answer is of another part.
            206 | 416 if start > 0 => self.read(id, commit, file, 0),
            status if PASSING.contains(&status) => {
                let seconds = text(response.headers(), "retry-after").and_then(|t| t.parse().ok());
                Ok(Piece::Later(format!("status {status}"), seconds.map(Duration::from_secs)))
            }
            _ => Err(self.refused(id, commit, &response)),
        }
    }

    fn url(&self, id: &str, revision: &str, file: &str) -> String {
        // All else that an id, a revision or a file's name may hold stands for itself.
        let revision = revision.replace('/', "%2F");
        format!("{}/{id}/resolve/{revision}/{file}", self.settings.endpoint)
    }

    /// Whether an address is the Hub's, so that it may see the token.
    fn is_hub(&self, url: &str) -> bool {
        let own = &self.settings.endpoint;
        host(own) == host(url) && (url.starts_with("https://") || own.starts_with("http://"))
    }

    fn no_answer(&self, id: &str, error: &Error) -> Trouble {
        let what = format!("{id}: cannot reach {}: {}", self.settings.endpoint, reason(error));
        Trouble::Unreachable(Failure::environment(what).hint(
            "HTTPS_PROXY names a proxy, HF_ENDPOINT a mirror; or name a folder on this machine",
        ))
    }

    /// What a status means that is no success.
    fn refused(&self, id: &str, revision: &str, response: &Response<Body>) -> Trouble {
        let endpoint = &self.settings.endpoint;
        let known = self.settings.token.is_some();
        let log_in = if known {
            "the token given (HF_TOKEN or `hf auth login`) may not read it"
        } else {
            "a private model needs a token: set HF_TOKEN, or log in with `hf auth login`"
        };
        let status = response.status().as_u16();
        let said = text(response.headers(), "x-error-message").unwrap_or_default();
        let failure = match (status, error_code(response).as_str()) {
            (_, "RevisionNotFound") => {
                let what = format!("{id}@{revision}: the model has no revision {revision:?}");
                let hint = "a branch, a tag or a commit; without @REVISION it is `main`";
                return Trouble::Final(Failure::environment(what).hint(hint));
            }
            (_, "GatedRepo") => {
                Failure::environment(format!("{id}: its owners let only some people have it"))
                    .hint(format!("accept its terms at {endpoint}/{id}; {log_in}"))
            }
            (401, _) if said.contains("Invalid credentials") => {
                Failure::environment(format!("{id}: {endpoint} does not know the token"))
                    .hint("set HF_TOKEN to one that is valid, or log in with `hf auth login`")
            }
            (401 | 404, _) => Failure::environment(format!(
                "{id}: expected a folder or a model of {endpoint}, found neither"
            ))
            .hint(format!("see to the spelling; {log_in}")),
            (403, _) => {
                Failure::environment(format!("{id}: {endpoint} denies access: {said}")).hint(log_in)
            }
            (status, _) => Failure::environment(format!(
                "{id}: {endpoint} answers with status {status} {said}"
            ))
            .hint("try again later; what came so far is kept"),
        };
        Trouble::Unreachable(failure)
    }

    /// A header's value that becomes the name of a file.
    fn plain(&self, id: &str, value: Option<String>, header: &str) -> Result<String, Trouble> {
        value.filter(|value| is_name(value) && !value.starts_with('.')).ok_or_else(|| {
            let endpoint = &self.settings.endpoint;
            let what = format!("{id}: expected the header {header} of {endpoint}, found none");
            Trouble::Unreachable(Failure::environment(what).hint(ENDPOINT_HINT))
        })
    }
}

const ENDPOINT_HINT: &str = "HF_ENDPOINT, or a proxy, leads to what is no Hugging Face Hub";

/// Waits before the next attempt, longer each time.
pub(super) fn pause(attempt: u32, asked: Option<Duration>) {
    let usual = Duration::from_millis(125 << attempt.min(6));
    std::thread::sleep(asked.map_or(usual, |asked| asked.min(Duration::from_secs(LONGEST_PAUSE))));
}

/// Why there is no answer, without the library's word for the kind of error.
fn reason(error: &Error) -> String {
    match error {
        Error::Io(error) => error.to_string(),
        other => other.to_string(),
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

fn error_code(response: &Response<Body>) -> String {
    text(response.headers(), ERROR_CODE).unwrap_or_default()
}

/// Without quotes, and without the mark of a weak one.
fn bare_etag(etag: &str) -> String {
    etag.trim_start_matches("W/").trim_matches('"').to_owned()
}

/// Whether a partial content is the asked one.
fn starts_at(headers: &HeaderMap, start: u64) -> bool {
    let range = text(headers, "content-range").unwrap_or_default();
    let first = range.strip_prefix("bytes ").and_then(|range| range.split_once('-'));
    first.and_then(|(first, _)| first.parse().ok()) == Some(start)
}

fn host(url: &str) -> Option<String> {
    Some(url.parse::<Uri>().ok()?.host()?.to_ascii_lowercase())
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// The address that a redirect leads to.
fn join(url: &str, location: &str) -> Option<String> {
    if location.starts_with("http://") || location.starts_with("https://") {
        return Some(location.to_owned());
    }
    let base = url.parse::<Uri>().ok()?;
    let rooted = location.starts_with('/') && !location.starts_with("//");
    rooted.then_some(format!("{}://{}{location}", base.scheme_str()?, base.authority()?))
}

fn certificates(path: &Path) -> Result<Vec<ureq::tls::Certificate<'static>>, Failure> {
    let fail = |reason: String| {
        Failure::environment(format!("SSL_CERT_FILE: {}: {reason}", path.display()))
            .hint("unset SSL_CERT_FILE, and the usual authorities are trusted")
    };
    let bytes = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    let found: Vec<_> = parse_pem(&bytes)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if found.is_empty() {
        Err(fail("expected certificates, found none".to_owned()))
    } else {
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_joined_with_where_they_came_from() {
        let url = "https://hub.example:1/a/b?c";
        for (location, expected) in [
            ("/d/e", Some("https://hub.example:1/d/e")),
            ("http://cdn.example/f", Some("http://cdn.example/f")),
            ("//other.example/g", None),
            ("ftp://other.example/g", None),
        ] {
            assert_eq!(join(url, location).as_deref(), expected, "{location}");
        }
    }

    #[test]
    fn etags_lose_quotes() {
        for (etag, bare) in [("\"a\"", "a"), ("W/\"b\"", "b"), ("c", "c")] {
            assert_eq!(bare_etag(etag), bare);
        }
        for (host, loopback) in
            [("localhost", true), ("127.0.0.2", true), ("[::1]", true), ("10.0.0.1", false)]
        {
            assert_eq!(is_loopback(host), loopback, "{host}");
        }
    }
}
