//! Entity types.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An entity type such as `PER` or `DIPLOMA`.
///
/// It is never empty, cheap to clone, and ordered by code point.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Label(Arc<str>);

impl Label {
    /// The label with this name; `None` for the empty string.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        (!name.is_empty()).then(|| Self(name.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Label {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Label {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The empty string is not the name of an entity type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("expected the name of an entity type, found an empty string")]
pub struct EmptyLabel;

impl EmptyLabel {
    /// What to do about it, where that is known.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        Some("give the entity type a name, such as PER")
    }
}

impl FromStr for Label {
    type Err = EmptyLabel;

    /// # Errors
    /// [`EmptyLabel`] for the empty string.
    fn from_str(name: &str) -> Result<Self, EmptyLabel> {
        Self::new(name).ok_or(EmptyLabel)
    }
}

impl TryFrom<&str> for Label {
    type Error = EmptyLabel;

    fn try_from(name: &str) -> Result<Self, EmptyLabel> {
        name.parse()
    }
}
