//! Errors of backends.

use std::error::Error;
use std::fmt;

use ner_align_core::BoxError;

use crate::fault::FaultKind;

/// An error of a backend: its own error, what is at fault, and what to do about it.
#[derive(Debug)]
pub struct BackendError {
    source: BoxError,
    kind: FaultKind,
    hint: Option<String>,
}

impl BackendError {
    /// An error for which the environment is at fault.
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self { source: source.into(), kind: FaultKind::Environment, hint: None }
    }

    /// The same error with another cause.
    #[must_use]
    pub const fn with_kind(mut self, kind: FaultKind) -> Self {
        self.kind = kind;
        self
    }

    /// The same error with what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What is at fault.
    #[must_use]
    pub const fn kind(&self) -> FaultKind {
        self.kind
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The backend's own error, to be downcast.
    #[must_use]
    pub fn get_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
        self.source.as_ref()
    }
}

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl Error for BackendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}
