//! Where predictions go: standard output, a file that can be continued, or a corpus.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::fault::OrFail;
use ner_align_cli::Failure;
use ner_align_corpus::{Format, FormatWriter, WriteOptions, create};
use ner_align_pipeline::{OutputIdentity, ResumableOutput};

use super::lines::{Annotated, Lines};

/// Where results go.
pub(super) enum Sink {
    Stdout(BufWriter<io::Stdout>, Lines),
    File(ResumableOutput, Lines),
    /// A format that is not appended to.
    Corpus(Box<dyn FormatWriter>),
}

impl Sink {
    pub(super) fn stdout(lines: Lines) -> Self {
        Self::Stdout(BufWriter::new(io::stdout()), lines)
    }

    pub(super) fn file(
        path: &Path,
        lines: Lines,
        of: &OutputIdentity,
        resume: bool,
    ) -> Result<Self, Failure> {
        Ok(Self::File(ResumableOutput::open(path, of, resume).or_fail()?, lines))
    }

    pub(super) fn corpus(
        path: &Path,
        format: Format,
        options: &WriteOptions,
    ) -> Result<Self, Failure> {
        Ok(Self::Corpus(create(path, format, options)?))
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
        chunk: &[Annotated],
        mark_documents: bool,
    ) -> Result<bool, Failure> {
        match self {
            Self::Corpus(writer) => {
                chunk.iter().try_for_each(|(document, _)| writer.write_document(document))?;
                Ok(true)
            }
            Self::File(output, lines) => {
                let body = lines.body(chunk, mark_documents)?;
                output.append(chunk.len(), &body).or_fail()?;
                Ok(true)
            }
            Self::Stdout(stdout, lines) => {
                let body = lines.body(chunk, mark_documents)?;
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

fn stdout_failure(error: &io::Error) -> Failure {
    Failure::environment(format!("standard output: {error}"))
}
