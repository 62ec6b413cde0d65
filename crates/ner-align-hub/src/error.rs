//! Why a model could not be had.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::size::Size;

/// Why a model could not be had. Its text is one line; [`HubError::hint`] says what to do.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HubError {
    /// A text is not the id of a model.
    #[error("expected NAME, ORG/NAME or ORG/NAME@REVISION, found {text:?}")]
    InvalidId {
        /// The text.
        text: String,
    },
    /// No folder to cache models in: there is no home folder and no setting names one.
    #[error("expected a folder to cache models in, found no home folder")]
    NoCacheFolder,
    /// The file of certificates to trust cannot be read or contains none.
    #[error("{}: {reason}", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No connection, or no answer.
    #[error("{id}: cannot reach {endpoint}: {reason}")]
    Unreachable {
        /// `NAME` or `ORG/NAME`.
        id: String,
        /// Address of the Hub.
        endpoint: String,
        /// What the connection failed with.
        reason: String,
    },
    /// Each answer redirects to another address.
    #[error("{id}: expected a file, found more than {limit} redirects at {endpoint}")]
    Redirects {
        /// `NAME` or `ORG/NAME`.
        id: String,
        /// Address of the Hub.
        endpoint: String,
        /// Redirects that are followed.
        limit: u32,
    },
    /// An answer lacks a header that each Hub sends, or has a value that cannot be one.
    #[error("{id}: expected the header {header} from {endpoint}, found {found}")]
    NotAHub {
        /// `NAME` or `ORG/NAME`.
        id: String,
        /// Address of the server.
        endpoint: String,
        /// The header.
        header: &'static str,
        /// Its value, or `none`.
        found: String,
    },
    /// The Hub has no such model, or hides it from who asks.
    #[error("{id}: expected a folder or a model of {endpoint}, found neither")]
    NotFound {
        /// `NAME` or `ORG/NAME`.
        id: String,
        /// Address of the Hub.
        endpoint: String,
        /// Whether a token was sent.
        with_token: bool,
    },
    /// The model has no such branch, tag or commit.
    #[error("{id}@{revision}: the model has no revision {revision:?}")]
    RevisionNotFound {
        /// `NAME` or `ORG/NAME`.
        id: String,
        /// The revision.
        revision: String,
    },
    /// The owners of the model ask for consent first.
    #[error("{id}: access needs the consent of its owners")]
    Gated {
        /// `NAME` or `ORG/NAME`.
        id: String,
        /// Address of the Hub.
        endpoint: String,
        /// Whether a token was sent.
        with_token: bool,
    },
    /// The Hub does not know the token.
    #[error("{id}: {endpoint} does not know the token")]
    InvalidToken {
        /// `NAME` or `ORG/NAME`.
        id: String,
        /// Address of the Hub.
        endpoint: String,
    },
    /// The Hub denies access.
    #[error("{id}: {endpoint} denies access: {message}")]
    Forbidden {
        /// `NAME` or `ORG/NAME`.
        id: String,
        /// Address of the Hub.
        endpoint: String,
        /// What the Hub says, in one line.
        message: String,
        /// Whether a token was sent.
        with_token: bool,
    },
    /// Another answer that is not a success.
    #[error("{id}: {endpoint} answers with status {status} {message}")]
    Status {
        /// `NAME` or `ORG/NAME`.
        id: String,
        /// Address of the Hub.
        endpoint: String,
        /// The HTTP status.
        status: u16,
        /// What the Hub says, in one line.
        message: String,
    },
    /// A file that the model cannot do without does not exist at that commit.
    #[error("{id}@{revision}: the model has no {missing}{}", other(found.as_deref()))]
    MissingFile {
        /// `NAME` or `ORG/NAME`.
        id: String,
        /// The revision.
        revision: String,
        /// The file or files.
        missing: &'static str,
        /// What the model has instead.
        found: Option<String>,
    },
    /// The index of the weights names a file that does not exist at that commit.
    #[error("{id}@{revision}: the model has no {shard}, which its index of weights names")]
    MissingShard {
        /// `NAME` or `ORG/NAME`.
        id: String,
        /// The revision.
        revision: String,
        /// Name of the file.
        shard: String,
    },
    /// The index of the weights is ill-formed.
    #[error("{}: {reason}", path.display())]
    Index {
        /// The index in the cache.
        path: PathBuf,
        /// What was expected and found.
        reason: String,
    },
    /// A download broke off again and again. What arrived is kept for the next attempt.
    #[error("{id}: {file}: broke off after {}: {reason}", so_far(*bytes, *size))]
    Interrupted {
        /// `NAME` or `ORG/NAME`.
        id: String,
        /// Name of the file.
        file: String,
        /// Bytes on disk.
        bytes: u64,
        /// Bytes of the whole file, if known.
        size: Option<u64>,
        /// Why the last attempt failed.
        reason: String,
    },
    /// A complete download does not have the length or the hash that the Hub promised.
    #[error("{id}: {file}: expected {expected}, found {found}")]
    Damaged {
        /// `NAME` or `ORG/NAME`.
        id: String,
        /// Name of the file.
        file: String,
        /// What the Hub promised.
        expected: String,
        /// What arrived.
        found: String,
    },
    /// The disk has too little room for a file.
    #[error("{}: the disk is full: {} are needed, {} free", folder.display(), Size(*needed), Size(*free))]
    DiskFull {
        /// The folder that the file belongs to.
        folder: PathBuf,
        /// Bytes that are still needed.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// Something in the cache cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The network must not be used, and the cache lacks the model or a part of it.
    #[error("{}", not_cached(id, revision, folder, missing.as_deref()))]
    NotCached {
        /// `NAME` or `ORG/NAME`.
        id: String,
        /// The revision.
        revision: String,
        /// The model's folder in the cache.
        folder: PathBuf,
        /// The first file that is missing, if the commit is known.
        missing: Option<String>,
    },
}

