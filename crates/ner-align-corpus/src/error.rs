//! What can go wrong when a corpus is read or written, with the place and a hint.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::Path;

use ner_align_core::{BoxError, CharSpan, Document, ErrorKind, Finding, Location, Severity};

/// An error of reading or writing a corpus.
///
/// Its text is `PATH:LINE:COLUMN: expected ..., found ...`, without the parts that are unknown.
/// Lines and columns count from 1; in column formats the column is the field's number, elsewhere
/// it is counted in code points.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CorpusError(#[source] Box<Fault>);

#[derive(Debug)]
struct Fault {
    kind: ErrorKind,
    code: &'static str,
    location: Location,
    expected: String,
    found: String,
    /// How a message names the document, where no line does.
    document: Option<String>,
    span: Option<SpanFault>,
    hint: Option<String>,
    /// The hint names another format.
    names_format: bool,
    source: Option<BoxError>,
}

impl Fault {
    /// What was expected and what was found, without the place in the source.
    fn message(&self) -> String {
        let Self { expected, found, .. } = self;
        match &self.document {
            Some(document) => format!("expected {expected}, found {found}, in document {document}"),
            None => format!("expected {expected}, found {found}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.location, self.message())
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// A span that matches no words: what is wrong with it and its characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SpanFault {
    pub(crate) code: &'static str,
    pub(crate) pieces: Vec<CharSpan>,
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
            location: Location::default(),
            expected: expected.into(),
            found: found.into(),
            document: None,
            span: None,
            hint: None,
            names_format: false,
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
        error.0.source = Some(Box::new(source));
        error.at_path(path.display())
    }

    /// The error of a reader outside this crate, with the reader's name. An error of this type is
    /// returned unchanged.
    #[must_use]
    pub fn of_reader(error: impl Error + Send + Sync + 'static, name: &str) -> Self {
        let source: BoxError = Box::new(error);
        match source.downcast::<Self>() {
            Ok(error) => *error,
            Err(source) => {
                let mut error = Self::input("reader", "a document", source.to_string());
                error.0.source = Some(source);
                error.at_path(name)
            }
        }
    }

    /// A read that failed. The input is at fault if its bytes are damaged, else the machine.
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
        self.0.location.path = Some(path.to_string());
        self
    }

    /// Names the line and, if known, the column; both count from 1.
    #[must_use]
    pub fn at(mut self, line: u64, column: Option<u64>) -> Self {
        self.0.location.line = Some(line);
        self.0.location.column = column;
        self
    }

    /// Names the document, counted from 0.
    #[must_use]
    pub fn in_document(mut self, document: usize) -> Self {
        self.0.location.document = Some(document);
        self
    }

    /// Names the document that something in memory is wrong with, counted from 0: by its own name if
    /// it has one, by its number where its line is unknown.
    #[must_use]
    pub(crate) fn in_named_document(mut self, index: usize, document: &Document) -> Self {
        self.0.document = match document.id() {
            Some(id) => Some(format!("{id:?}")),
            None if self.0.location.line.is_none() => Some(index.to_string()),
            None => None,
        };
        self.in_document(index)
    }

    /// Keeps the span that it is about.
    #[must_use]
    pub(crate) fn about_span(mut self, span: SpanFault) -> Self {
        self.0.span = Some(span);
        self
    }

    /// The span that it is about, and what is wrong with it.
    pub(crate) fn span(&self) -> Option<&SpanFault> {
        self.0.span.as_ref()
    }

    /// Moves it to another place.
    #[must_use]
    pub(crate) fn at_location(mut self, location: Location) -> Self {
        self.0.location = location;
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The error with a hint that names the format to read the source as.
    pub(crate) fn with_format_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.names_format = true;
        self.with_hint(hint)
    }

    /// True if the hint names the format to read the source as.
    pub(crate) const fn names_format(&self) -> bool {
        self.0.names_format
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

    /// Where it is, as far as it is known.
    #[must_use]
    pub const fn location(&self) -> &Location {
        &self.0.location
    }

    /// What was expected, such as `a word and a tag`.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.0.expected
    }

    /// What was found instead.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.0.found
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.location.path.as_deref()
    }

    /// True if the reader of standard output has closed it, as `head` does. This is not a fault.
    #[must_use]
    pub fn is_reader_gone(&self) -> bool {
        let source = self.0.source.as_ref().and_then(|source| source.downcast_ref::<io::Error>());
        let broken = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
        self.path() == Some("-") && source.is_some_and(broken)
    }

    /// The line, counted from 1.
    #[must_use]
    pub const fn line(&self) -> Option<u64> {
        self.0.location.line
    }

    /// The column, counted from 1.
    #[must_use]
    pub const fn column(&self) -> Option<u64> {
        self.0.location.column
    }
}

impl From<&CorpusError> for Finding {
    /// The error as a finding of a check.
    fn from(error: &CorpusError) -> Self {
        let fault = &error.0;
        let mut finding = Self::new(Severity::Error, fault.code, fault.message());
        finding.location.clone_from(&fault.location);
        finding.hint.clone_from(&fault.hint);
        finding
    }
}
