//! The place in the source of a fault found in a document in memory.

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
    let same = |finding: &&Finding| {
        let fault = error.span();
        finding.location.document == Some(index)
            && fault.is_some_and(|fault| fault.code == finding.code && fault.pieces == finding.span)
    };
    // A finding of a span says where it is; other faults are about none.
    if let Some(finding) = findings.iter().find(same)
        && finding.location.path.is_some()
        && finding.location.line.is_some()
    {
        return error.at_location(finding.location.clone());
    }
    let first = document.sentences().first();
    let error = match reader.line().or(first.and_then(|sentence| sentence.line)) {
        Some(line) => error.at(line, None),
        None => error,
    };
    error.at_path(name).in_named_document(index, document)
}
