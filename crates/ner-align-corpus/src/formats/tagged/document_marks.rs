//! Lines that bound documents, and blank ones, in the formats of rows.

/// What a line that bounds a document starts with.
pub(crate) const DOCSTART: &str = "-DOCSTART-";

/// The comment that bounds a document in CoNLL-U and its kin.
pub(crate) const NEWDOC: &str = "# newdoc";

/// True if the comment line bounds a document.
pub(crate) fn is_newdoc(line: &str) -> bool {
    line.strip_prefix(NEWDOC).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '=']))
}

/// The document's name in a line that bounds a document: `# newdoc id = X` or `-DOCSTART- (X)`.
pub(crate) fn document_id(line: &str) -> Option<&str> {
    let id = match line.strip_prefix(DOCSTART) {
        Some(rest) => rest.trim().strip_prefix('(')?.strip_suffix(')')?,
        None => line.strip_prefix(NEWDOC)?.trim().strip_prefix("id")?.trim().strip_prefix('=')?,
    };
    Some(id.trim()).filter(|id| !id.is_empty())
}

/// True if the line holds spaces and tabs only.
pub(crate) fn is_blank(line: &str) -> bool {
    line.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | 0x0B | 0x0C))
}
