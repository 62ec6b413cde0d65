//! What can go wrong when a corpus is read or written, with the place and a hint.

use std::fmt;
use std::io;
use std::path::Path;

use ner_align_core::{Document, Finding, Severity};
use thiserror::Error;

/// Who is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The corpus is not there or does not hold what its format says, or its annotation does not
    /// fit the format that is to be written.
    Input,
    /// The caller asked for something that does not exist, such as an unknown format.
    Usage,
    /// The machine: a full disk, a folder that cannot be written.
    Environment,
}

/// An error of reading or writing a corpus.
///
/// Its text is `PATH:LINE:COLUMN: expected ..., found ...`, without the parts that are unknown.
/// Lines and columns count from 1; in column formats the column is the field's number, elsewhere
/// it is counted in code points.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct CorpusError(#[source] Box<Fault>);

#[derive(Debug)]
struct Fault {
    kind: ErrorKind,
    code: &'static str,
    path: Option<String>,
    line: Option<u64>,
    column: Option<u64>,
    document: Option<usize>,
    expected: String,
    found: String,
    hint: Option<String>,
    source: Option<io::Error>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{path}:")?;
        }
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, "{number}:")?;
        }
        if self.path.is_some() || self.line.is_some() {
            f.write_str(" ")?;
        }
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

impl CorpusError {
    /// An error without a place. `code` is a stable name of the kind such as `one-column`.
    #[must_use]
    pub fn new(
        kind: ErrorKind,
        code: &'static str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self(Box::new(Fault {
            kind,
            code,
            path: None,
            line: None,
            column: None,
            document: None,
            expected: expected.into(),
            found: found.into(),
            hint: None,
            source: None,
        }))
    }

    /// Input that is not what its format says.
    #[must_use]
    pub fn input(
        code: &'static str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::new(ErrorKind::Input, code, expected, found)
    }

    /// An input that cannot be opened: missing, a directory, not permitted.
    #[must_use]
    pub fn unreadable(path: &Path, source: io::Error) -> Self {
        let mut error = Self::io(path, "a readable file", source);
        error.0.kind = ErrorKind::Input;
        error
    }

    /// An operation of the operating system that failed; `expected` says what was tried, such as
    /// `a readable file`.
    #[must_use]
    pub fn io(path: &Path, expected: &str, source: io::Error) -> Self {
        let mut error = Self::new(ErrorKind::Environment, "io", expected, source.to_string());
        error.0.source = Some(source);
        error.at_path(path.display())
    }

    /// A failure to go on reading: the input is at fault if its bytes are damaged, the machine
    /// otherwise.
    #[must_use]
    pub fn read(path: &Path, source: io::Error) -> Self {
        let damaged = source.kind() == io::ErrorKind::InvalidData;
        let mut error = Self::io(path, "readable data", source);
        if damaged {
            error.0.kind = ErrorKind::Input;
            error.0.code = "damaged-data";
        }
        error
    }

    /// Names the file.
    #[must_use]
    pub fn at_path(mut self, path: impl fmt::Display) -> Self {
        self.0.path = Some(path.to_string());
        self
    }

    /// Names the line and, if known, the column; both count from 1.
    #[must_use]
    pub fn at(mut self, line: u64, column: Option<u64>) -> Self {
        self.0.line = Some(line);
        self.0.column = column;
        self
    }

    /// Names the document, counted from 0.
    #[must_use]
    pub fn in_document(mut self, document: usize) -> Self {
        self.0.document = Some(document);
        self
    }

    /// Names the document that something in memory is wrong with, counted from 0: by its own name if
    /// it has one, by its number where no line tells it.
    #[must_use]
    pub(crate) fn in_named_document(mut self, index: usize, document: &Document) -> Self {
        match document.id() {
            Some(id) => self.0.found.push_str(&format!(", in document {id:?}")),
            None if self.0.line.is_none() => {
                self.0.found.push_str(&format!(", in document {index}"));
            }
            None => {}
        }
        self.in_document(index)
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Who is at fault.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// A stable name of the kind of error, such as `one-column` or `invalid-utf8`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.0.code
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// True if whoever read standard output went away, as `head` does: no fault of anyone's.
    #[must_use]
    pub fn is_reader_gone(&self) -> bool {
        let broken = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
        self.path() == Some("-") && self.0.source.as_ref().is_some_and(broken)
    }

    /// The line, counted from 1.
    #[must_use]
    pub const fn line(&self) -> Option<u64> {
        self.0.line
    }

    /// The column, counted from 1.
    #[must_use]
    pub const fn column(&self) -> Option<u64> {
        self.0.column
    }
}

impl From<&CorpusError> for Finding {
    /// The error as a finding of a check.
    fn from(error: &CorpusError) -> Self {
        let fault = &error.0;
        let message = format!("expected {}, found {}", fault.expected, fault.found);
        let mut finding = Self::new(Severity::Error, fault.code, message);
        finding.path.clone_from(&fault.path);
        finding.line = fault.line;
        finding.column = fault.column;
        finding.document = fault.document;
        finding.hint.clone_from(&fault.hint);
        finding
    }
}
