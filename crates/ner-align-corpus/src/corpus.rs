//! Whole corpora: opened by name, their format told from what they hold.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use ner_align_core::{CorpusReader, Document, Finding, Scheme};

use crate::conll::Delimiter;
use crate::csv::CsvColumns;
use crate::guessed::Guessed;
use crate::{
    CorpusError, DEFAULT_MAX_FINDINGS, Encoding, Format, LabelMap, LabelTally, Source, registry,
};

/// A reader of this crate: its errors have a place, and it counts what it found.
pub trait FormatReader: CorpusReader<Error = CorpusError> {
    /// How many findings there were so far of each code, those not kept included.
    fn finding_counts(&self) -> &BTreeMap<String, usize>;

    /// True if the source itself says where its documents end, as far as it has been read.
    fn documents_marked(&self) -> bool;

    /// The line on which the document read last starts, where its sentences have no line of their
    /// own.
    fn line(&self) -> Option<u64> {
        None
    }
}

/// How a corpus is read. Options of one format mean nothing to the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// The format; `None`: told from content and name.
    pub format: Option<Format>,
    /// The scheme of the tags; `None`: told from the tags.
    pub scheme: Option<Scheme>,
    /// Where no document is marked, this many sentences make one; 0: all of them.
    pub sentences_per_document: usize,
    /// Entity types to rename and to drop.
    pub labels: LabelMap,
    /// Findings kept of each file; those beyond are only counted.
    pub max_findings: usize,
    /// What parts the columns of `conll` and of `csv`.
    pub delimiter: Delimiter,
    /// The column of the word in `conll`, from 0; negative counts from the end.
    pub token_column: Option<i64>,
    /// The column of the tag in `conll`, from 0; negative counts from the end.
    pub tag_column: Option<i64>,
    /// The names of the columns of `csv`.
    pub columns: CsvColumns,
    /// The names of tags that `jsonl` and `parquet` give as numbers, from 0.
    pub tag_names: Option<Vec<String>>,
    /// The encoding of text formats.
    pub encoding: Encoding,
    /// Make tokens of white space in `docbin` and `spacy-json`, which have no other way to write
    /// it, text between words again.
    pub fold_white_space: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            format: None,
            scheme: None,
            sentences_per_document: 1,
            labels: LabelMap::default(),
            max_findings: DEFAULT_MAX_FINDINGS,
            delimiter: Delimiter::Auto,
            token_column: None,
            tag_column: None,
            columns: CsvColumns::default(),
            tag_names: None,
            encoding: Encoding::Utf8,
            fold_white_space: false,
        }
    }
}

/// Documents in memory, with what was found while reading them.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    /// The documents in the order of the files.
    pub documents: Vec<Document>,
    /// What was read in another way than it was written.
    pub findings: Vec<Finding>,
    /// How many findings there were of each code, those not kept included.
    pub finding_counts: BTreeMap<String, usize>,
    /// True if a file itself says where its documents end.
    pub documents_marked: bool,
    /// The formats of the files, each once.
    pub formats: BTreeSet<Format>,
    /// What renaming and dropping of labels came to.
    pub labels: LabelTally,
}

/// Opens a corpus as a stream of documents; `-` is standard input, and a folder is one where its
/// format is kept in folders. [`ReadOptions::labels`] are left to the caller.
///
/// # Errors
/// A file that cannot be opened, or whose format cannot be told or is not read.
pub fn open(path: &Path, options: &ReadOptions) -> Result<Box<dyn FormatReader>, CorpusError> {
    open_told(path, options).map(|(_, reader)| reader)
}

/// As [`open`], with the format.
pub(crate) fn open_told(
    path: &Path,
    options: &ReadOptions,
) -> Result<(Format, Box<dyn FormatReader>), CorpusError> {
    if path.is_dir() {
        let format = options.format.map_or_else(|| Format::of_folder(path), Ok)?;
        return Ok((format, registry::open_folder(path, options)?));
    }
    let source = Source::open(path, options.encoding)?;
    let format = format_of(&source, options)?;
    let reader = if registry::needs_path(format) {
        registry::open_path(format, path, options)?
    } else {
        registry::open_source(format, source, options)?
    };
    Ok((format, unless_named(format, reader, options)))
}

/// As [`open`], from any source; `name` is its path in messages.
///
/// # Errors
/// As [`open`].
pub fn open_reader<R: Read + 'static>(
    source: R,
    name: &str,
    options: &ReadOptions,
) -> Result<Box<dyn FormatReader>, CorpusError> {
    let source = Source::from_reader(source, name, options.encoding)?;
    let format = format_of(&source, options)?;
    let reader = registry::open_source(format, source, options)?;
    Ok(unless_named(format, reader, options))
}

/// The reader of a format that was told from the source, unless it was named.
fn unless_named(
    format: Format,
    reader: Box<dyn FormatReader>,
    options: &ReadOptions,
) -> Box<dyn FormatReader> {
    match options.format {
        Some(_) => reader,
        None => Box::new(Guessed::new(format, reader)),
    }
}

/// The format that was named, or that the source shows.
fn format_of(source: &Source, options: &ReadOptions) -> Result<Format, CorpusError> {
    if let Some(format) = options.format {
        return Ok(format);
    }
    let head = source.head();
    match Format::sniff(Some(source.inner()), head) {
        Some(format) => Ok(format),
        // Column reading says best what is wrong with a file that holds no rows of any kind.
        None if head.iter().all(u8::is_ascii_whitespace) || std::str::from_utf8(head).is_err() => {
            Ok(Format::Conll)
        }
        None => Err(CorpusError::input(
            "unknown-format",
            format!("one of the formats {}", Format::names()),
            "none of them by content or name",
        )
        .at_path(source.name())
        .with_hint("name the format with --from")),
    }
}

/// Reads a whole corpus into memory; `-` is standard input.
///
/// # Errors
/// As [`open`], and input that is not what its format says.
pub fn read_path(path: &Path, options: &ReadOptions) -> Result<Corpus, CorpusError> {
    read_paths(&[path], options)
}

/// Reads several files, of one format or several, into one corpus.
///
/// # Errors
/// As [`read_path`], at the first file that cannot be read.
pub fn read_paths<P: AsRef<Path>>(
    paths: &[P],
    options: &ReadOptions,
) -> Result<Corpus, CorpusError> {
    let mut corpus = Corpus::default();
    for path in paths {
        let path = path.as_ref();
        let (format, mut reader) = open_told(path, options)?;
        corpus.formats.insert(format);
        while let Some(mut document) = reader.read_document()? {
            options.labels.apply_and_count(&mut document, &mut corpus.labels).map_err(|error| {
                CorpusError::input(
                    "document",
                    "a document that labels can be mapped in",
                    error.to_string(),
                )
                .at_path(path.display())
            })?;
            corpus.documents.push(document);
        }
        corpus.findings.extend(reader.take_findings());
        for (code, count) in reader.finding_counts() {
            *corpus.finding_counts.entry(code.clone()).or_default() += count;
        }
        corpus.documents_marked |= reader.documents_marked();
    }
    if let Some(finding) = corpus.labels.unused(&options.labels) {
        *corpus.finding_counts.entry(finding.code.clone()).or_default() += 1;
        corpus.findings.push(finding);
    }
    Ok(corpus)
}
