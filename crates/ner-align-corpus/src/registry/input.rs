//! Where documents come from: a path, documents in memory, or a reader of one's own.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use ner_align_core::{CorpusReader, Document, Finding};

use super::open_with_format;
use crate::{CorpusError, Format, FormatReader, ReadOptions};

/// Where documents come from: a path, documents in memory, or a reader of one's own.
///
/// Paths and vectors of documents become inputs by themselves wherever an `impl Into<Input>` is
/// asked for; [`Input::reader`] makes one of any [`CorpusReader`].
///
/// ```
/// use ner_align_core::Document;
/// use ner_align_corpus::{Input, convert};
/// let folder = tempfile::tempdir()?;
/// let mut builder = Document::builder();
/// builder.push_word("Oslo");
/// let documents = vec![builder.untagged()];
/// let output = folder.path().join("out.jsonl");
/// assert_eq!(convert(documents, &output).run()?.documents, 1);
/// assert_eq!(convert(&output, folder.path().join("out.conll")).run()?.documents, 1);
/// # Ok::<(), ner_align_corpus::CorpusError>(())
/// # .map_err(|error| Box::<dyn std::error::Error>::from(error))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Input(Kind);

enum Kind {
    Path(PathBuf),
    Reader(String, Box<dyn FormatReader>),
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Self::Reader(name, _) => f.debug_tuple("Reader").field(name).finish_non_exhaustive(),
        }
    }
}

impl Input {
    /// A file or a folder; `-` is standard input.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self(Kind::Path(path.into()))
    }

    /// A reader, which is called `name` in messages. Its errors become [`CorpusError`]s of the code
    /// `reader`, unless they are such already.
    pub fn reader(name: impl Into<String>, reader: impl CorpusReader + Send + 'static) -> Self {
        let name = name.into();
        let reader = CustomReader { reader, name: name.clone(), counts: BTreeMap::new() };
        Self(Kind::Reader(name, Box::new(reader)))
    }

    /// Documents in memory, which are called `name` in messages.
    pub fn documents(name: impl Into<String>, documents: Vec<Document>) -> Self {
        Self::reader(name, Documents(documents.into_iter()))
    }

    /// The path, if it is one.
    #[must_use]
    pub fn as_path(&self) -> Option<&Path> {
        match &self.0 {
            Kind::Path(path) => Some(path),
            Kind::Reader(..) => None,
        }
    }

    /// The path, or the reader's name.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.0 {
            Kind::Path(path) => path.display().to_string(),
            Kind::Reader(name, _) => name.clone(),
        }
    }

    /// A stream of its documents, and its format where it is a path. [`ReadOptions::labels`] are
    /// left to the caller.
    ///
    /// # Errors
    /// As [`open`](crate::open).
    pub fn open(
        self,
        options: &ReadOptions,
    ) -> Result<(Option<Format>, Box<dyn FormatReader>), CorpusError> {
        match self.0 {
            Kind::Path(path) => {
                let (format, reader) = open_with_format(path, options)?;
                Ok((Some(format), reader))
            }
            Kind::Reader(_, reader) => Ok((None, reader)),
        }
    }
}

impl<P: AsRef<Path> + ?Sized> From<&P> for Input {
    fn from(path: &P) -> Self {
        Self::path(path.as_ref())
    }
}

impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Self {
        Self::path(path)
    }
}

impl From<String> for Input {
    fn from(path: String) -> Self {
        Self::path(path)
    }
}

impl From<Vec<Document>> for Input {
    fn from(documents: Vec<Document>) -> Self {
        Self::documents("documents in memory", documents)
    }
}

/// Documents in memory.
struct Documents(std::vec::IntoIter<Document>);

impl CorpusReader for Documents {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        Ok(self.0.next())
    }
}

/// Any reader as one of this crate.
struct CustomReader<R> {
    reader: R,
    name: String,
    counts: BTreeMap<String, usize>,
}

impl<R: CorpusReader> CorpusReader for CustomReader<R> {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        self.reader.read_document().map_err(|error| CorpusError::of_reader(error, &self.name))
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        let findings = self.reader.take_findings();
        for finding in &findings {
            *self.counts.entry(finding.code.clone()).or_default() += 1;
        }
        findings
    }

    fn would_wait(&self) -> bool {
        self.reader.would_wait()
    }
}

impl<R: CorpusReader + Send> FormatReader for CustomReader<R> {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        &self.counts
    }

    fn documents_marked(&self) -> bool {
        true
    }
}
