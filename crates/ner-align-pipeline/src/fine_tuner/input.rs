//! What may stand for a corpus of a run.

use std::fmt;
use std::path::{Path, PathBuf};

use ner_align_core::{CorpusReader, Document};
use ner_align_corpus::Corpus;

use crate::PipelineError;

/// A reader whose errors are those of the pipeline.
pub(super) type BoxedReader = Box<dyn CorpusReader<Error = PipelineError> + Send>;

/// A corpus: the path of a file or folder of any format, documents in memory, or a reader.
///
/// ```
/// use ner_align_pipeline::Input;
/// let by_path: Input = "train.conll".into();
/// let in_memory: Input = Vec::<ner_align_core::Document>::new().into();
/// # let _ = (by_path, in_memory);
/// ```
pub struct Input(pub(super) Kind);

pub(super) enum Kind {
    Path(PathBuf),
    Documents(Vec<Document>),
    Reader(BoxedReader),
}

impl Input {
    /// A corpus that a reader of the caller's own gives.
    pub fn reader<R: CorpusReader + Send + 'static>(reader: R) -> Self {
        Self(Kind::Reader(Box::new(Adapted(reader))))
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Kind::Documents(documents) => {
                write!(f, "Documents({})", documents.len())
            }
            Kind::Reader(_) => f.write_str("Reader"),
        }
    }
}

impl From<&Path> for Input {
    fn from(path: &Path) -> Self {
        Self(Kind::Path(path.to_owned()))
    }
}

impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Self {
        Self(Kind::Path(path))
    }
}

impl From<&PathBuf> for Input {
    fn from(path: &PathBuf) -> Self {
        Self(Kind::Path(path.clone()))
    }
}

impl From<&str> for Input {
    fn from(path: &str) -> Self {
        Self(Kind::Path(path.into()))
    }
}

impl From<String> for Input {
    fn from(path: String) -> Self {
        Self(Kind::Path(path.into()))
    }
}

impl From<&String> for Input {
    fn from(path: &String) -> Self {
        Self(Kind::Path(path.into()))
    }
}

impl From<Vec<Document>> for Input {
    fn from(documents: Vec<Document>) -> Self {
        Self(Kind::Documents(documents))
    }
}

impl From<Corpus> for Input {
    fn from(corpus: Corpus) -> Self {
        Self(Kind::Documents(corpus.documents))
    }
}

/// A reader of another error type.
struct Adapted<R>(R);

impl<R: CorpusReader> CorpusReader for Adapted<R> {
    type Error = PipelineError;

    fn read_document(&mut self) -> Result<Option<Document>, PipelineError> {
        self.0.read_document().map_err(|error| PipelineError::from_source(Box::new(error)))
    }

    fn take_findings(&mut self) -> Vec<ner_align_core::Finding> {
        self.0.take_findings()
    }
}
