//! Why a document gave no text.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ner_align_core::ErrorKind;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a document gave no text. Its text is one line; [`DocumentsError::hint`] says what to do.
///
/// It can be serialised, since a child process hands it to its parent.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DocumentsError {
    /// Another error, with the file that it is about.
    #[error("{}: {source}", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<DocumentsError>,
    },
    /// The content is none of the known kinds.
    #[error("expected text, PDF, docx, HTML or Markdown, found {found}")]
    UnknownKind {
        /// What the content seems to be.
        found: String,
    },
    /// The content is not of its kind, or damaged.
    #[error("expected {expected}, found {found}")]
    Malformed {
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// No page holds text: a scan.
    #[error("expected text, found none on {}", Pages(pages))]
    NoText {
        /// Numbers of the pages, counted from 1.
        pages: Vec<usize>,
    },
    /// The document is encrypted.
    #[error("expected a document that opens without a password, found an encrypted one")]
    Encrypted,
    /// The document exceeds a limit.
    #[error("expected at most {limit} {what}, found more")]
    TooLarge {
        /// What there is too much of.
        what: Limit,
        /// The limit.
        limit: u64,
    },
    /// The extraction took too long.
    #[error("expected the text within {:.1} s, found none yet", deadline.as_secs_f64())]
    TooSlow {
        /// The limit.
        deadline: Duration,
    },
    /// The parser failed on the document: it panicked, or its process died.
    #[error("expected a document that can be read, found one that stops its parser: {reason}")]
    Crashed {
        /// What is known of it.
        reason: String,
    },
    /// The process that extracts could not be started, or does not answer as one does.
    #[error("cannot extract with {command}: {reason}")]
    Worker {
        /// The command of the process.
        command: String,
        /// What went wrong.
        reason: String,
    },
    /// A file could not be read.
    #[error("expected a readable file, found {reason}")]
    Io {
        /// What the system says.
        reason: String,
    },
}

/// What a document can have too much of. Its display is the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Limit {
    /// Bytes of the document: [`max_bytes`](crate::ExtractOptions::max_bytes).
    Bytes,
    /// Bytes of its unpacked parts: [`max_unpacked`](crate::ExtractOptions::max_unpacked).
    Unpacked,
    /// Bytes of its text: [`max_text`](crate::ExtractOptions::max_text).
    Text,
    /// Levels of nesting; the limit is fixed.
    Nesting,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Unpacked => "bytes after unpacking",
            Self::Text => "bytes of text",
            Self::Nesting => "levels of nesting",
        })
    }
}

impl DocumentsError {
    pub(crate) fn malformed(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Malformed { expected: expected.into(), found: one_line(&found.into()) }
    }

    pub(crate) fn too_large(what: Limit, limit: impl TryInto<u64>) -> Self {
        Self::TooLarge { what, limit: limit.try_into().unwrap_or(u64::MAX) }
    }

    pub(crate) fn crashed(reason: &str) -> Self {
        Self::Crashed { reason: one_line(reason) }
    }

    /// The same error, with the file that it is about.
    #[must_use]
    pub fn in_file(self, path: impl AsRef<Path>) -> Self {
        Self::InFile { path: path.as_ref().to_owned(), source: Box::new(self) }
    }

    /// The error without the file that it is about.
    #[must_use]
    pub fn problem(&self) -> &Self {
        match self {
            Self::InFile { source, .. } => source.problem(),
            other => other,
        }
    }

    /// What is at fault.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self.problem() {
            Self::Worker { .. } => ErrorKind::Environment,
            _ => ErrorKind::Input,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        let hint = match self.problem() {
            Self::InFile { .. } | Self::Io { .. } => return None,
            Self::UnknownKind { .. } => "save it as one of those",
            Self::Malformed { .. } => "open it in the program that made it, and save it again",
            Self::NoText { .. } => "a scan needs text recognition first, for example by `ocrmypdf`",
            Self::Encrypted => "save it without its password",
            Self::TooLarge { what, .. } => match what {
                Limit::Bytes => "`max_bytes` sets the limit",
                Limit::Unpacked => "`max_unpacked` sets the limit",
                Limit::Text => "`max_text` sets the limit",
                Limit::Nesting => return None,
            },
            Self::TooSlow { .. } => "`deadline` sets the limit",
            Self::Crashed { .. } => "open it in another program, and save it again",
            Self::Worker { .. } => "the program that extracts must be installed beside this one",
        };
        Some(hint)
    }
}

/// A message of another library, in one line of bearable length.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Shows `page 3`, `pages 1-4, 7`.
struct Pages<'a>(&'a [usize]);

impl fmt::Display for Pages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for &page in self.0 {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == page => *last = page,
                _ => runs.push((page, page)),
            }
        }
        f.write_str(match self.0.len() {
            0 => "any page",
            1 => "page ",
            _ => "pages ",
        })?;
        for (index, (first, last)) in runs.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            if first == last {
                write!(f, "{comma}{first}")?;
            } else {
                write!(f, "{comma}{first}-{last}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_line() {
        let no_text =
            |pages: &[usize]| DocumentsError::NoText { pages: pages.to_vec() }.to_string();
        assert_eq!(no_text(&[1]), "expected text, found none on page 1");
        assert_eq!(no_text(&[1, 2, 3, 7]), "expected text, found none on pages 1-3, 7");
        assert_eq!(no_text(&[]), "expected text, found none on any page");
        let error = DocumentsError::too_large(Limit::Bytes, 3_u64).in_file("a.pdf");
        assert_eq!(error.to_string(), "a.pdf: expected at most 3 bytes, found more");
        assert_eq!(error.hint(), Some("`max_bytes` sets the limit"));
        let long = DocumentsError::malformed("a PDF", "x\ny ".repeat(500)).to_string();
        assert!(long.chars().count() < 250 && !long.contains('\n'), "{long}");
    }

    #[test]
    fn errors_cross_a_process() {
        for error in [
            DocumentsError::NoText { pages: vec![1, 2] }.in_file("a/b.pdf"),
            DocumentsError::TooSlow { deadline: Duration::from_millis(1500) },
            DocumentsError::too_large(Limit::Unpacked, 5_u64),
        ] {
            let json = serde_json::to_string(&error).unwrap();
            assert_eq!(serde_json::from_str::<DocumentsError>(&json).unwrap(), error, "{json}");
        }
    }
}
