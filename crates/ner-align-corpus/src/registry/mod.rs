//! Which reader and which writer belong to each format. A new format is entered here.

mod create;
mod input;
mod open;
mod sniff;
mod sniffed_reader;

use std::path::Path;

use crate::formats::brat::{BratReader, BratWriter};
use crate::formats::conll::{ConllReader, ConllWriter};
use crate::formats::conllu::{ConlluReader, ConlluWriter};
use crate::formats::csv::{CsvReader, CsvWriter};
use crate::formats::docbin::{DocBinFiles, DocBinFolder, DocBinReader, DocBinWriter};
use crate::formats::factrueval::FactRuEvalReader;
use crate::formats::iob_lines::{IobLinesReader, IobLinesWriter};
use crate::formats::jsonl::{JsonlReader, JsonlWriter};
#[cfg(feature = "parquet")]
use crate::formats::parquet::{ParquetReader, ParquetWriter};
use crate::formats::spacy_json::{SpacyJsonReader, SpacyJsonWriter};
use crate::io::SharedTarget;
use crate::{
    CorpusError, ErrorKind, Format, FormatReader, FormatWriter, ReadOptions, Source, WriteOptions,
};

pub use create::create;
pub use input::Input;
pub use open::{open, open_reader, open_with_format};

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
        Format::Conllu => Ok(Box::new(ConlluReader::new(source, options)?)),
        Format::Csv => Ok(Box::new(CsvReader::new(source, options.into())?)),
        Format::DocBin => Ok(Box::new(DocBinReader::new(source, options.into())?)),
        Format::IobLines => Ok(Box::new(IobLinesReader::new(source, options)?)),
        Format::Jsonl => Ok(Box::new(JsonlReader::new(source, options.into())?)),
        #[cfg(feature = "parquet")]
        Format::Parquet => Ok(Box::new(ParquetReader::new(source, options.into())?)),
        Format::SpacyJson => Ok(Box::new(SpacyJsonReader::new(source, options.into()))),
        other => Err(unread(other, source.name())),
    }
}

/// Opens one of the files that make up a document together.
pub(crate) fn open_path(
    format: Format,
    path: &Path,
    options: &ReadOptions,
) -> Result<Box<dyn FormatReader>, CorpusError> {
    match format {
        Format::Brat => Ok(Box::new(BratReader::open(path, options)?)),
        Format::FactRuEval => Ok(Box::new(FactRuEvalReader::open(path, options)?)),
        other => Err(unread(other, path.display())),
    }
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
    match format {
        Format::DocBin => Ok(Box::new(DocBinFolder::open(path, options.into())?)),
        other => open_path(other, path, options),
    }
}

/// A writer of one stream.
pub(crate) fn write_stream(
    format: Format,
    target: SharedTarget,
    name: &str,
    options: &WriteOptions,
) -> Result<Box<dyn FormatWriter>, CorpusError> {
    match format {
        Format::Conll => Ok(Box::new(ConllWriter::new(target, name, options.into()))),
        Format::Conllu => Ok(Box::new(ConlluWriter::new(target, name, options))),
        Format::Csv => Ok(Box::new(CsvWriter::new(target, name, options))),
        Format::DocBin => Ok(Box::new(DocBinWriter::new(target, name, options.into()))),
        Format::IobLines => Ok(Box::new(IobLinesWriter::new(target, name, options))),
        Format::Jsonl => {
            let writer = JsonlWriter::new(target, name, options.into());
            Ok(Box::new(writer.predicted_by(options.predicted_by.clone())))
        }
        #[cfg(feature = "parquet")]
        Format::Parquet => Ok(Box::new(ParquetWriter::new(target, name, options))),
        Format::SpacyJson => Ok(Box::new(SpacyJsonWriter::new(target, name, options.into()))),
        other => Err(unwritten(other, name)),
    }
}

/// A writer that needs the path, of a folder or of what may become one; `None` where the format
/// is one of streams.
pub(crate) fn write_folder(
    format: Format,
    path: &Path,
    options: &WriteOptions,
) -> Result<Option<Box<dyn FormatWriter>>, CorpusError> {
    let packed = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
    Ok(match format {
        Format::Brat => Some(Box::new(BratWriter::create(path)?)),
        Format::DocBin if !packed => Some(Box::new(DocBinFiles::create(path, options.into())?)),
        _ => None,
    })
}

fn unread(format: Format, path: impl std::fmt::Display) -> CorpusError {
    without("unread-format", "a format that is read here", format).at_path(path)
}

fn unwritten(format: Format, path: &str) -> CorpusError {
    without("unwritten-format", "a format that can be written", format).at_path(path)
}

fn without(code: &'static str, expected: &str, format: Format) -> CorpusError {
    let error = CorpusError::new(ErrorKind::Usage, code, expected, format.as_str());
    if format == Format::Parquet {
        return error.with_hint("this was built without the feature `parquet`");
    }
    error
}
