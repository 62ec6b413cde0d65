//! Where documents go, for messages.

use std::fmt::Display;
use std::io::{self, Write};

use ner_align_core::SchemeError;

use crate::CorpusError;

/// The path of what is written, and how many documents are in it.
#[derive(Debug)]
pub(crate) struct Destination {
    pub(crate) name: String,
    pub(crate) documents: usize,
}

impl Destination {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), documents: 0 }
    }

    /// The next document cannot be written.
    pub(crate) fn refuse(
        &self,
        code: &'static str,
        expected: &str,
        found: impl Display,
    ) -> CorpusError {
        CorpusError::input(code, expected, format!("{found} in document {}", self.documents))
            .at_path(&self.name)
            .in_document(self.documents)
    }

    /// The next document has entities for which there are no tags.
    pub(crate) fn untaggable(&self, error: &SchemeError) -> CorpusError {
        self.refuse("untaggable", "entities that tags can hold", error)
            .with_hint("choose a format of spans such as jsonl, or a policy with `on_overlap`")
    }

    /// The target did not take what was written.
    pub(crate) fn failed(&self, error: io::Error) -> CorpusError {
        CorpusError::io(self.name.as_ref(), "a writable target", error)
    }

    /// Writes a whole document at once.
    pub(crate) fn put(
        &mut self,
        target: &mut impl Write,
        document: &[u8],
    ) -> Result<(), CorpusError> {
        target.write_all(document).map_err(|error| self.failed(error))?;
        self.documents += 1;
        Ok(())
    }

    /// What was written leaves this process.
    pub(crate) fn flush(&self, target: &mut impl Write) -> Result<(), CorpusError> {
        target.flush().map_err(|error| self.failed(error))
    }
}
