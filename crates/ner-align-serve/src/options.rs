//! What a server allows, and whom.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ner_align_documents::{DocumentKind, DocumentsError, ExtractOptions, ExtractedText};
use ner_align_pipeline::fields::Mapping;

use crate::origin::Origin;
use crate::token::Token;

/// What a server allows, and whom.
///
/// | option | default | beyond it |
/// |---|---|---|
/// | [`max_body`](Self::max_body) | 10 MiB | 413 |
/// | [`max_chars`](Self::max_chars) | 100,000 | 422 |
/// | [`max_texts`](Self::max_texts) | 1,000 | 422 |
/// | [`queue`](Self::queue) | 512 requests | 503, with `Retry-After` |
/// | [`max_bodies`](Self::max_bodies) | 256 MiB | 503, with `Retry-After` |
/// | [`timeout`](Self::timeout) | 30 s | 408 while the body is read, then 504 |
/// | [`token`](Self::token) | none | 401 |
#[derive(Clone)]
#[non_exhaustive]
pub struct ServeOptions {
    /// Bytes of the body of a request.
    pub max_body: usize,
    /// Code points of a text, or of all text of an uploaded document.
    pub max_chars: usize,
    /// Texts of a request.
    pub max_texts: usize,
    /// Requests to a model that wait or are computed at a time.
    pub queue: usize,
    /// Bytes of the bodies of all requests at a time.
    pub max_bodies: usize,
    /// Time from the head of a request to its answer.
    pub timeout: Duration,
    /// How requests are joined into batches.
    pub batching: Batching,
    /// What clients must show; `None` serves everybody. `/healthz` and the page are open anyway.
    pub token: Option<Token>,
    /// Pages of these origins may call the server from a browser.
    pub cors: Vec<Origin>,
    /// Which entity types make which fields in `/v1/fields`.
    pub mapping: Mapping,
    /// Is called after each request.
    pub(crate) observer: Option<Observer>,
    /// Takes the text from files.
    extractor: Extractor,
}

/// How requests of many clients are joined into one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Batching {
    /// The longest time that a request waits for others, after a batch of several requests. A
    /// request that comes alone does not wait.
    pub gather: Duration,
    /// Texts of a batch.
    pub texts: usize,
    /// Code points of a batch; one text always goes.
    pub chars: usize,
}

impl Default for Batching {
    fn default() -> Self {
        Self { gather: Duration::from_millis(2), texts: 256, chars: 1 << 16 }
    }
}

ner_align_core::setters! { Batching {
    with_gather: gather: Duration,
    with_texts: texts: usize,
    with_chars: chars: usize,
} }

type Observer = Arc<dyn Fn(&Access<'_>) + Send + Sync>;

/// Takes the text from a file.
type Extractor = Arc<
    dyn Fn(&[u8], DocumentKind, &ExtractOptions) -> Result<ExtractedText, DocumentsError>
        + Send
        + Sync,
>;

/// A request that was answered, for an access log.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Access<'a> {
    /// The client's address, where the server knows it.
    pub remote: Option<SocketAddr>,
    /// `GET`, `POST`.
    pub method: &'a str,
    /// The path without its query.
    pub path: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// Time from the head of the request to that of the answer.
    pub elapsed: Duration,
    /// What was wrong; for a fault of the server this says more than the client is told.
    pub error: Option<&'a str>,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            max_body: 10 << 20,
            max_chars: 100_000,
            max_texts: 1_000,
            queue: 512,
            max_bodies: 256 << 20,
            timeout: Duration::from_secs(30),
            batching: Batching::default(),
            token: None,
            cors: Vec::new(),
            mapping: Mapping::default(),
            observer: None,
            extractor: Arc::new(ner_align_documents::extract),
        }
    }
}

ner_align_core::setters! { ServeOptions {
    with_max_body: max_body: usize,
    with_max_chars: max_chars: usize,
    with_max_texts: max_texts: usize,
    with_queue: queue: usize,
    with_max_bodies: max_bodies: usize,
    with_timeout: timeout: Duration,
    with_batching: batching: Batching,
    with_token: token: Option<Token>,
    with_cors: cors: Vec<Origin>,
    with_mapping: mapping: Mapping,
} }

impl ServeOptions {
    /// Calls `observer` after each request, as an access log does.
    #[must_use]
    pub fn on_request(mut self, observer: impl Fn(&Access<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Takes the text from uploaded files in this way instead of by
    /// [`extract`](ner_align_documents::extract) in this process: in a process of its own, for
    /// instance, which a crafted file may end. It is called on a thread where it may block.
    #[must_use]
    pub fn with_extractor(
        mut self,
        extractor: impl Fn(
            &[u8],
            DocumentKind,
            &ExtractOptions,
        ) -> Result<ExtractedText, DocumentsError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.extractor = Arc::new(extractor);
        self
    }

    pub(crate) fn extractor(&self) -> Extractor {
        Arc::clone(&self.extractor)
    }
}

impl fmt::Debug for ServeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeOptions")
            .field("max_body", &self.max_body)
            .field("max_chars", &self.max_chars)
            .field("max_texts", &self.max_texts)
            .field("queue", &self.queue)
            .field("max_bodies", &self.max_bodies)
            .field("timeout", &self.timeout)
            .field("batching", &self.batching)
            .field("token", &self.token)
            .field("cors", &self.cors)
            .finish_non_exhaustive()
    }
}
