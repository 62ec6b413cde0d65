//! Requests to the Hub.

use std::io::Read;
use std::time::Duration;

use ureq::http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, ETAG, LOCATION, RANGE};
use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body, Error};

use crate::address::{is_of, join};
use crate::agent::{MOST_REDIRECTS, agent};
use crate::error::HubError;
use crate::names::is_file_name;
use crate::settings::Settings;

const COMMIT: &str = "x-repo-commit";
/// Hash and size of the file, in an answer that redirects to it.
const LINKED: [&str; 2] = ["x-linked-etag", "x-linked-size"];
const ERROR_CODE: &str = "x-error-code";
/// Longest commit or hash; a SHA-256 has 64 digits.
const LONGEST_NAME: usize = 128;
/// Longest wait that a server may ask for, in seconds.
const LONGEST_PAUSE: u64 = 60;
/// Statuses that may be another one a moment later.
pub(crate) const TRANSIENT: [u16; 6] = [408, 429, 500, 502, 503, 504];

/// A file on the Hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remote {
    /// The hash of its content: SHA-256 of large files, git's own of small ones.
    pub(crate) etag: String,
    pub(crate) size: Option<u64>,
}

impl Remote {
    /// The SHA-256 of its content, where that is known.
    pub(crate) fn sha256(&self) -> Option<&str> {
        let is_hash = self.etag.len() == 64 && self.etag.bytes().all(|b| b.is_ascii_hexdigit());
        is_hash.then_some(self.etag.as_str())
    }
}

/// The answer to a request for the rest of a file.
pub(crate) enum Answer {
    /// The content from the requested byte on.
    Rest(Box<dyn Read>),
    /// The content from its start: the server cannot start in the middle.
    FromStart(Box<dyn Read>),
    /// Nothing this time, for this reason; wait so long before the next attempt.
    Later(String, Option<Duration>),
}

/// Asks one Hub.
#[derive(Debug)]
pub(crate) struct Http<'a> {
    agent: Agent,
    settings: &'a Settings,
    /// How often to try a question.
    attempts: u32,
}

impl<'a> Http<'a> {
    pub(crate) fn new(settings: &'a Settings, attempts: u32) -> Result<Self, HubError> {
        Ok(Self { agent: agent(settings)?, settings, attempts })
    }

    /// The commit of a revision, and the file there, if the commit has it.
    pub(crate) fn look(
        &self,
        id: &str,
        revision: &str,
        file: &str,
    ) -> Result<(String, Option<Remote>), HubError> {
        let mut attempt = 1;
        loop {
            match self.look_once(id, revision, file) {
                Err(error) if attempt < self.attempts && is_transient(&error) => {
                    pause(attempt, None);
                }
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
    ) -> Result<(String, Option<Remote>), HubError> {
        let mut url = self.url(id, revision, file);
        let (mut commit, mut etag, mut size) = (None, None, None);
        for _ in 0..=MOST_REDIRECTS {
            let mut request = self.agent.head(&url).header(ACCEPT_ENCODING, "identity");
            if let Some(token) = &self.settings.token {
                request = request.header(AUTHORIZATION, format!("Bearer {token}"));
            }
            let request = request.config().max_redirects(0);
            let request = request.timeout_recv_response(Some(self.settings.answer_timeout)).build();
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
        Err(HubError::Redirects {
            id: id.to_owned(),
            endpoint: self.settings.endpoint.clone(),
            limit: MOST_REDIRECTS,
        })
    }

    /// The content of a file from some byte on.
    pub(crate) fn read(
        &self,
        id: &str,
        commit: &str,
        file: &str,
        start: u64,
    ) -> Result<Answer, HubError> {
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
            Err(error) => return Ok(Answer::Later(reason(&error), None)),
        };
        match response.status().as_u16() {
            206 if starts_at(response.headers(), start) => {
                Ok(Answer::Rest(Box::new(response.into_body().into_reader())))
            }
            200 => Ok(Answer::FromStart(Box::new(response.into_body().into_reader()))),
            // What is here is longer than the file, or the answer is another part of it.
            206 | 416 if start > 0 => self.read(id, commit, file, 0),
            status if TRANSIENT.contains(&status) => {
                let seconds = text(response.headers(), "retry-after").and_then(|t| t.parse().ok());
                Ok(Answer::Later(format!("status {status}"), seconds.map(Duration::from_secs)))
            }
            _ => Err(self.refused(id, commit, &response)),
        }
    }

    fn url(&self, id: &str, revision: &str, file: &str) -> String {
        // No other character of an id, a revision or a file's name has a meaning in addresses.
        let revision = revision.replace('/', "%2F");
        format!("{}/{id}/resolve/{revision}/{file}", self.settings.endpoint)
    }

    /// Whether an address is the Hub's, so that it may see the token.
    fn is_hub(&self, url: &str) -> bool {
        is_of(&self.settings.endpoint, url)
    }

    fn no_answer(&self, id: &str, error: &Error) -> HubError {
        HubError::Unreachable {
            id: id.to_owned(),
            endpoint: self.settings.endpoint.clone(),
            reason: reason(error),
        }
    }

    /// What a status means that is not a success.
    fn refused(&self, id: &str, revision: &str, response: &Response<Body>) -> HubError {
        let (id, endpoint) = (id.to_owned(), self.settings.endpoint.clone());
        let with_token = self.settings.token.is_some();
        let status = response.status().as_u16();
        let message = text(response.headers(), "x-error-message").unwrap_or_default();
        match (status, error_code(response).as_str()) {
            (_, "RevisionNotFound") => {
                HubError::RevisionNotFound { id, revision: revision.to_owned() }
            }
            (_, "GatedRepo") => HubError::Gated { id, endpoint, with_token },
            (401, _) if message.contains("Invalid credentials") => {
                HubError::InvalidToken { id, endpoint }
            }
            (401 | 404, _) => HubError::NotFound { id, endpoint, with_token },
            (403, _) => HubError::Forbidden { id, endpoint, message, with_token },
            _ => HubError::Status { id, endpoint, status, message },
        }
    }

    /// A header's value that becomes the name of a file.
    fn plain(
        &self,
        id: &str,
        value: Option<String>,
        header: &'static str,
    ) -> Result<String, HubError> {
        let found = match value {
            Some(value) if is_file_name(&value) && value.len() <= LONGEST_NAME => return Ok(value),
            Some(value) => format!("{:?}", value.chars().take(LONGEST_NAME).collect::<String>()),
            None => "none".to_owned(),
        };
        let (id, endpoint) = (id.to_owned(), self.settings.endpoint.clone());
        Err(HubError::NotAHub { id, endpoint, header, found })
    }
}

/// Whether another attempt may succeed.
fn is_transient(error: &HubError) -> bool {
    match error {
        HubError::Unreachable { .. } => true,
        HubError::Status { status, .. } => TRANSIENT.contains(status),
        _ => false,
    }
}

/// Waits before the next attempt, longer each time.
pub(crate) fn pause(attempt: u32, asked: Option<Duration>) {
    let usual = Duration::from_millis(125 << attempt.min(6));
    std::thread::sleep(asked.map_or(usual, |asked| asked.min(Duration::from_secs(LONGEST_PAUSE))));
}

/// Why there is no answer, without the library's word for the kind of error.
pub(crate) fn reason(error: &Error) -> String {
    match error {
        Error::Io(error) => error.to_string(),
        other => other.to_string(),
    }
}

pub(crate) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etags_lose_quotes() {
        for (etag, bare) in [("\"a\"", "a"), ("W/\"b\"", "b"), ("c", "c")] {
            assert_eq!(bare_etag(etag), bare);
        }
    }
}
