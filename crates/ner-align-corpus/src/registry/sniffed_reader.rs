//! Readers of a format that was detected from the source, and may be another.

use std::collections::BTreeMap;

use ner_align_core::{CorpusReader, Document, Finding};

use crate::{CorpusError, ErrorKind, Format, FormatReader};

/// Faults of any text, whatever its format.
const OF_ANY_TEXT: [&str; 3] = ["invalid-utf8", "binary", "bare-cr"];

/// A reader that says with a fault before its first document how its format was chosen: who did not
/// mean that format sees nothing but a fault that makes no sense.
pub(crate) struct SniffedReader {
    reader: Box<dyn FormatReader>,
    format: Format,
    /// A document was read: it is that format.
    sure: bool,
}

impl SniffedReader {
    pub(crate) fn new(format: Format, reader: Box<dyn FormatReader>) -> Self {
        Self { reader, format, sure: false }
    }
}

impl CorpusReader for SniffedReader {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        let next = self.reader.read_document();
        let doubtful = !std::mem::replace(&mut self.sure, true);
        next.map_err(|error| if doubtful { hinted(error, self.format) } else { error })
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.reader.take_findings()
    }
}

impl FormatReader for SniffedReader {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.reader.finding_counts()
    }

    fn documents_marked(&self) -> bool {
        self.reader.documents_marked()
    }

    fn line(&self) -> Option<u64> {
        self.reader.line()
    }
}

/// Adds how the format was chosen to a fault of a place in the source.
fn hinted(error: CorpusError, format: Format) -> CorpusError {
    if error.kind() != ErrorKind::Input
        || error.line().is_none()
        || OF_ANY_TEXT.contains(&error.code())
        || error.names_format()
    {
        return error;
    }
    let told =
        format!("it was taken for {format}; if that is wrong, name its format with `format`");
    let hint = match error.hint() {
        Some(hint) => format!("{hint}; {told}"),
        None => told,
    };
    error.with_hint(hint)
}

#[cfg(test)]
mod tests {
    use crate::{Format, ReadOptions, open_reader};

    #[test]
    fn a_fault_at_the_start_says_how_the_format_was_chosen() {
        let columns = Some(Format::Conll);
        for (name, text, format, expected) in [
            ("a.jsonl", "{\"text\": O\n", None, Some("taken for jsonl")),
            ("a.conll", "one\n", None, Some("`tag_column`; it was taken for conll")),
            ("a.conll", "one\n", columns, None),
            ("a.conll", "one\tO\n\ntwo\n", None, None),
            ("a.conll", "\n\n", None, None),
            ("a.conll", "one\tO\rtwo\tO", None, None),
        ] {
            let options = ReadOptions { format, ..ReadOptions::default() };
            let mut reader = open_reader(text.as_bytes(), name, &options).unwrap();
            let error = loop {
                match reader.read_document() {
                    Ok(document) => assert!(document.is_some(), "{text:?}"),
                    Err(error) => break error,
                }
            };
            let hint = error.hint().unwrap_or_default();
            match expected {
                Some(expected) => assert!(hint.contains(expected), "{text:?}: {hint}"),
                None => assert!(!hint.contains("taken for"), "{text:?}: {hint}"),
            }
        }
    }
}
