//! Settings that cannot be used.

use std::fmt;

/// A setting that is unknown or has a value that it cannot have, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    place: Option<String>,
    key: Option<String>,
    message: String,
    hint: Option<String>,
    /// No setting has the key, and the message names it.
    unknown: bool,
}

impl SettingsError {
    /// A fault of one setting. `message` says what was expected and what was found.
    pub(super) fn of_key(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: None,
            key: Some(key.into()),
            message: message.into(),
            hint: None,
            unknown: false,
        }
    }

    /// A key that no setting has.
    pub(super) fn of_unknown_key(key: &str) -> Self {
        let message = format!("expected a key, found {key:?}");
        Self { unknown: true, ..Self::of_key(key, message) }
    }

    /// A fault of all settings, or of what holds them.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { place: None, key: None, message: message.into(), hint: None, unknown: false }
    }

    /// Settings that have no text form.
    pub(super) fn serialise(error: impl fmt::Display) -> Self {
        Self::new(format!("expected settings that can be written, found {error}"))
    }

    /// The same fault, in this place: a file, and the line in it where that is known.
    #[must_use]
    pub(super) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    #[must_use]
    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The setting, where the fault is one of a single setting.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The file and the line, where the setting comes from a file.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// What was expected and what was found.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for SettingsError {
    /// `PLACE: key: message`; the place is `config` where it is no file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place.as_deref().unwrap_or("config"))?;
        if let Some(key) = self.key.as_ref().filter(|_| !self.unknown) {
            write!(f, "{key}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for SettingsError {}
