//! Where predictions go: standard output, a file that can be continued, or a corpus.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::fault::OrFail;
use ner_align_cli::Failure;
use ner_align_core::{CorpusWriter, Document};
use ner_align_corpus::formats::conll::ConllWriter;
use ner_align_corpus::formats::jsonl::{JsonlShape, JsonlWriter};
use ner_align_corpus::{CorpusError, Format, FormatWriter, Unwritable, WriteOptions, create};
use ner_align_pipeline::{OutputIdentity, ResumableOutput};

/// Where results go.
pub(super) enum Sink {
    Stdout(BufWriter<io::Stdout>, Format),
    File(ResumableOutput, Format),
    /// A format that is not appended to.
    Corpus(Box<dyn FormatWriter>),
}

impl Sink {
    pub(super) fn stdout(format: Format) -> Self {
        Self::Stdout(BufWriter::new(io::stdout()), format)
    }

    pub(super) fn file(
        path: &Path,
        format: Format,
        of: &OutputIdentity,
        resume: bool,
    ) -> Result<Self, Failure> {
        Ok(Self::File(ResumableOutput::open(path, of, resume).or_fail()?, format))
    }

    pub(super) fn corpus(
        path: &Path,
        format: Format,
        mark_documents: bool,
    ) -> Result<Self, Failure> {
        Ok(Self::Corpus(create(path, format, &write_options(mark_documents))?))
    }

    /// Documents that an earlier run wrote.
    pub(super) fn documents(&self) -> usize {
        match self {
            Self::Stdout(..) | Self::Corpus(_) => 0,
            Self::File(output, _) => output.documents(),
        }
    }

    /// Writes a chunk; false if nobody reads any more.
    pub(super) fn write(
        &mut self,
        documents: &[Document],
        mark_documents: bool,
    ) -> Result<bool, Failure> {
        match self {
            Self::Corpus(writer) => {
                documents.iter().try_for_each(|document| writer.write_document(document))?;
                Ok(true)
            }
            Self::File(output, format) => {
                let body = body(documents, *format, mark_documents)?;
                output.append(documents.len(), &body).or_fail()?;
                Ok(true)
            }
            Self::Stdout(stdout, format) => {
                let body = body(documents, *format, mark_documents)?;
                match stdout.write_all(&body).and_then(|()| stdout.flush()) {
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
                    Err(error) => Err(stdout_failure(&error)),
                    Ok(()) => Ok(true),
                }
            }
        }
    }

    /// Completes the output.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Stdout(..) => Ok(()),
            Self::Corpus(mut writer) => Ok(writer.finish()?),
            Self::File(output, _) => output.finish().or_fail(),
        }
    }
}

/// The bytes of a chunk, in a format that can be appended to.
fn body(documents: &[Document], format: Format, mark_documents: bool) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let options = write_options(mark_documents);
    if format == Format::Conll {
        let mut writer = ConllWriter::new(&mut bytes, "predictions", (&options).into());
        write_all(&mut writer, documents)?;
    } else {
        let options = options.with_shape(Some(JsonlShape::Entities));
        let mut writer = JsonlWriter::new(&mut bytes, "predictions", (&options).into());
        write_all(&mut writer, documents)?;
    }
    Ok(bytes)
}

fn write_all(
    writer: &mut impl CorpusWriter<Error = CorpusError>,
    documents: &[Document],
) -> Result<(), Failure> {
    documents.iter().try_for_each(|document| writer.write_document(document))?;
    Ok(writer.finish()?)
}

/// How corpora are written. Plain text may hold characters that a format cannot.
fn write_options(mark_documents: bool) -> WriteOptions {
    WriteOptions::default().with_mark_documents(mark_documents).with_unwritable(Unwritable::Replace)
}

fn stdout_failure(error: &io::Error) -> Failure {
    Failure::environment(format!("standard output: {error}"))
}
