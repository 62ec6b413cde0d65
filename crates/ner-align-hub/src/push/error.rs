//! Why a folder could not be pushed.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::error::HubError;

/// Why a folder could not be pushed. Its text is one line and never has the token;
/// [`PushError::hint`] says what to do.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PushError {
    /// The folder, or a file in it, cannot be pushed.
    #[error("{}: expected {expected}, found {found}", path.display())]
    Folder {
        /// The folder, or a file with the line.
        path: PathBuf,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The id names no organization or user.
    #[error("expected ORG/NAME, found {id:?}")]
    NoOwner {
        /// The id.
        id: String,
    },
    /// The network must not be used.
    #[error("pushing needs the network, and HF_HUB_OFFLINE forbids it")]
    Offline,
    /// Nobody may push without a token.
    #[error("pushing to {endpoint} needs a token, found none")]
    NoToken {
        /// Address of the Hub.
        endpoint: String,
    },
    /// No connection, or no answer.
    #[error("{id}: cannot reach {host}: {reason}")]
    Unreachable {
        /// `ORG/NAME`.
        id: String,
        /// The host.
        host: String,
        /// What the connection failed with.
        reason: String,
    },
    /// The Hub does not know the token.
    #[error("{id}: {endpoint} does not know the token")]
    InvalidToken {
        /// `ORG/NAME`.
        id: String,
        /// Address of the Hub.
        endpoint: String,
    },
    /// The token may not do this.
    #[error("{id}: {endpoint} denies access: {message}")]
    Denied {
        /// `ORG/NAME`.
        id: String,
        /// Address of the Hub.
        endpoint: String,
        /// What the Hub says, in one line.
        message: String,
    },
    /// There is no such organization, model or branch for who asks.
    #[error("{id}: not found at {endpoint}: {message}")]
    NotFound {
        /// `ORG/NAME`.
        id: String,
        /// Address of the Hub.
        endpoint: String,
        /// What the Hub says, in one line.
        message: String,
    },
    /// The model is public and was asked to be private.
    #[error("{id}: expected a private model, found a public one")]
    Public {
        /// `ORG/NAME`.
        id: String,
    },
    /// The model changed while it was pushed.
    #[error("{id}: the model changed meanwhile: {message}")]
    Conflict {
        /// `ORG/NAME`.
        id: String,
        /// What the Hub says, in one line.
        message: String,
    },
    /// The owner's storage is used up, or a file is too large for it.
    #[error("{id}: no room at {endpoint}: {message}")]
    Quota {
        /// `ORG/NAME`.
        id: String,
        /// Address of the Hub.
        endpoint: String,
        /// What the Hub says, in one line.
        message: String,
    },
    /// The Hub does not take what it was given.
    #[error("{id}: {endpoint} refuses it with status {status}: {message}")]
    Refused {
        /// `ORG/NAME`.
        id: String,
        /// Address of the Hub.
        endpoint: String,
        /// The status.
        status: u16,
        /// What the Hub says, in one line.
        message: String,
    },
    /// An answer is not one that a Hub gives.
    #[error("{id}: expected {expected} from {host}, found something else")]
    NotAHub {
        /// `ORG/NAME`.
        id: String,
        /// The host.
        host: String,
        /// What a Hub answers.
        expected: &'static str,
    },
    /// No connection can be prepared.
    #[error(transparent)]
    Hub(#[from] HubError),
}

impl PushError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    pub(super) fn folder(
        path: impl Into<PathBuf>,
        expected: &str,
        found: &str,
        hint: Option<String>,
    ) -> Self {
        Self::Folder { path: path.into(), expected: expected.into(), found: found.into(), hint }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Folder { hint, .. } => return hint.clone(),
            Self::Hub(error) => return error.hint(),
            Self::Io { .. } => return None,
            Self::NoOwner { .. } => "name the user or the organization that the model belongs to",
            Self::Offline => "unset it to push",
            Self::NoToken { .. } => {
                "set HF_TOKEN to one that may write, or log in with `hf auth login`"
            }
            Self::InvalidToken { .. } => {
                "set HF_TOKEN to one that is valid, or log in with `hf auth login`"
            }
            Self::Denied { .. } => {
                "the token (HF_TOKEN or `hf auth login`) needs the right to write there"
            }
            Self::NotFound { .. } => "check the spelling of the organization and of the branch",
            Self::Public { .. } => "make it private on its page, or push it as it is",
            Self::Conflict { .. } => "push again: what has arrived is not sent again",
            Self::Quota { .. } => "remove what is not needed there, or ask for more storage",
            Self::Unreachable { .. } => {
                "push again: what has arrived is not sent again; HTTPS_PROXY names a proxy, \
                 HF_ENDPOINT a mirror"
            }
            Self::Refused { status: 400..=428 | 430..=499, .. } => {
                "the message says what it does not take"
            }
            Self::Refused { .. } => "push again later: what has arrived is not sent again",
            Self::NotAHub { .. } => {
                "HF_ENDPOINT, or a proxy, leads to a server that is not a Hugging Face Hub"
            }
        };
        Some(hint.to_owned())
    }
}
