//! What kind of document some bytes are.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A kind of document that text can be taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DocumentKind {
    /// Plain text: UTF-8, or UTF-16 with a byte order mark.
    Text,
    /// PDF.
    Pdf,
    /// Word's `.docx` (Office Open XML).
    Docx,
    /// HTML.
    Html,
    /// Markdown (CommonMark with tables, strike-through, footnotes and task lists).
    Markdown,
}

/// Name, extensions and content types of each kind. The first of each is the usual one.
const TABLE: [(DocumentKind, &str, &[&str], &[&str]); 5] = [
    (DocumentKind::Text, "text", &["txt", "text"], &["text/plain"]),
    (DocumentKind::Pdf, "PDF", &["pdf"], &["application/pdf", "application/x-pdf"]),
    (
        DocumentKind::Docx,
        "docx",
        &["docx", "docm"],
        &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
    ),
    (
        DocumentKind::Html,
        "HTML",
        &["html", "htm", "xhtml"],
        &["text/html", "application/xhtml+xml"],
    ),
    (
        DocumentKind::Markdown,
        "Markdown",
        &["md", "markdown"],
        &["text/markdown", "text/x-markdown"],
    ),
];

/// How far into a file the mark of a PDF may be; readers of PDF accept as much.
const PDF_HEAD: usize = 1024;

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Text, Self::Pdf, Self::Docx, Self::Html, Self::Markdown];

    /// The kind that the extension of a file name says, in any case of letters.
    ///
    /// ```
    /// use ner_align_documents::DocumentKind;
    ///
    /// assert_eq!(DocumentKind::from_path("cv/Ada.PDF"), Some(DocumentKind::Pdf));
    /// assert_eq!(DocumentKind::from_path("cv/ada.odt"), None);
    /// ```
    #[must_use]
    pub fn from_path(path: impl AsRef<Path>) -> Option<Self> {
        let extension = path.as_ref().extension()?.to_str()?.to_ascii_lowercase();
        TABLE.iter().find(|row| row.2.contains(&extension.as_str())).map(|row| row.0)
    }

    /// The kind that the header `Content-Type` says; its parameters are ignored.
    ///
    /// ```
    /// use ner_align_documents::DocumentKind;
    ///
    /// let kind = DocumentKind::from_content_type("text/html; charset=utf-8");
    /// assert_eq!(kind, Some(DocumentKind::Html));
    /// assert_eq!(DocumentKind::from_content_type("application/octet-stream"), None);
    /// ```
    #[must_use]
    pub fn from_content_type(content_type: &str) -> Option<Self> {
        let essence = content_type.split(';').next()?.trim().to_ascii_lowercase();
        TABLE.iter().find(|row| row.3.contains(&essence.as_str())).map(|row| row.0)
    }

    /// The kind that the content says. Text that is no HTML is [`Text`](Self::Text): Markdown is
    /// known by its name alone. `None` for bytes that are no text and none of the other kinds.
    ///
    /// ```
    /// use ner_align_documents::DocumentKind;
    ///
    /// assert_eq!(DocumentKind::sniff(b"%PDF-1.7 ..."), Some(DocumentKind::Pdf));
    /// assert_eq!(DocumentKind::sniff(b"<!DOCTYPE html><p>Ada"), Some(DocumentKind::Html));
    /// assert_eq!(DocumentKind::sniff(b"Ada wrote."), Some(DocumentKind::Text));
    /// assert_eq!(DocumentKind::sniff(b"\x89PNG\r\n\x1a\n\0"), None);
    /// ```
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        let head = &bytes[..bytes.len().min(PDF_HEAD)];
        if head.windows(5).any(|window| window == b"%PDF-") {
            return Some(Self::Pdf);
        }
        if bytes.starts_with(b"PK\x03\x04") {
            // Names of entries stand uncompressed in the directory at the end.
            let name = b"word/document.xml";
            return bytes.windows(name.len()).any(|window| window == name).then_some(Self::Docx);
        }
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            return Some(Self::Text);
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            // HTML may be in another charset than UTF-8.
            Err(_) => return is_html(&String::from_utf8_lossy(head)).then_some(Self::Html),
        };
        if text.contains('\0') {
            return None;
        }
        Some(if is_html(text) { Self::Html } else { Self::Text })
    }

    /// The usual extension of a file, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        self.row().2[0]
    }

    /// The usual content type, without parameters.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        self.row().3[0]
    }

    fn row(
        self,
    ) -> &'static (Self, &'static str, &'static [&'static str], &'static [&'static str]) {
        let index = match self {
            Self::Text => 0,
            Self::Pdf => 1,
            Self::Docx => 2,
            Self::Html => 3,
            Self::Markdown => 4,
        };
        &TABLE[index]
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().1)
    }
}

/// Whether a text starts as HTML does, after white space and comments.
fn is_html(text: &str) -> bool {
    let mut rest = text.trim_start_matches('\u{FEFF}').trim_start();
    while let Some(comment) = rest.strip_prefix("<!--") {
        let Some(end) = comment.find("-->") else { return false };
        rest = comment[end + 3..].trim_start();
    }
    if rest.starts_with("<?xml") {
        return rest.get(..rest.len().min(PDF_HEAD)).is_some_and(|head| head.contains("<html"));
    }
    let starts = |prefix: &str| {
        rest.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    ["<!doctype html", "<html", "<head", "<body"].into_iter().any(starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_rows_are_those_of_their_kinds() {
        for kind in DocumentKind::ALL {
            assert_eq!(kind.row().0, kind);
            assert_eq!(DocumentKind::from_path(format!("a.{}", kind.extension())), Some(kind));
            assert_eq!(DocumentKind::from_content_type(kind.content_type()), Some(kind));
        }
    }

    #[test]
    fn what_content_says() {
        use DocumentKind::{Docx, Html, Pdf, Text};
        for (bytes, expected) in [
            (b"junk\n%PDF-1.4".as_slice(), Some(Pdf)),
            (b"PK\x03\x04....word/document.xml", Some(Docx)),
            (b"PK\x03\x04....xl/workbook.xml", None),
            (b"\xFF\xFEA\0", Some(Text)),
            (b"\xEF\xBB\xBF<HTML>", Some(Html)),
            (b"<!-- a --> <!-- b --><body>", Some(Html)),
            (b"<!-- a", Some(Text)),
            (b"<?xml version='1.0'?><html xmlns='x'>", Some(Html)),
            (b"<?xml version='1.0'?><svg/>", Some(Text)),
            (b"<html><meta charset=latin1>caf\xE9", Some(Html)),
            (b"caf\xE9", None),
            (b"a\0b", None),
            (b"", Some(Text)),
        ] {
            assert_eq!(DocumentKind::sniff(bytes), expected, "{}", bytes.escape_ascii());
        }
    }
}