impl HubError {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    /// Whether the Hub is the reason, so that a commit in the cache may serve instead.
    pub(crate) fn is_of_the_hub(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Redirects { .. }
                | Self::NotAHub { .. }
                | Self::NotFound { .. }
                | Self::Gated { .. }
                | Self::InvalidToken { .. }
                | Self::Forbidden { .. }
                | Self::Status { .. }
                | Self::Interrupted { .. }
        )
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::InvalidId { .. } => "a folder that exists, or an id as the Hub's pages show it",
            Self::NoCacheFolder => "set HF_HOME to a folder",
            Self::Certificates { .. } => {
                "unset SSL_CERT_FILE, and the usual authorities are trusted"
            }
            Self::Unreachable { .. } => {
                "HTTPS_PROXY names a proxy, HF_ENDPOINT a mirror; or name a folder on this machine"
            }
            Self::Redirects { .. } | Self::NotAHub { .. } => {
                "HF_ENDPOINT, or a proxy, leads to a server that is not a Hugging Face Hub"
            }
            Self::NotFound { with_token, .. } => {
                return Some(format!("check the spelling; {}", log_in(*with_token)));
            }
            Self::RevisionNotFound { .. } => {
                "name a branch, a tag or a commit; without @REVISION it is `main`"
            }
            Self::Gated { id, endpoint, with_token } => {
                let log_in = log_in(*with_token);
                return Some(format!("accept its terms at {endpoint}/{id}; {log_in}"));
            }
            Self::InvalidToken { .. } => {
                "set HF_TOKEN to one that is valid, or log in with `hf auth login`"
            }
            Self::Forbidden { with_token, .. } => log_in(*with_token),
            Self::Status { .. } => "try again later; what has arrived is kept",
            Self::MissingFile { missing, found, .. } => missing_hint(missing, found.is_some()),
            Self::MissingShard { .. } => "name a revision that is complete",
            Self::Index { .. } => "name a revision whose index of weights is well-formed",
            Self::Interrupted { .. } => "try again: what has arrived is kept",
            Self::Damaged { .. } => "the download is damaged: try again",
            Self::DiskFull { .. } => "free some space, or set HF_HOME to a folder on another disk",
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "free some space, or set HF_HOME to a folder on another disk; what has arrived \
                     is kept"
                }
                _ => "set HF_HOME to a folder that can be written",
            },
            Self::NotCached { .. } => {
                "fetch it once with network and without HF_HUB_OFFLINE, or name a model folder"
            }
        };
        Some(hint.to_owned())
    }
}

fn log_in(with_token: bool) -> &'static str {
    if with_token {
        "the token given (HF_TOKEN or `hf auth login`) may not read it"
    } else {
        "a private model needs a token: set HF_TOKEN, or log in with `hf auth login`"
    }
}

fn missing_hint(missing: &str, has_other: bool) -> &'static str {
    match missing {
        "config.json" => "name a model in the layout of transformers",
        "model.safetensors" if has_other => {
            "save it once with transformers: AutoModel.from_pretrained(ID).save_pretrained(FOLDER); \
             or name a revision that has them, as ID@refs/pr/1"
        }
        "model.safetensors" => "name a model that has weights",
        _ => {
            "save it once with transformers: \
             AutoTokenizer.from_pretrained(ID).save_pretrained(FOLDER) writes tokenizer.json"
        }
    }
}

fn other(found: Option<&str>) -> String {
    found.map(|found| format!(", but {found}")).unwrap_or_default()
}

fn so_far(bytes: u64, size: Option<u64>) -> String {
    match size {
        Some(size) => format!("{} of {}", Size(bytes), Size(size)),
        None => Size(bytes).to_string(),
    }
}

fn not_cached(id: &str, revision: &str, folder: &Path, missing: Option<&str>) -> String {
    let folder = folder.display();
    match missing {
        Some(file) => format!("{id}@{revision}: offline, and {folder} has no {file} of it"),
        None => format!("{id}@{revision}: no folder of that name; offline, and not in {folder}"),
    }
}
