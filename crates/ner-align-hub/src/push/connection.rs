//! Requests of a push, with retries, and what their answers mean.

use std::io::Read;
use std::time::Duration;

use serde_json::Value;
use ureq::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use ureq::http::{HeaderMap, Request};
use ureq::{Agent, Body};

use super::PushError;
use crate::address::{host, is_of};
use crate::agent::agent;
use crate::http::{TRANSIENT, pause, reason, text};
use crate::id::HubId;
use crate::settings::Settings;

/// Attempts at each request.
pub(super) const ATTEMPTS: u32 = 4;
/// How long the Hub may take to join the parts of a large file, or to make a commit.
const LONG_ANSWER: Duration = Duration::from_secs(300);
/// How long a piece of an upload may take, where the settings are less patient.
const LONG_PIECE: Duration = Duration::from_secs(30);
/// Most of an answer that is read: its lists have a line for each file.
const LONGEST_ANSWER: u64 = 16 << 20;
/// Most characters of what the Hub says in an error.
const LONGEST_MESSAGE: usize = 300;
/// Where the official Hub leads to, whatever mirror was asked.
const OFFICIAL: &str = "https://huggingface.co";

/// An answer with its body as JSON, `null` where it is none.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: HeaderMap,
    pub(super) body: Value,
}

/// Whether a request with this answer may be made again. A Hub that is busy has done nothing; after
/// another fault nobody knows, which matters where `again` is false.
fn may_repeat(status: u16, again: bool) -> bool {
    matches!(status, 429 | 503) || (again && TRANSIENT.contains(&status))
}

/// One Hub, asked about one model.
#[derive(Debug)]
pub(super) struct Connection<'a> {
    agent: Agent,
    pub(super) settings: &'a Settings,
    pub(super) id: &'a HubId,
}

impl<'a> Connection<'a> {
    pub(super) fn new(settings: &'a Settings, id: &'a HubId) -> Result<Self, PushError> {
        if settings.token.is_none() {
            return Err(PushError::NoToken { endpoint: settings.endpoint.clone() });
        }
        Ok(Self { agent: agent(settings)?, settings, id })
    }

    /// An address of the official Hub as one of the mirror that was asked.
    pub(super) fn own(&self, url: &str) -> String {
        match url.strip_prefix(OFFICIAL).filter(|rest| rest.starts_with('/')) {
            Some(rest) => format!("{}{rest}", self.settings.endpoint),
            None => url.to_owned(),
        }
    }

    pub(super) fn post(
        &self,
        url: &str,
        kind: &str,
        body: &[u8],
        again: bool,
    ) -> Result<Answer, PushError> {
        self.call("POST", url, Some(kind), body, again)
    }

    /// Makes a request. `again`: it may be made twice, where it is not known whether it was heard.
    pub(super) fn call(
        &self,
        method: &str,
        url: &str,
        kind: Option<&str>,
        body: &[u8],
        again: bool,
    ) -> Result<Answer, PushError> {
        let mut attempt = 1;
        loop {
            let last = attempt >= ATTEMPTS;
            match self.call_once(method, url, kind, body) {
                Ok(answer) if !last && may_repeat(answer.status, again) => {
                    let seconds = text(&answer.headers, "retry-after").and_then(|t| t.parse().ok());
                    pause(attempt, seconds.map(Duration::from_secs));
                }
                Err(PushError::Unreachable { .. }) if again && !last => pause(attempt, None),
                outcome => return outcome,
            }
            attempt += 1;
        }
    }

    fn call_once(
        &self,
        method: &str,
        url: &str,
        kind: Option<&str>,
        body: &[u8],
    ) -> Result<Answer, PushError> {
        let mut request = Request::builder().method(method).uri(url);
        if let Some(kind) = kind {
            request = request.header(CONTENT_TYPE, kind).header(ACCEPT, kind);
        }
        if let Some(token) = self.settings.token.as_ref().filter(|_| self.is_own(url)) {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let no_request = |error: ureq::http::Error| self.unreachable(url, &error.to_string());
        let response = match method {
            "GET" => self.run(request.body(()).map_err(no_request)?),
            _ => self.run(request.body(body).map_err(no_request)?),
        };
        let (parts, body) =
            response.map_err(|error| self.unreachable(url, &reason(&error)))?.into_parts();
        let mut bytes = Vec::new();
        let mut reader = body.into_reader().take(LONGEST_ANSWER);
        reader
            .read_to_end(&mut bytes)
            .map_err(|error| self.unreachable(url, &error.to_string()))?;
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    /// Makes a request with the patience that a push needs.
    pub(super) fn run<S: ureq::AsSendBody>(
        &self,
        request: Request<S>,
    ) -> Result<ureq::http::Response<Body>, ureq::Error> {
        let request = self.agent.configure_request(request);
        let request = request
            .timeout_per_read(Some(LONG_ANSWER))
            .timeout_per_write(Some(self.settings.read_timeout.max(LONG_PIECE)))
            .timeout_recv_response(Some(LONG_ANSWER))
            .build();
        self.agent.run(request)
    }

    /// Whether an address may see the token.
    fn is_own(&self, url: &str) -> bool {
        is_of(&self.settings.endpoint, url)
    }

    pub(super) fn expect_success(&self, answer: &Answer) -> Result<(), PushError> {
        if (200..300).contains(&answer.status) {
            return Ok(());
        }
        let errors = answer.body["errors"].as_array().map_or(&[][..], Vec::as_slice);
        let errors: Vec<&str> =
            errors.iter().filter_map(|error| error["message"].as_str()).collect();
        let header = text(&answer.headers, "x-error-message");
        let message = match (answer.body["error"].as_str(), errors.as_slice()) {
            (_, [_, ..]) => errors.join("; "),
            (Some(error), _) => error.to_owned(),
            _ => header.unwrap_or_default(),
        };
        Err(self.refused(answer.status, &message))
    }

    /// What a status means that is not a success.
    pub(super) fn refused(&self, status: u16, message: &str) -> PushError {
        let (id, endpoint) = (self.id.name().to_owned(), self.settings.endpoint.clone());
        let message = self.shown(message, status);
        match status {
            401 => PushError::InvalidToken { id, endpoint },
            403 => PushError::Denied { id, endpoint, message },
            404 => PushError::NotFound { id, endpoint, message },
            409 | 412 => PushError::Conflict { id, message },
            402 | 413 | 507 => PushError::Quota { id, endpoint, message },
            _ => PushError::Refused { id, endpoint, status, message },
        }
    }

    /// What a server says, as one line of some length. It may repeat what it was sent.
    fn shown(&self, message: &str, status: u16) -> String {
        let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = match self.settings.token.as_deref() {
            Some(token) => line.replace(token, "TOKEN"),
            None => line,
        };
        let line: String = line.chars().take(LONGEST_MESSAGE).collect();
        if line.is_empty() { format!("status {status}, without a reason") } else { line }
    }

    pub(super) fn unreachable(&self, url: &str, reason: &str) -> PushError {
        let (id, host) = (self.id.name().to_owned(), host(url).unwrap_or_default());
        PushError::Unreachable { id, host, reason: self.shown(reason, 0) }
    }

    pub(super) fn not_a_hub(&self, url: &str, expected: &'static str) -> PushError {
        let host = host(url).unwrap_or_else(|| self.settings.endpoint.clone());
        PushError::NotAHub { id: self.id.name().to_owned(), host, expected }
    }
}
