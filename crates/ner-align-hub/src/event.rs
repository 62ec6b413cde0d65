//! What a caller can watch while files are fetched or pushed.

use std::fmt;
use std::sync::Arc;

use crate::error::HubError;

/// Something that happens while files are fetched or pushed.
///
/// For each file that goes over the network: [`Event::Started`], then [`Event::Progress`] for each
/// piece, then [`Event::Finished`]. Files in the cache cause no event.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Another program, Python included, fetches the same content; this one waits for it.
    Waiting {
        /// Name of the file.
        file: &'a str,
    },
    /// A file's download starts or resumes, or its upload starts.
    Started {
        /// Name of the file.
        file: &'a str,
        /// Bytes of the whole file, if they are known.
        size: Option<u64>,
        /// Bytes that an earlier attempt left.
        present: u64,
    },
    /// A piece of a file arrived, or was sent.
    Progress {
        /// Name of the file.
        file: &'a str,
        /// Bytes of the file that have arrived, or were sent. A restart sets it back.
        bytes: u64,
    },
    /// The connection broke; the download will resume, the upload start again.
    Retrying {
        /// Name of the file.
        file: &'a str,
        /// Why the last attempt failed.
        reason: &'a str,
    },
    /// A file's download or upload ended, completely or with an error.
    Finished {
        /// Name of the file.
        file: &'a str,
    },
    /// The Hub has a file already, and it is not sent.
    Present {
        /// Name of the file.
        file: &'a str,
    },
    /// All files are there, and some of them came over the network.
    Fetched {
        /// `NAME` or `ORG/NAME`.
        name: &'a str,
        /// The commit that was taken.
        commit: &'a str,
        /// Files that came over the network.
        files: usize,
        /// Bytes that came over the network.
        bytes: u64,
    },
    /// The Hub did not give what was asked for; the cache has a commit to use instead.
    Fallback {
        /// Why the Hub did not.
        error: &'a HubError,
        /// The commit in the cache.
        commit: &'a str,
    },
}

type Observe = dyn Fn(&Event<'_>) + Send + Sync;

/// Receives the events of a client.
#[derive(Clone, Default)]
pub(crate) struct Observer(Option<Arc<Observe>>);

impl Observer {
    pub(crate) fn new(observe: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(observe)))
    }

    pub(crate) fn notify(&self, event: Event<'_>) {
        if let Some(observe) = &self.0 {
            observe(&event);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Observer" } else { "None" })
    }
}
