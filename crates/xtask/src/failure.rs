//! The error type of all tasks: one line says what went wrong, another what to do about it.

use std::fmt;
use std::io;
use std::path::Path;

/// Exit code: the environment is at fault. `ner-align` uses the same code.
pub(crate) const ENVIRONMENT: u8 = 3;
/// Exit code: a test or a check failed.
pub(crate) const FAILED: u8 = 1;

/// Why a task stopped: two lines for the terminal and an exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    hint: Option<String>,
    code: u8,
}

impl Failure {
    /// A failure of the environment: no network, no Python, a full disk.
    pub(crate) fn environment(what: impl Into<String>) -> Self {
        Self { what: what.into(), hint: None, code: ENVIRONMENT }
    }

    /// A failure of the code under test, or of a program that was run.
    pub(crate) fn failed(what: impl Into<String>) -> Self {
        Self { what: what.into(), hint: None, code: FAILED }
    }

    /// Says what the reader can do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Exits with another code, such as that of a program that was run.
    pub(crate) fn code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    /// The process exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        self.code
    }

    /// A file operation that failed; the hint follows from the kind of error.
    pub(crate) fn io(action: &str, path: &Path, error: &io::Error) -> Self {
        let path = path.display();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::environment(format!("the disk is full: cannot {action} {path}"))
                    .hint("free some space and run the same command again")
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::environment(format!("cannot {action} {path}: {error}"))
                    .hint("make the folder writable for this user and run the same command again")
            }
            _ => Self::environment(format!("cannot {action} {path}: {error}")),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lines_at_most() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let failure = Failure::io("write", Path::new("a/b"), &full);
        assert_eq!(failure.exit_code(), ENVIRONMENT);
        let shown = failure.to_string();
        assert!(shown.starts_with("error: the disk is full: cannot write a/b\nhint: "), "{shown}");
        assert_eq!(shown.lines().count(), 2);
        assert_eq!(Failure::failed("x").to_string(), "error: x");
    }
}
