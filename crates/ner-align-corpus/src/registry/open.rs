//! Opens corpora, and detects their formats.

use std::io::Read;
use std::path::Path;

use super::sniff::{is_spread_object, kind_of_document};
use super::sniffed_reader::SniffedReader;
use crate::formats::jsonl::holds_documents;
use crate::{CorpusError, Format, FormatReader, ReadOptions, Source};

/// Opens a corpus as a stream of documents; `-` is standard input, and a folder is one where its
/// format is kept in folders. [`ReadOptions::labels`] are left to the caller.
///
/// # Errors
/// A file that cannot be opened, or whose format is unknown or has no reader.
pub fn open(
    path: impl AsRef<Path>,
    options: &ReadOptions,
) -> Result<Box<dyn FormatReader>, CorpusError> {
    open_with_format(path, options).map(|(_, reader)| reader)
}

/// As [`open`], with the format.
///
/// # Errors
/// As [`open`].
pub fn open_with_format(
    path: impl AsRef<Path>,
    options: &ReadOptions,
) -> Result<(Format, Box<dyn FormatReader>), CorpusError> {
    let path = path.as_ref();
    if path.is_dir() {
        let format = options.format.map_or_else(|| Format::of_folder(path), Ok)?;
        return Ok((format, super::open_folder(path, options)?));
    }
    let source = Source::open(path, options.encoding)?;
    let format = format_of(&source, options)?;
    let reader = if super::needs_path(format) {
        super::open_path(format, path, options)?
    } else {
        super::open_source(format, source, options)?
    };
    Ok((format, unless_named(format, reader, options)))
}

/// As [`open`], from any source; `name` is its path in messages.
///
/// # Errors
/// As [`open`].
pub fn open_reader<R: Read + Send + 'static>(
    source: R,
    name: &str,
    options: &ReadOptions,
) -> Result<Box<dyn FormatReader>, CorpusError> {
    let source = Source::from_reader(source, name, options.encoding)?;
    let format = format_of(&source, options)?;
    let reader = super::open_source(format, source, options)?;
    Ok(unless_named(format, reader, options))
}

/// The reader of a format that was detected, unless it was named.
fn unless_named(
    format: Format,
    reader: Box<dyn FormatReader>,
    options: &ReadOptions,
) -> Box<dyn FormatReader> {
    match options.format {
        Some(_) => reader,
        None => Box::new(SniffedReader::new(format, reader)),
    }
}

/// The format that was named, or that the source shows.
fn format_of(source: &Source, options: &ReadOptions) -> Result<Format, CorpusError> {
    let head = source.head();
    if let Some(kind) = kind_of_document(head) {
        let error = CorpusError::input("document", "a corpus", kind).at_path(source.name());
        return Err(error.with_hint(
            "`ner-align predict` reads documents; from an address of the web, take the raw file and not its page",
        ));
    }
    if let Some(format) = options.format {
        return Ok(format);
    }
    let unknown = |found: &str| {
        let expected = format!("one of the formats {}", Format::names());
        CorpusError::input("unknown-format", expected, found)
            .at_path(source.name())
            .with_hint("name the format with `format`")
    };
    let valid = std::str::from_utf8(head).map_or_else(|error| error.valid_up_to(), str::len);
    let text = head.get(..valid).and_then(|head| std::str::from_utf8(head).ok());
    let text = text.unwrap_or_default().trim_start_matches('\u{feff}');
    if let Some(error) = crate::text::python::refused(text) {
        return Err(error.at_path(source.name()));
    }
    match Format::sniff(Some(source.inner()), head) {
        // As `config.json` is: no fault of its JSON, and no corpus.
        Some(Format::Jsonl) if is_spread_object(head) && !holds_documents(head) => {
            Err(unknown("one JSON object over several lines")
                .with_hint("jsonl has each document on one line, for example with jq -c ."))
        }
        Some(format) => Ok(format),
        // Column reading says best what is wrong with a file that holds no rows of any kind.
        None if head.iter().all(u8::is_ascii_whitespace) || std::str::from_utf8(head).is_err() => {
            Ok(Format::Conll)
        }
        None => Err(unknown("none of them by content or name")),
    }
}
