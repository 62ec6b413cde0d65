//! Creates corpora: a writer of a format with the target that it writes to.

use std::fmt;
use std::path::Path;

use ner_align_core::{CorpusWriter, Document};

use crate::io::SharedTarget;
use crate::{CorpusError, Format, FormatWriter, WriteOptions};

/// Opens a target, `-` for standard output, a name that ends in `.gz` for a compressed file. It
/// appears whole on [`CorpusWriter::finish`], or not at all.
///
/// # Errors
/// A target that cannot be written, or a format that is only read.
pub fn create(
    path: impl AsRef<Path>,
    format: Format,
    options: &WriteOptions,
) -> Result<Box<dyn FormatWriter>, CorpusError> {
    let path = path.as_ref();
    let stdout = path.as_os_str() == "-";
    if !stdout && let Some(writer) = super::write_folder(format, path, options)? {
        return Ok(writer);
    }
    let target = SharedTarget::create(path)?;
    let name = path.display().to_string();
    let writer = super::write_stream(format, target.clone(), &name, options)?;
    Ok(Box::new(AtomicWriter { writer, target, name }))
}

/// A writer whose target takes its place at the end.
struct AtomicWriter {
    writer: Box<dyn FormatWriter>,
    target: SharedTarget,
    name: String,
}

impl fmt::Debug for AtomicWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AtomicWriter").field("name", &self.name).finish_non_exhaustive()
    }
}

impl CorpusWriter for AtomicWriter {
    type Error = CorpusError;

    fn write_document(&mut self, document: &Document) -> Result<(), CorpusError> {
        self.writer.write_document(document)
    }

    fn finish(&mut self) -> Result<(), CorpusError> {
        self.writer.finish()?;
        self.target.commit(&self.name)
    }
}

impl FormatWriter for AtomicWriter {}
