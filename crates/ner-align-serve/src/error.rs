//! Why a server cannot be set up.

use std::io;
use std::path::{Path, PathBuf};

use ner_align_core::ErrorKind;
use thiserror::Error;

/// Why a server cannot be set up. What is wrong with a request is an answer to its client and no
/// error.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// A router without models.
    #[error("models: expected at least one, found none")]
    NoModel,
    /// Two models have one name.
    #[error("models: expected names that differ, found {name:?} twice")]
    NameTwice {
        /// The name.
        name: String,
    },
    /// No model has this name.
    #[error("model: expected one of {}, found {name:?}", known.join(", "))]
    UnknownModel {
        /// The name that was asked for.
        name: String,
        /// The names of the models.
        known: Vec<String>,
    },
    /// An origin that no browser sends.
    #[error("origin: expected SCHEME://HOST[:PORT] or *, found {found:?}")]
    Origin {
        /// What was given.
        found: String,
    },
    /// A token that no header can carry.
    #[error("token: expected {expected}, found {found}")]
    Token {
        /// What a token is.
        expected: &'static str,
        /// What was given, without the token itself.
        found: &'static str,
    },
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The system gives no thread to compute on.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
}

impl ServeError {
    /// What is at fault.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::NoModel
            | Self::NameTwice { .. }
            | Self::UnknownModel { .. }
            | Self::Origin { .. }
            | Self::Token { .. } => ErrorKind::Usage,
            Self::Io { .. } | Self::Thread(_) => ErrorKind::Environment,
        }
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub const fn hint(&self) -> Option<&str> {
        match self {
            Self::NameTwice { .. } => Some("name each `model` as NAME=DIR"),
            Self::Origin { .. } => Some("as in https://app.example.org, without a path"),
            Self::Token { .. } => Some("for instance the output of `openssl rand -hex 32`"),
            _ => None,
        }
    }

    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}
