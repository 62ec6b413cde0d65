//! Where a fault of a document in memory lies in what it was read from.

use ner_align_core::{Document, Finding};

use crate::{CorpusError, FormatReader};

/// Gives a fault its place: that of the reader's finding about the same span, which knows the file of
/// a document of several and the line in it; otherwise the document, as far as the reader knows it.
/// `name` is the reader's, and `findings` what it has found.
pub(crate) fn place(
    error: CorpusError,
    document: &Document,
    index: usize,
    reader: &dyn FormatReader,
    name: &str,
    findings: &[Finding],
) -> CorpusError {
    let told = Finding::from(&error);
    let same = |finding: &&Finding| {
        finding.document == Some(index) && span_of(&finding.message) == span_of(&told.message)
    };
    // A finding of a span says where it is; other faults are about none.
    let found = span_of(&told.message).and_then(|_| findings.iter().find(same));
    if let Some(Finding { path: Some(path), line: Some(line), column, .. }) = found {
        return error.in_document(index).at_path(path).at(*line, *column);
    }
    let first = document.sentences().first();
    let error = match reader.line().or(first.and_then(|sentence| sentence.line)) {
        Some(line) => error.at(line, None),
        None => error,
    };
    error.at_path(name).in_named_document(index, document)
}

/// What was expected of a span, and its offsets. Its label may have got another name.
fn span_of(message: &str) -> Option<(&str, &str)> {
    let (expected, found) = message.split_once(", found ")?;
    let (_, offsets) = found.split_once(" at ")?;
    Some((expected, offsets))
}
