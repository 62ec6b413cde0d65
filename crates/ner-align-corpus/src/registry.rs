//! Which reader and which writer belong to each format. A new format is entered here.

use std::path::Path;

use crate::conll::{ConllReader, ConllWriter};
use crate::output::Handle;
use crate::{
    CorpusError, ErrorKind, Format, FormatReader, FormatWriter, ReadOptions, Source, WriteOptions,
};

/// True for formats of several files, which are opened by a path.
pub(crate) const fn needs_path(format: Format) -> bool {
    matches!(format, Format::Brat | Format::FactRuEval)
}

/// Opens one stream.
pub(crate) fn open_source(
    format: Format,
    source: Source,
    options: &ReadOptions,
) -> Result<Box<dyn FormatReader>, CorpusError> {
    match format {
        Format::Conll => Ok(Box::new(ConllReader::new(source, options.into())?)),
        other => Err(unread(other, source.name())),
    }
}

/// Opens one of the files that stand for a document together.
pub(crate) fn open_path(
    format: Format,
    path: &Path,
    _options: &ReadOptions,
) -> Result<Box<dyn FormatReader>, CorpusError> {
    Err(unread(format, path.display()))
}

/// Opens a folder as one corpus.
pub(crate) fn open_folder(
    path: &Path,
    options: &ReadOptions,
) -> Result<Box<dyn FormatReader>, CorpusError> {
    let format = match options.format {
        Some(format) => format,
        None => Format::of_folder(path)?,
    };
    Err(unread(format, path.display()))
}

/// A writer of one stream.
pub(crate) fn write_stream(
    format: Format,
    target: Handle,
    name: &str,
    options: &WriteOptions,
) -> Result<Box<dyn FormatWriter>, CorpusError> {
    match format {
        Format::Conll => Ok(Box::new(ConllWriter::new(target, name, options.into()))),
        other => Err(unwritten(other, name)),
    }
}

/// A writer of a folder; `None` where the format is one of streams.
pub(crate) fn write_folder(
    _format: Format,
    _path: &Path,
    _options: &WriteOptions,
) -> Result<Option<Box<dyn FormatWriter>>, CorpusError> {
    Ok(None)
}

fn unread(format: Format, path: impl std::fmt::Display) -> CorpusError {
    CorpusError::new(
        ErrorKind::Usage,
        "unread-format",
        "a format that is read here",
        format.as_str(),
    )
    .at_path(path)
}

fn unwritten(format: Format, path: &str) -> CorpusError {
    CorpusError::new(
        ErrorKind::Usage,
        "unwritten-format",
        "a format that can be written",
        format.as_str(),
    )
    .at_path(path)
}
