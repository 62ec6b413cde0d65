//! Where corpora are written to: files that appear whole, standard output, folders.

use std::fmt;
use std::io::{self, BufWriter, Stdout, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::Compression;
use flate2::write::GzEncoder;
use ner_align_core::{CorpusWriter, Document, Scheme};

use crate::jsonl::JsonlShape;
use crate::{AtomicFile, Capabilities, CorpusError, Format, registry};

/// A writer of this crate.
pub trait FormatWriter: CorpusWriter<Error = CorpusError> {}

/// What to do with a word or a name that the format cannot hold, such as one with a tab in columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unwritable {
    /// Refuse the document.
    #[default]
    Error,
    /// Write U+FFFD for each such character, and for an empty word.
    Replace,
}

/// How a corpus is written. Options of one format mean nothing to the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteOptions {
    /// The scheme of the tags; `None`: each document's own where the format has a choice, IOB2
    /// where it has none.
    pub scheme: Option<Scheme>,
    /// Say where documents start, in formats that can do without.
    pub mark_documents: bool,
    /// What to do with words that the format cannot hold.
    pub unwritable: Unwritable,
    /// Write tags anew from the entities instead of as they were spelled.
    pub repair: bool,
    /// The shape of documents in `jsonl`; `None`: Prodigy's.
    pub shape: Option<JsonlShape>,
    /// Unpacked bytes after which `docbin` starts another file.
    pub shard_size: u64,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self {
            scheme: None,
            mark_documents: true,
            unwritable: Unwritable::Error,
            repair: false,
            shape: None,
            shard_size: 1 << 30,
        }
    }
}

impl WriteOptions {
    /// What a format can express under these options.
    #[must_use]
    pub const fn capabilities(&self, format: Format) -> Capabilities {
        match (format, self.shape) {
            (Format::Jsonl, Some(shape)) => shape.capabilities(),
            _ => format.capabilities(),
        }
    }
}

/// Opens a target, `-` for standard output, a name that ends in `.gz` for a compressed file. It
/// appears whole on [`CorpusWriter::finish`], or not at all.
///
/// # Errors
/// A target that cannot be written, or a format that is only read.
pub fn create(
    path: &Path,
    format: Format,
    options: &WriteOptions,
) -> Result<Box<dyn FormatWriter>, CorpusError> {
    let stdout = path.as_os_str() == "-";
    if !stdout && let Some(writer) = registry::write_folder(format, path, options)? {
        return Ok(writer);
    }
    let target = if stdout {
        Target::Stdout(BufWriter::new(io::stdout()))
    } else {
        let file = AtomicFile::create(path)?;
        if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz")) {
            Target::Packed(Box::new(GzEncoder::new(file, Compression::default())))
        } else {
            Target::File(file)
        }
    };
    let handle = Handle(Arc::new(Mutex::new(Some(target))));
    let writer =
        registry::write_stream(format, handle.clone(), &path.display().to_string(), options)?;
    Ok(Box::new(Whole { writer, handle, name: path.display().to_string() }))
}

enum Target {
    Stdout(BufWriter<Stdout>),
    File(AtomicFile),
    Packed(Box<GzEncoder<AtomicFile>>),
}

/// The target of a stream, which its writer and the one who puts it in place both hold.
#[derive(Clone)]
pub(crate) struct Handle(Arc<Mutex<Option<Target>>>);

impl Handle {
    fn with<T>(&self, act: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
        // A writer that panicked leaves a target that is never put in place.
        let mut target = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match target.as_mut() {
            Some(Target::Stdout(target)) => act(target),
            Some(Target::File(target)) => act(target),
            Some(Target::Packed(target)) => act(target),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl Write for Handle {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|target| target.write(bytes))
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.with(|target| target.write_all(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.with(|target| target.flush())
    }
}

/// A writer whose target takes its place at the end.
struct Whole {
    writer: Box<dyn FormatWriter>,
    handle: Handle,
    name: String,
}

impl fmt::Debug for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Whole").field("name", &self.name).finish_non_exhaustive()
    }
}

impl CorpusWriter for Whole {
    type Error = CorpusError;

    fn write_document(&mut self, document: &Document) -> Result<(), CorpusError> {
        self.writer.write_document(document)
    }

    fn finish(&mut self) -> Result<(), CorpusError> {
        self.writer.finish()?;
        let failed = |error| CorpusError::io(self.name.as_ref(), "a writable file", error);
        let target = self.handle.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match target {
            Some(Target::Stdout(mut target)) => target.flush().map_err(failed),
            Some(Target::File(file)) => file.commit(),
            Some(Target::Packed(packed)) => packed.finish().map_err(failed)?.commit(),
            None => Ok(()),
        }
    }
}

impl FormatWriter for Whole {}
