//! Files that clients upload, and their text.

use std::io::Cursor;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::StatusCode;
use multer::Multipart;
use ner_align_core::ErrorKind;
use ner_align_documents::{DocumentKind, DocumentsError, ExtractOptions, ExtractedText};
use tokio::time::{Instant, timeout_at};

use crate::problem::Problem;
use crate::state::Shared;

/// The name of the form's field that holds the file.
const FILE: &str = "file";
/// A content type that says nothing of the content.
const BYTES: &str = "application/octet-stream";

/// A file that a client uploaded.
#[derive(Debug)]
pub(crate) struct File {
    bytes: Bytes,
    kind: DocumentKind,
}

impl File {
    /// A file of this kind; without one, of the kind that its content says.
    pub(crate) fn new(bytes: Bytes, kind: Option<DocumentKind>) -> Result<Self, Problem> {
        let kind = kind.or_else(|| DocumentKind::sniff(&bytes)).ok_or_else(|| {
            Problem::unsupported("expected text, PDF, docx, HTML or Markdown, found another file")
        })?;
        Ok(Self { bytes, kind })
    }
}

/// The kind of a body that is a file. `None` if the content type says nothing.
pub(crate) fn kind(content_type: &str) -> Result<Option<DocumentKind>, Problem> {
    let kind = DocumentKind::from_content_type(content_type);
    if kind.is_none() && content_type != BYTES {
        return Err(Problem::unsupported(format!(
            "expected a body of type application/json, multipart/form-data, text/plain, \
             text/html, text/markdown, application/pdf or that of docx, found {content_type:?}"
        )));
    }
    Ok(kind)
}

/// A form with one file. Its kind is that of its content type, else of its name, else of its
/// content.
pub(crate) async fn form(bytes: &Bytes, boundary: String) -> Result<File, Problem> {
    let broken = |error: multer::Error| Problem::malformed(format!("multipart/form-data: {error}"));
    let mut form = Multipart::with_reader(Cursor::new(bytes.clone()), boundary);
    let mut file = None;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name != FILE {
            let detail = format!("expected the field `{FILE}` alone, found {name:?}");
            return Err(Problem::invalid(detail));
        }
        let declared = field.content_type().map(|own| own.essence_str().to_owned());
        // A part without a type is text; and a client that does not know a file calls it that.
        let declared = declared.unwrap_or_else(|| "text/plain".to_owned());
        let declared = DocumentKind::from_content_type(&declared);
        let is_text = declared == Some(DocumentKind::Text);
        let named = || DocumentKind::from_path(field.file_name()?);
        let kind = declared.filter(|_| !is_text).or_else(named);
        let bytes = field.bytes().await.map_err(broken)?;
        let sniffed = || DocumentKind::sniff(&bytes);
        let kind = kind.or_else(sniffed).or(is_text.then_some(DocumentKind::Text));
        if file.replace((bytes, kind)).is_some() {
            return Err(Problem::invalid(format!("expected one field `{FILE}`, found several")));
        }
    }
    let (bytes, kind) =
        file.ok_or_else(|| Problem::invalid(format!("expected the field `{FILE}`, found none")))?;
    File::new(bytes, kind)
}

/// The text of a file. As many files are read at a time as there are processors.
pub(crate) async fn extract(
    shared: &Arc<Shared>,
    file: File,
    deadline: Instant,
) -> Result<ExtractedText, Problem> {
    let late = |_| {
        let detail = "expected the text of the file in time, found none";
        Problem::new(StatusCode::GATEWAY_TIMEOUT, detail)
    };
    let reading = Arc::clone(&shared.reading).acquire_owned();
    let permit = timeout_at(deadline, reading).await.map_err(late)?;
    let options = &shared.options;
    let limits = ExtractOptions::default()
        .with_max_bytes(u64::try_from(options.max_body).unwrap_or(u64::MAX))
        // A code point has four bytes at most.
        .with_max_text(options.max_chars.saturating_mul(4))
        .with_deadline(deadline.saturating_duration_since(Instant::now()));
    let extract = options.extractor();
    let text = tokio::task::spawn_blocking(move || {
        let text = extract(&file.bytes, file.kind, &limits);
        drop(permit);
        text
    });
    let text = text.await.map_err(|error| Problem::internal(error.to_string()))?;
    text.map_err(problem)
}

/// What a client is told of a file without text.
#[expect(clippy::needless_pass_by_value, reason = "it goes to map_err")]
fn problem(error: DocumentsError) -> Problem {
    let detail = error.to_string();
    match error.problem() {
        _ if error.kind() == ErrorKind::Environment => Problem::internal(detail),
        DocumentsError::TooLarge { .. } => Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail),
        DocumentsError::TooSlow { .. } => Problem::new(StatusCode::GATEWAY_TIMEOUT, detail),
        DocumentsError::UnknownKind { .. } => Problem::unsupported(detail),
        _ => Problem::invalid(detail),
    }
}
