//! Extraction on a thread of its own, within a deadline.

use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use crate::error::{DocumentsError, Limit};
#[cfg(feature = "pdf")]
use crate::pdf;
use crate::{DocumentKind, ExtractOptions, ExtractedText, docx, html, markdown, plain};

/// Stack of the thread. Parsers of nested formats call themselves.
const STACK_BYTES: usize = 64 << 20;

/// The text of a document.
///
/// Parsers run on a thread of their own with a large stack. A panic of a parser is an error (the
/// hook for panics is not touched, so that it reports as it always does). At
/// [`deadline`](ExtractOptions::deadline) the call returns an error, and the thread ends when its
/// current step ends. A stack overflow or a lack of memory still ends the process.
///
/// # Errors
///
/// [`DocumentsError`] if the bytes are not of that kind, exceed a limit, are encrypted, or hold no
/// text although they have pages.
///
/// ```
/// use ner_align_documents::{DocumentKind, ExtractOptions, extract};
///
/// let text = extract(b"# Ada\n\n*wrote*", DocumentKind::Markdown, &ExtractOptions::default())?.text;
/// assert_eq!(text, "Ada\n\nwrote");
/// # Ok::<(), ner_align_documents::DocumentsError>(())
/// ```
pub fn extract(
    bytes: &[u8],
    kind: DocumentKind,
    options: &ExtractOptions,
) -> Result<ExtractedText, DocumentsError> {
    check_size(bytes.len() as u64, options)?;
    let (sender, receiver) = mpsc::channel();
    let (bytes, limits) = (bytes.to_vec(), options.clone());
    let work = move || {
        let result = catch_unwind(AssertUnwindSafe(|| on_this_thread(&bytes, kind, &limits)));
        let result = result.unwrap_or_else(|payload| {
            let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
            Err(DocumentsError::crashed(&text.unwrap_or_else(|| "a panic".to_owned())))
        });
        // Nobody waits any more after the deadline.
        drop(sender.send(result));
    };
    let thread = thread::Builder::new().name("extract".to_owned()).stack_size(STACK_BYTES);
    let spawned = thread.spawn(work);
    spawned.map_err(|error| DocumentsError::crashed(&format!("no thread: {error}")))?;
    match receiver.recv_timeout(options.deadline) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => {
            Err(DocumentsError::TooSlow { deadline: options.deadline })
        }
        Err(RecvTimeoutError::Disconnected) => Err(DocumentsError::crashed("its thread ended")),
    }
}

/// The text of a file. Its name says what kind it is, else its content.
///
/// # Errors
///
/// As [`extract`], and if the file cannot be read or is of no known kind. The error names the file.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("notes.md");
/// # std::fs::write(&path, "*Ada*")?;
/// use ner_align_documents::{ExtractOptions, read};
///
/// let document = read(&path, &ExtractOptions::default())?;
/// assert_eq!(document.text, "Ada");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(
    path: impl AsRef<Path>,
    options: &ExtractOptions,
) -> Result<ExtractedText, DocumentsError> {
    let path = path.as_ref();
    let (bytes, kind) = load(path, options)?;
    extract(&bytes, kind, options).map_err(|error| error.in_file(path))
}

/// Content and kind of a file that is within its limit.
pub(crate) fn load(
    path: &Path,
    options: &ExtractOptions,
) -> Result<(Vec<u8>, DocumentKind), DocumentsError> {
    let unreadable = |error: std::io::Error| DocumentsError::Io { reason: error.to_string() };
    let loaded = || {
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(unreadable)?;
        file.take(options.max_bytes + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        check_size(bytes.len() as u64, options)?;
        let kind = kind_of(Some(path), &bytes)?;
        Ok((bytes, kind))
    };
    loaded().map_err(|error: DocumentsError| error.in_file(path))
}

/// What kind a document is, by its name and else by its content.
fn kind_of(path: Option<&Path>, bytes: &[u8]) -> Result<DocumentKind, DocumentsError> {
    let named = path.and_then(DocumentKind::from_path);
    named.or_else(|| DocumentKind::sniff(bytes)).ok_or_else(|| DocumentsError::UnknownKind {
        found: match bytes {
            [b'P', b'K', 3, 4, ..] => "an archive that is no Word document".to_owned(),
            [0xD0, 0xCF, 0x11, 0xE0, ..] => "an Office file from before 2007".to_owned(),
            _ => "something else".to_owned(),
        },
    })
}

pub(crate) fn check_size(bytes: u64, options: &ExtractOptions) -> Result<(), DocumentsError> {
    if bytes > options.max_bytes {
        return Err(DocumentsError::too_large(Limit::Bytes, options.max_bytes));
    }
    Ok(())
}

/// The text, by the parser of its kind.
pub(crate) fn on_this_thread(
    bytes: &[u8],
    kind: DocumentKind,
    options: &ExtractOptions,
) -> Result<ExtractedText, DocumentsError> {
    match kind {
        DocumentKind::Text => plain::extract(bytes, options),
        #[cfg(feature = "pdf")]
        DocumentKind::Pdf => pdf::extract(bytes, options),
        #[cfg(not(feature = "pdf"))]
        DocumentKind::Pdf => Err(DocumentsError::malformed(
            "text, docx, HTML or Markdown",
            "PDF, which this build does not read (feature `pdf`)",
        )),
        DocumentKind::Docx => docx::extract(bytes, options),
        DocumentKind::Html => html::extract(bytes, options),
        DocumentKind::Markdown => markdown::extract(bytes, options),
    }
}
