//! Findings of readers and checks about their input.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably not what the author meant. The message says how it was read.
    Warning,
    /// Wrong.
    Error,
}

/// A finding about the input and its place.
///
/// Lines and columns count from 1; documents, sentences and words from 0. Unknown parts of the
/// place are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The kind of finding: a stable name, such as `tag-without-type`.
    pub code: String,
    /// The file.
    pub path: Option<String>,
    /// Line in the file.
    pub line: Option<u64>,
    /// Column in the line, in code points; in column formats the number of the field.
    pub column: Option<u64>,
    /// Index of the document.
    pub document: Option<usize>,
    /// Index of the sentence within the document.
    pub sentence: Option<usize>,
    /// Index of the word within the sentence.
    pub token: Option<usize>,
    /// The text that the finding is about.
    pub text: Option<String>,
    /// What was expected and what was found.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Finding {
    /// A finding without a place and a hint.
    #[must_use]
    pub fn new(severity: Severity, code: &str, message: impl Into<String>) -> Self {
        Self {
            severity,
            code: code.to_owned(),
            path: None,
            line: None,
            column: None,
            document: None,
            sentence: None,
            token: None,
            text: None,
            message: message.into(),
            hint: None,
        }
    }
}

impl fmt::Display for Finding {
    /// Writes `PATH:LINE:COLUMN: message` without the parts that are unknown.
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
        f.write_str(&self.message)
    }
}
