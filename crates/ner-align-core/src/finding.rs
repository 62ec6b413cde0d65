//! Findings of readers and checks about their input.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::CharSpan;

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

/// A place in a corpus, as far as it is known.
///
/// Lines and columns count from 1; documents, sentences and words from 0.
///
/// ```
/// use ner_align_core::Location;
/// let row = Location::file("train.conll").with_line(3).with_column(2);
/// assert_eq!(row.to_string(), "train.conll:3:2: ");
/// assert_eq!(Location::default().to_string(), "");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Location {
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
}

impl Location {
    /// A file.
    pub fn file(path: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..Self::default() }
    }

    /// The same place in this file.
    #[must_use]
    pub fn with_path(self, path: impl Into<Option<String>>) -> Self {
        Self { path: path.into(), ..self }
    }

    /// The same place with this line, counted from 1.
    #[must_use]
    pub fn with_line(self, line: impl Into<Option<u64>>) -> Self {
        Self { line: line.into(), ..self }
    }

    /// The same place with this column, counted from 1.
    #[must_use]
    pub fn with_column(self, column: impl Into<Option<u64>>) -> Self {
        Self { column: column.into(), ..self }
    }

    /// The same place with this document, counted from 0.
    #[must_use]
    pub fn with_document(self, document: impl Into<Option<usize>>) -> Self {
        Self { document: document.into(), ..self }
    }

    /// The same place with this sentence of the document, counted from 0.
    #[must_use]
    pub fn with_sentence(self, sentence: impl Into<Option<usize>>) -> Self {
        Self { sentence: sentence.into(), ..self }
    }

    /// The same place with this word of the sentence, counted from 0.
    #[must_use]
    pub fn with_token(self, token: impl Into<Option<usize>>) -> Self {
        Self { token: token.into(), ..self }
    }

    /// This place where it is known, and `other` elsewhere.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            path: self.path.or(other.path),
            line: self.line.or(other.line),
            column: self.column.or(other.column),
            document: self.document.or(other.document),
            sentence: self.sentence.or(other.sentence),
            token: self.token.or(other.token),
        }
    }
}

impl fmt::Display for Location {
    /// Writes `PATH:LINE:COLUMN: ` without the parts that are unknown.
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
        Ok(())
    }
}

/// A finding about the input and its place.
///
/// ```
/// use ner_align_core::{Finding, Location, Severity};
/// let message = "expected the letter O, found the digit 0, read as O";
/// let finding = Finding::new(Severity::Warning, "zero-for-o", message)
///     .at(Location::file("train.conll").with_line(3))
///     .with_hint("write the letter");
/// assert_eq!(finding.to_string(), format!("train.conll:3: {message}"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The kind of finding: a stable name, such as `tag-without-type`.
    pub code: String,
    /// Where it is. Its fields are serialised as fields of the finding.
    #[serde(flatten)]
    pub location: Location,
    /// The text that the finding is about.
    pub text: Option<String>,
    /// What was expected and what was found.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The characters of the document's text that the finding is about, piece by piece; empty where
    /// it is about no span. Not serialised.
    #[serde(skip)]
    pub span: Vec<CharSpan>,
}

impl Finding {
    /// A finding without a place and a hint.
    #[must_use]
    pub fn new(severity: Severity, code: &str, message: impl Into<String>) -> Self {
        Self {
            severity,
            code: code.to_owned(),
            location: Location::default(),
            text: None,
            message: message.into(),
            hint: None,
            span: Vec::new(),
        }
    }

    /// The finding at this place. Parts of its place that `location` does not know stay.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = location.or(self.location);
        self
    }

    /// The finding about this text.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<Option<String>>) -> Self {
        self.text = text.into();
        self
    }

    /// The finding with what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Finding {
    /// Writes `PATH:LINE:COLUMN: message` without the parts that are unknown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.location, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_part_of_the_serialised_finding() {
        let place = Location::file("a.conll").with_line(2).with_document(0).with_token(1);
        let finding = Finding::new(Severity::Info, "code", "message").at(place);
        let json = serde_json::to_string(&finding).unwrap();
        assert_eq!(
            json,
            "{\"severity\":\"info\",\"code\":\"code\",\"path\":\"a.conll\",\"line\":2,\"column\":null,\
             \"document\":0,\"sentence\":null,\"token\":1,\"text\":null,\"message\":\"message\",\
             \"hint\":null}"
        );
        assert_eq!(serde_json::from_str::<Finding>(&json).unwrap(), finding);
    }

    #[test]
    fn known_parts_of_a_place_win() {
        let finding = Finding::new(Severity::Info, "code", "message")
            .at(Location::default().with_column(7).with_line(1))
            .at(Location::file("a").with_line(2));
        assert_eq!(finding.location, Location::file("a").with_line(2).with_column(7));
    }
}
