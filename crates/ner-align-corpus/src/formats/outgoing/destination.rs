//! Where documents go, for messages.

use std::fmt::Display;
use std::io::{self, Write};

use ner_align_core::SchemeError;

use crate::CorpusError;
use crate::text::MAX_LINE_BYTES;

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

    /// Writes a document of a format of lines at once. Lines that its reader would refuse are not written.
    pub(crate) fn put_lines(
        &mut self,
        target: &mut impl Write,
        document: &[u8],
    ) -> Result<(), CorpusError> {
        if document.len() > MAX_LINE_BYTES {
            let longest = document.split(|byte| *byte == b'\n').map(<[u8]>::len).max();
            if let Some(length) = longest.filter(|length| *length > MAX_LINE_BYTES) {
                let expected = format!("lines of at most {} MiB", MAX_LINE_BYTES >> 20);
                let found = format!("one of {} MiB", length.div_ceil(1 << 20));
                return Err(self
                    .refuse("line-too-long", &expected, found)
                    .with_hint("cut the document into several, or choose another format"));
            }
        }
        self.put(target, document)
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
